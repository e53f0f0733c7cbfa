"""Whether a press was a person's, judged by the visits that were kept.

Machines that look after mail open links, and some press buttons: at once when the letter arrives, or after opening
every link within a moment. Their presses are kept and shown, but not counted.
"""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

# Nobody reads a letter, opens a page and presses a button within this time of the letter's leaving.
TOO_SOON_WITHIN = timedelta(seconds=10)
# A person does not open three links within this time …
ALL_LINKS_WITHIN = timedelta(seconds=3)
# … and if these openings lie further back than this, the press is a matter of its own.
JUST_BEFORE = timedelta(seconds=30)

TOO_SOON = "too_soon"
ALL_LINKS = "all_links"


@dataclass(frozen=True, slots=True)
class Seen:
    """One visit: when, with which answer in the link ("" for none), and by whom (a fingerprint)."""

    at: datetime
    hint: str
    fingerprint: str


def judge(
    visits: Sequence[Seen],
    sent_at: datetime,
    pressed_at: datetime,
    *,
    fingerprint: str,
    answers: Collection[str] = ("yes", "partly", "no"),
) -> list[str]:
    """Return the doubts about a press by the visitor with this fingerprint; none means that it counts."""
    doubts = []
    if pressed_at < sent_at + TOO_SOON_WITHIN:
        doubts.append(TOO_SOON)
    opened = sorted(
        (visit.at, visit.hint)
        for visit in visits
        if visit.fingerprint == fingerprint
        and visit.hint in answers
        and pressed_at - JUST_BEFORE <= visit.at <= pressed_at
    )
    for first, _hint in opened:
        together = {hint for at, hint in opened if first <= at <= first + ALL_LINKS_WITHIN}
        if together.issuperset(answers):
            doubts.append(ALL_LINKS)
            break
    return doubts


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
    return str(ip_network(f"{known}/{24 if known.version == 4 else 48}", strict=False))
