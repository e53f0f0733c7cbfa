"""Pure parts: tokens, and the judgement of a press."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.enums import Doubt
from feedback.evidence import ALL_LINKS, TOO_SOON, Seen, fingerprint_of, judge
from feedback.tokens import hash_of, mint

SENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = SENT + timedelta(hours=1)


def opened(*moments: tuple[float, str, str]) -> list[Seen]:
    """Visits by seconds before the press at LATER, hint and visitor."""
    return [Seen(LATER - timedelta(seconds=ago), hint, who) for ago, hint, who in moments]


def test_tokens_are_long_random_and_fit_in_a_link() -> None:
    tokens = {mint() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(token) * 6 >= 160 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)
    assert len(hash_of(tokens.pop())) == 32


@pytest.mark.parametrize("rubbish", ["", "\x00", "\ud800", "ü" * 200, "a/b", "'; DROP TABLE", "😀"])
def test_any_text_has_a_hash(rubbish: str) -> None:
    assert len(hash_of(rubbish)) == 32


def test_the_doubts_are_those_of_the_record() -> None:
    assert {TOO_SOON, ALL_LINKS} == set(Doubt.values)


@pytest.mark.parametrize(
    ("after", "doubts"), [(-5.0, [TOO_SOON]), (0.5, [TOO_SOON]), (9.9, [TOO_SOON]), (10.0, []), (3600.0, [])]
)
def test_nobody_presses_within_ten_seconds(after: float, doubts: list[str]) -> None:
    assert judge([], SENT, SENT + timedelta(seconds=after), fingerprint="a") == doubts


@pytest.mark.parametrize(
    ("visits", "is_doubtful"),
    [
        (opened((2, "yes", "a"), (1.5, "partly", "a"), (1, "no", "a")), True),
        (opened((8, "yes", "a"), (6.5, "partly", "a"), (5, "no", "a")), True),
        (opened((20, "yes", "a"), (9, "yes", "a"), (8, "partly", "a"), (7, "no", "a")), True),
        # slower than a machine
        (opened((12, "yes", "a"), (8, "partly", "a"), (5, "no", "a")), False),
        # not all of them
        (opened((2, "yes", "a"), (1.5, "yes", "a"), (1, "no", "a")), False),
        # no answer in the link
        (opened((2, "yes", "a"), (1.5, "", "a"), (1, "no", "a")), False),
        # by somebody else: the scanner came, then the person
        (opened((2, "yes", "b"), (1.5, "partly", "b"), (1, "no", "b")), False),
        (opened((2, "yes", "a"), (1.5, "partly", "b"), (1, "no", "a")), False),
        # long before
        (opened((62, "yes", "a"), (61.5, "partly", "a"), (61, "no", "a")), False),
        # afterwards
        (opened((2, "yes", "a"), (1.5, "partly", "a"), (-1, "no", "a")), False),
    ],
)
def test_who_opens_every_link_at_once_is_no_person(visits: list[Seen], is_doubtful: bool) -> None:
    assert judge(visits, SENT, LATER, fingerprint="a") == ([ALL_LINKS] if is_doubtful else [])


def test_both_doubts_may_stand() -> None:
    at = SENT + timedelta(seconds=5)
    visits = [Seen(at, hint, "a") for hint in ("yes", "partly", "no")]
    assert judge(visits, SENT, at, fingerprint="a") == [TOO_SOON, ALL_LINKS]


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
