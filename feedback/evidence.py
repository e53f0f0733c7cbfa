"""Whether a press was a person's, judged by the visits that were kept.

Machines that look after mail open links, and some press buttons: at once when the letter arrives, after opening every
link within a moment, or minutes later. What they press is kept and shown, but not counted.

A person must always get through, even from behind the same address and with the same browser as a machine. So a doubt
is never the end: whoever is doubted is shown the page once more, this time with no answer chosen. Who chooses there
*by hand*, at a person's pace, is believed whatever the machines around them did; programs press buttons and do not
choose.
"""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

# Nobody reads a letter, opens a page and presses a button within this time of the letter's leaving.
TOO_SOON_WITHIN = timedelta(seconds=10)
# A person does not open three links within this time.
ALL_LINKS_WITHIN = timedelta(seconds=10)
# What a visitor did this long before a press still speaks about the press: some machines wait for minutes …
REMEMBERED = timedelta(minutes=15)
# … and some press first and open the other links then, which shows at a second look.
AFTERWARDS = timedelta(minutes=2)
# A press this soon after the page was opened is a program's if the same visitor opened more than one link.
TOO_QUICK_WITHIN = timedelta(seconds=1)
# Between seeing the page once more and choosing by hand lies at least and at most this.
BY_HAND_AFTER = timedelta(seconds=1)
BY_HAND_WITHIN = timedelta(hours=1)

TOO_SOON = "too_soon"
ALL_LINKS = "all_links"
DECOY = "decoy"
NOT_SEEN = "not_seen"
TOO_QUICK = "too_quick"

COUNTED = "counted"
DOUBTFUL = "doubtful"
CONFLICTING = "conflicting"

ELSEWHERE = "elsewhere"
LATE = "late"


@dataclass(frozen=True, slots=True)
class Seen:
    """One opening of a link (GET or HEAD).

    When, with which answer in the link ("" for none), by whom (a fingerprint), how, whether it was the decoy, and
    whether it was the page that asks once more, with no answer chosen.
    """

    at: datetime
    hint: str
    fingerprint: str
    method: str = "GET"
    is_decoy: bool = False
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class Press:
    """A press of our button: when, which answer, by whom (a fingerprint; "" where that is not known)."""

    at: datetime
    enjoyed: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer that counts by now: what it says, who gave it ("" where not known), whether it may be changed."""

    enjoyed: str
    fingerprint: str
    can_change: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a press is: counted, doubtful for some reasons, or conflicting (elsewhere or late)."""

    kind: str
    doubts: tuple[str, ...] = ()
    conflict: str = ""


def judge(
    press: Press,
    *,
    left_at: datetime,
    visits: Sequence[Seen],
    standing: Standing | None = None,
    answers: Collection[str] = ("yes", "partly", "no"),
) -> Verdict:
    """Judge a press by the visits to the links of its letter, in any order, of which some may be later than the press.

    `left_at` is when the letter left. A press that says what stands already is counted; one that says something else
    is counted while the same visitor may change it, and is a conflict otherwise.
    """
    doubts = _doubts(press, left_at, visits, answers)
    if doubts:
        return Verdict(DOUBTFUL, doubts)
    if standing is None or standing.enjoyed == press.enjoyed:
        return Verdict(COUNTED)
    if standing.fingerprint and press.fingerprint and standing.fingerprint != press.fingerprint:
        return Verdict(CONFLICTING, conflict=ELSEWHERE)
    return Verdict(COUNTED) if standing.can_change else Verdict(CONFLICTING, conflict=LATE)


def _doubts(press: Press, left_at: datetime, visits: Sequence[Seen], answers: Collection[str]) -> tuple[str, ...]:
    found = {TOO_SOON} if press.at < left_at + TOO_SOON_WITHIN else set()
    if press.fingerprint:
        near = [one for one in visits if press.at - REMEMBERED <= one.at <= press.at + AFTERWARDS]
        mine = [one for one in near if one.fingerprint == press.fingerprint]
        # Of two at the same moment the page that asks once more is the later one: a person must get through.
        pages = sorted(filter(_is_page, visits), key=lambda one: (one.at, one.is_again))
        pages = [one for one in pages if one.at <= press.at]
        my_pages = [one for one in pages if one.fingerprint == press.fingerprint]
        if not _is_chosen_by_hand(press, my_pages or pages):
            signs = {
                ALL_LINKS: _opened_all(press.fingerprint, near, answers),
                DECOY: any(one.is_decoy for one in mine),
                NOT_SEEN: not my_pages,
                TOO_QUICK: _is_too_quick(press, my_pages, mine),
            }
            found |= {doubt for doubt, holds in signs.items() if holds}
    return tuple(doubt for doubt in (TOO_SOON, ALL_LINKS, DECOY, NOT_SEEN, TOO_QUICK) if doubt in found)


def _is_page(visit: Seen) -> bool:
    # A doubted press may be answered with the page that asks once more: then it is a sight of that page too.
    return (visit.method == "GET" or visit.is_again) and not visit.is_decoy


def _is_chosen_by_hand(press: Press, pages: Sequence[Seen]) -> bool:
    """Say whether the page that the press came from had asked once more.

    It is the last page of this visitor; where somebody's address changes from one request to the next, the last page
    of anybody's.
    """
    if not pages or not pages[-1].is_again:
        return False
    return BY_HAND_AFTER <= press.at - pages[-1].at <= BY_HAND_WITHIN


def _opened_all(fingerprint: str, visits: Sequence[Seen], answers: Collection[str]) -> bool:
    """Say whether the visitor took part in opening the links of all answers at once.

    Some machines send every link to another address. Who opens one link while a machine opens all is not one of them.
    """
    opened = [one for one in visits if one.hint in answers and not one.is_decoy]
    for first in opened:
        mine: set[str] = set()
        others: set[str] = set()
        others_near: set[str] = set()
        for one in opened:
            after = one.at - first.at
            if abs(after) <= ALL_LINKS_WITHIN and one.fingerprint != fingerprint:
                others_near.add(one.hint)
            if timedelta(0) <= after <= ALL_LINKS_WITHIN:
                (mine if one.fingerprint == fingerprint else others).add(one.hint)
        is_alone = mine.issuperset(answers)
        if is_alone or ((mine | others).issuperset(answers) and not others_near.issuperset(answers)):
            return True
    return False


def _is_too_quick(press: Press, my_pages: Sequence[Seen], mine: Sequence[Seen]) -> bool:
    opened = {one.hint for one in mine if one.at <= press.at and one.hint}
    is_program = len(opened) > 1 or any(one.method == "HEAD" for one in mine)
    return is_program and bool(my_pages) and press.at - my_pages[-1].at < TOO_QUICK_WITHIN


def fingerprint_of(*, key: bytes, agent: str, address: str, invitation_id: int) -> str:
    """Return 16 hex digits that tell two visitors of one invitation apart and lead back to neither.

    Keyed, cut to 64 bits, made from the browser's name and the network (/24, /48), and different for each invitation.
    """
    words = "\n".join((str(invitation_id), _network(address), agent))
    return hmac.new(key, words.encode(errors="replace"), hashlib.sha256).hexdigest()[:16]


def _network(address: str) -> str:
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    if known.version == 6 and known.ipv4_mapped:
        known = known.ipv4_mapped
    kept = 24 if known.version == 4 else 48
    rest = known.max_prefixlen - kept
    return f"{type(known)(int(known) >> rest << rest)}/{kept}"
