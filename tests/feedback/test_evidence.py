"""Pure parts: tokens, and the judgement of a press."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from customers.tokens import hash_of, mint
from feedback.enums import Conflict, Doubt, Outcome
from feedback.evidence import (
    ALL_LINKS,
    CONFLICTING,
    COUNTED,
    DECOY,
    DOUBTFUL,
    ELSEWHERE,
    LATE,
    NOT_SEEN,
    TOO_QUICK,
    TOO_SOON,
    Press,
    Seen,
    Standing,
    Verdict,
    fingerprint_of,
    judge,
)
from feedback.services.answers import Pressed

SENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = SENT + timedelta(hours=1)
ANSWERS = ("yes", "partly", "no")


def opened(*moments: tuple[float, str, str], **more: Any) -> list[Seen]:
    """Visits by seconds before the press at LATER, hint and visitor."""
    return [Seen(LATER - timedelta(seconds=ago), hint, who, **more) for ago, hint, who in moments]


def doubts(visits: list[Seen], *, at: datetime = LATER, who: str = "a") -> list[str]:
    """What speaks against a press by a visitor who opened the page half a minute before."""
    page = Seen(at - timedelta(seconds=30), "", who)
    return list(judge(Press(at, "yes", who), left_at=SENT, visits=[*visits, page]).doubts)


def test_tokens_are_long_random_and_fit_in_a_link() -> None:
    tokens = {mint() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(token) * 6 >= 160 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)
    assert len(hash_of(tokens.pop())) == 32


@pytest.mark.parametrize("rubbish", ["", "\x00", "\ud800", "ü" * 200, "a/b", "'; DROP TABLE", "😀"])
def test_any_text_has_a_hash(rubbish: str) -> None:
    assert len(hash_of(rubbish)) == 32


def test_the_words_are_those_of_the_record() -> None:
    assert {TOO_SOON, ALL_LINKS, DECOY, NOT_SEEN, TOO_QUICK} == set(Doubt.values)
    assert {ELSEWHERE, LATE} == set(Conflict.values)
    assert {pressed.value for pressed in Pressed} == set(Outcome.values)


@pytest.mark.parametrize(
    ("after", "found"), [(-5.0, [TOO_SOON]), (0.5, [TOO_SOON]), (9.9, [TOO_SOON]), (10.0, []), (3600.0, [])]
)
def test_nobody_presses_within_ten_seconds(after: float, found: list[str]) -> None:
    assert doubts([], at=SENT + timedelta(seconds=after)) == found


@pytest.mark.parametrize(
    ("visits", "is_doubtful"),
    [
        (opened((12, "yes", "a"), (11.5, "partly", "a"), (11, "no", "a")), True),
        (opened((28, "yes", "a"), (24, "partly", "a"), (19, "no", "a")), True),
        (opened((60, "yes", "a"), (19, "yes", "a"), (18, "partly", "a"), (17, "no", "a")), True),
        # minutes before
        (opened((600, "yes", "a"), (599, "partly", "a"), (598, "no", "a")), True),
        # afterwards, seen at a second look
        (opened((20, "yes", "a"), (-3, "partly", "a"), (-6, "no", "a")), False),
        (opened((2, "yes", "a"), (-3, "partly", "a"), (-6, "no", "a")), True),
        # each link from another address
        (opened((12, "yes", "a"), (11.5, "partly", "b"), (11, "no", "c")), True),
        # two machines, each of which opened them all
        (opened(*((12 - n, hint, who) for n, hint in enumerate(ANSWERS) for who in "ab")), True),
        # slower than a machine
        (opened((60, "yes", "a"), (50, "partly", "a"), (45, "no", "a")), False),
        # not all of them
        (opened((12, "yes", "a"), (11.5, "yes", "a"), (11, "no", "a")), False),
        # no answer in the link
        (opened((12, "yes", "a"), (11.5, "", "a"), (11, "no", "a")), False),
        # by somebody else, while or before the person came
        (opened((12, "yes", "b"), (11.5, "partly", "b"), (11, "no", "b")), False),
        (opened((12, "yes", "b"), (11.7, "yes", "a"), (11.5, "partly", "b"), (11, "no", "b")), False),
        # long before
        (opened((962, "yes", "a"), (961.5, "partly", "a"), (961, "no", "a")), False),
    ],
)
def test_who_opens_every_link_at_once_is_no_person(visits: list[Seen], is_doubtful: bool) -> None:
    assert doubts(visits) == ([ALL_LINKS] if is_doubtful else [])


@pytest.mark.parametrize(
    ("visits", "is_doubtful"),
    [
        (opened((60, "", "a"), is_decoy=True), True),
        (opened((880, "", "a"), is_decoy=True), True),
        (opened((-60, "", "a"), is_decoy=True), True),
        (opened((60, "", "b"), is_decoy=True), False),
        (opened((920, "", "a"), is_decoy=True), False),
        (opened((-130, "", "a"), is_decoy=True), False),
    ],
)
def test_who_opened_the_decoy_is_no_person(visits: list[Seen], is_doubtful: bool) -> None:
    assert doubts(visits) == ([DECOY] if is_doubtful else [])


@pytest.mark.parametrize(
    ("visits", "found"),
    [
        ([], [NOT_SEEN]),
        (opened((5, "yes", "b")), [NOT_SEEN]),
        (opened((5, "yes", "a"), method="HEAD"), [NOT_SEEN]),
        (opened((5, "yes", "a"), is_decoy=True), [DECOY, NOT_SEEN]),
        (opened((-1, "yes", "a")), [NOT_SEEN]),
        (opened((5, "yes", "a")), []),
        (opened((500_000, "yes", "a")), []),
        (opened((0.1, "yes", "a")), []),
        # what programs do before they press
        (opened((3, "no", "a"), (0.5, "yes", "a")), [TOO_QUICK]),
        ([*opened((0.6, "yes", "a"), method="HEAD"), *opened((0.5, "yes", "a"))], [TOO_QUICK]),
        (opened((3, "no", "a"), (1.5, "yes", "a")), []),
    ],
)
def test_a_press_follows_a_look_at_the_page(visits: list[Seen], found: list[str]) -> None:
    assert list(judge(Press(LATER, "yes", "a"), left_at=SENT, visits=visits).doubts) == found


@pytest.mark.parametrize(
    ("standing", "verdict"),
    [
        (None, Verdict(COUNTED)),
        (Standing("yes", "a", True), Verdict(COUNTED)),
        (Standing("yes", "b", False), Verdict(COUNTED)),
        (Standing("no", "a", True), Verdict(COUNTED)),
        (Standing("no", "", True), Verdict(COUNTED)),
        (Standing("no", "a", False), Verdict(CONFLICTING, conflict=LATE)),
        (Standing("no", "b", True), Verdict(CONFLICTING, conflict=ELSEWHERE)),
        (Standing("no", "b", False), Verdict(CONFLICTING, conflict=ELSEWHERE)),
    ],
)
def test_what_stands_is_changed_by_who_gave_it_and_within_its_day(standing: Standing | None, verdict: Verdict) -> None:
    seen = opened((5, "yes", "a"))
    assert judge(Press(LATER, "yes", "a"), left_at=SENT, visits=seen, standing=standing) == verdict
    doubtful = judge(Press(SENT, "yes", "a"), left_at=SENT, visits=[Seen(SENT, "", "a")], standing=standing)
    assert doubtful.kind == DOUBTFUL, "a doubtful press conflicts with nothing"


VISITS = st.lists(
    st.builds(
        Seen,
        at=st.floats(-7200, 7200).map(lambda ago: LATER - timedelta(seconds=ago)),
        hint=st.sampled_from(["", *ANSWERS]),
        fingerprint=st.sampled_from(["a", "b", "c"]),
        method=st.sampled_from(["GET", "HEAD"]),
        is_decoy=st.booleans(),
        is_again=st.booleans(),
    ),
    max_size=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VISITS, st.floats(1, 3600))
def test_whatever_machines_do_who_chooses_by_hand_is_believed(visits: list[Seen], ago: float) -> None:
    again = Seen(LATER - timedelta(seconds=ago), "", "a", is_again=True)
    since = [one for one in visits if one.fingerprint == "a" and again.at < one.at <= LATER]
    known = [one for one in visits if one not in since]
    assert judge(Press(LATER, "yes", "a"), left_at=SENT, visits=[*known, again]).kind == COUNTED


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VISITS, st.floats(2, 3600))
def test_somebody_else_than_the_machine_is_never_doubted(visits: list[Seen], ago: float) -> None:
    """Each machine here does all by itself: what a visitor did not open cannot speak against them."""
    alone = [replace(one, fingerprint="b", hint="" if one.hint == "partly" else one.hint) for one in visits]
    page = Seen(LATER - timedelta(seconds=ago), "yes", "a")
    assert judge(Press(LATER, "yes", "a"), left_at=SENT, visits=[*alone, page]).kind == COUNTED


TWO_AT_ONCE = [Seen(SENT + timedelta(seconds=50), "yes", "a", is_again=is_again) for is_again in (True, False)]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VISITS, st.sampled_from(["", "a", "b"]), st.floats(-60, 7200))
@example([*TWO_AT_ONCE, Seen(TWO_AT_ONCE[0].at, "no", "a", is_decoy=True)], "a", 60)
def test_the_judgement_knows_no_order_and_no_date(visits: list[Seen], who: str, after: float) -> None:
    press = Press(SENT + timedelta(seconds=after), "no", who)
    found = judge(press, left_at=SENT, visits=visits)
    assert judge(press, left_at=SENT, visits=visits[::-1]) == found
    years = timedelta(days=1000)
    moved = [replace(one, at=one.at + years) for one in visits]
    assert judge(replace(press, at=press.at + years), left_at=SENT + years, visits=moved) == found
    assert (found.kind == DOUBTFUL) == bool(found.doubts)
    assert set(found.doubts) <= set(Doubt.values)


def fingerprint(address: str = "192.0.2.7", agent: str = "Browser", invitation_id: int = 1, key: bytes = b"k") -> str:
    return fingerprint_of(key=key, agent=agent, address=address, invitation_id=invitation_id)


def test_a_fingerprint_tells_visitors_apart_and_no_more() -> None:
    one = fingerprint()
    assert len(one) == 16
    assert int(one, 16) >= 0
    assert fingerprint("192.0.2.250") == fingerprint("::ffff:192.0.2.1") == one, "the network, not the address"
    assert fingerprint("2001:db8:1:2::7") == fingerprint("2001:db8:1:ffff::1")
    others = {
        fingerprint("192.0.3.7"),
        fingerprint(agent="Other"),
        fingerprint(invitation_id=2),
        fingerprint(key=b"other"),
        fingerprint("not an address \ud800"),
        fingerprint("2001:db8:1::1"),
    }
    assert len(others | {one}) == 7
