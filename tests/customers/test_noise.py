"""The noise index: a sum reckoned by hand, and what must hold whatever the troubles are."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.noise import Level, Weights, decayed, index, level_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HALF = 30.0
troubles = st.lists(
    st.tuples(
        st.floats(0, 20, allow_nan=False),
        st.integers(0, 400 * 86_400).map(lambda seconds: NOW - timedelta(seconds=seconds)),
    ),
    max_size=20,
)
half_lives = st.floats(1, 3650)
spans = st.integers(0, 4000 * 86_400).map(lambda seconds: timedelta(seconds=seconds))


def test_reckoned_by_hand() -> None:
    """4 × 1 + 2 × ½ + 3 × ¼ = 5.75: of today, of one half-life ago, of two."""
    days = [(4.0, 0), (2.0, 30), (3.0, 60)]
    told = [(weight, NOW - timedelta(days=ago)) for weight, ago in days]
    assert index(told, now=NOW, half_life_days=HALF) == pytest.approx(5.75)
    assert decayed(8, NOW - timedelta(days=15), now=NOW, half_life_days=HALF) == pytest.approx(8 / 2**0.5)
    assert index([], now=NOW, half_life_days=HALF) == 0


@given(troubles, half_lives, spans)
def test_never_rises_with_time_alone(told: list[tuple[float, datetime]], half_life: float, later: timedelta) -> None:
    before = index(told, now=NOW, half_life_days=half_life)
    assert index(told, now=NOW + later, half_life_days=half_life) <= before


@given(troubles, st.integers(1, 3650))
def test_falls_by_half_in_one_half_life(told: list[tuple[float, datetime]], days: int) -> None:
    before = index(told, now=NOW, half_life_days=days)
    after = index(told, now=NOW + timedelta(days=days), half_life_days=days)
    assert after == pytest.approx(before / 2, rel=1e-9, abs=1e-12)


@given(troubles, troubles, half_lives)
def test_more_trouble_never_lowers_it(
    told: list[tuple[float, datetime]], more: list[tuple[float, datetime]], half_life: float
) -> None:
    before = index(told, now=NOW, half_life_days=half_life)
    after = index([*told, *more], now=NOW, half_life_days=half_life)
    assert after >= before
    assert level_of(after).value >= level_of(before).value


@given(spans, spans)
def test_what_is_worse_never_weighs_less(one: timedelta, other: timedelta) -> None:
    weights, (less, more) = Weights(), sorted((one, other))
    assert weights.promise_kept(less) <= weights.promise_kept(more) <= weights.promise
    assert weights.waited(less) <= weights.waited(more) <= weights.wait


def test_weights_of_each_kind() -> None:
    weights = Weights()
    assert [weights.incident(severity) for severity in (1, 2, 3)] == [1, 2, 4]
    assert weights.promise_kept(timedelta(hours=24)) == 1.5
    assert weights.promise_kept(timedelta(hours=-1)) == 0
    assert [weights.answer(is_no=is_no) for is_no in (True, False)] == [3, 1.5]
    assert [weights.waited(timedelta(minutes=length)) for length in (4, 5, 10, 20, 90)] == [0, 0.5, 1, 2, 2]


def test_a_clock_that_is_ahead_counts_as_now() -> None:
    assert decayed(2, NOW + timedelta(hours=1), now=NOW, half_life_days=HALF) == 2
    with pytest.raises(ValueError, match="half-life"):
        decayed(2, NOW, now=NOW, half_life_days=0)


@pytest.mark.parametrize(
    ("noise", "level"),
    [
        (0, Level.NOTHING),
        (0.24, Level.NOTHING),
        (0.25, Level.LITTLE),
        (2, Level.SOME),
        (4, Level.MUCH),
        (7.99, Level.MUCH),
        (8, Level.VERY_MUCH),
        (900, Level.VERY_MUCH),
    ],
)
def test_the_word_for_it(noise: float, level: Level) -> None:
    assert level_of(noise) == level
