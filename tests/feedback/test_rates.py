"""The arithmetic behind what we hear: intervals, weights, and rates that are fair to compare."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback import rates
from feedback.rates import Cell, Fair, Tally, fair_rates, raw_rate, response_weights, weighted_rate

ALL: Cell = ("guest", "desk", "phone")


def tally(asked: int, yes: int = 0, partly: int = 0, no: int = 0) -> Tally:
    """A tally in which everybody had the chance 1 of being asked."""
    return Tally(asked, asked, yes, partly, no, yes, partly, no, yes + partly + no)


def tally_of(yes: int, partly: int, no: int, silent: int) -> Tally:
    return tally(yes + partly + no + silent, yes, partly, no)


tallies = st.builds(tally_of, *(st.integers(0, 40) for _ in range(4)))
cells = st.dictionaries(
    st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)), tallies, min_size=1, max_size=12
)


# Newcombe, Statistics in Medicine 17 (1998), table I, method 3: printed to four places.
@pytest.mark.parametrize(
    ("yes", "said", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_raw_rate_has_wilsons_interval_as_printed(yes: int, said: int, low: float, high: float) -> None:
    rate = raw_rate(tally(said, yes, 0, said - yes))
    assert rate is not None
    assert (round(rate.low, 4), round(rate.high, 4)) == (low, high)
    assert rate.share == yes / said


def test_none_all_and_nobody() -> None:
    assert raw_rate(Tally()) is None
    assert weighted_rate({ALL: Tally()}, {ALL: 1.0}) is None
    none, every = raw_rate(tally(30, no=30)), raw_rate(tally(30, yes=30))
    assert none is not None
    assert every is not None
    assert (none.share, none.low) == (0, 0)
    assert (every.share, every.high) == (1, 1)
    assert none.high == pytest.approx(1 - every.low)


def test_in_part_is_no_yes_and_has_its_own_share() -> None:
    some = tally(100, 60, 30, 10)
    rate, partly = raw_rate(some), weighted_rate({ALL: some}, {ALL: 1.0}, of="partly")
    assert rate is not None
    assert rate.share == 0.6
    assert partly is not None
    assert partly.share == 0.3


def test_who_answers_speaks_for_those_like_them() -> None:
    """The silent half of the house is the unhappy one: raw 80 %, and (0.9 + 0.5) / 2 when each half counts as one."""
    loud, silent = ("a", "x", "p"), ("b", "x", "p")
    some: dict[Cell, Tally] = {loud: tally(1000, 675, 0, 75), silent: tally(1000, 125, 0, 125)}
    weights = response_weights(some)
    assert weights == {loud: pytest.approx(1000 / 750), silent: pytest.approx(4.0)}
    raw, weighted = raw_rate(rates.total(some.values())), weighted_rate(some, weights)
    assert raw is not None
    assert weighted is not None
    assert (raw.share, weighted.share) == (0.8, pytest.approx(0.7))
    # Kish: (Σw)² / Σw², less than the thousand answers that came.
    assert weighted.worth == pytest.approx(2000**2 / (750 * (1000 / 750) ** 2 + 250 * 16))
    assert weighted.high - weighted.low > raw.high - raw.low


def test_who_was_asked_by_a_small_chance_speaks_for_more() -> None:
    """Half of one kind was asked, a tenth of the other, and all answered."""
    often, seldom = ("a",), ("b",)
    some: dict[Cell, Tally] = {
        often: Tally(50, 100.0, 50, 0, 0, 100.0, 0.0, 0.0, 200.0),
        seldom: Tally(50, 500.0, 0, 0, 50, 0.0, 0.0, 500.0, 5000.0),
    }
    rate = weighted_rate(some, response_weights(some))
    assert rate is not None
    assert rate.share == pytest.approx(100 / 600)


def test_equal_weights_change_nothing() -> None:
    some: dict[Cell, Tally] = {(tier,): tally(100, 30, 5, 15) for tier in "abc"}
    raw, weighted = raw_rate(rates.total(some.values())), weighted_rate(some, response_weights(some))
    assert raw is not None
    assert weighted is not None
    assert (weighted.share, weighted.low, weighted.high) == pytest.approx((raw.share, raw.low, raw.high))
    assert weighted.worth == pytest.approx(150)


def test_small_cells_are_taken_together_from_the_right() -> None:
    some: dict[Cell, Tally] = {
        ("a", "x", "p"): tally(100, 25),
        ("a", "x", "q"): tally(50, 8),
        ("a", "x", "r"): tally(50, 12),
        ("a", "y", "p"): tally(10, 1),
        ("b", "y", "p"): tally(30, 2),
    }
    weights = response_weights(some)
    assert weights["a", "x", "p"] == 4.0
    # Twenty answers of two channels make a class; three of elsewhere are too few for one and join the smallest.
    assert [weights[cell] for cell in list(some)[1:]] == pytest.approx([140 / 23] * 4)
    assert response_weights({cell: some[cell] for cell in list(some)[:3]})["a", "x", "q"] == 5.0
    assert sum(weights[cell] * part.said for cell, part in some.items()) == pytest.approx(240)


@settings(deadline=None)
@given(cells)
def test_the_weights_add_up_to_all_who_were_asked(some: dict[Cell, Tally]) -> None:
    weights = response_weights(some)
    assert set(weights) == set(some)
    if any(part.said for part in some.values()):
        whole = sum(weights[cell] * part.said_weight for cell, part in some.items())
        assert whole == pytest.approx(sum(part.asked for part in some.values()))
        assert all(weight >= 1 - 1e-9 for weight in weights.values())


@settings(deadline=None)
@given(cells)
def test_a_weighted_interval_holds_its_share_and_the_three_shares_are_one(some: dict[Cell, Tally]) -> None:
    weights = response_weights(some)
    shares = [weighted_rate(some, weights, of=answer) for answer in ("yes", "partly", "no")]
    if shares[0] is None:
        assert not any(part.said for part in some.values())
        return
    assert sum(rate.share for rate in shares if rate) == pytest.approx(1)
    for rate in shares:
        assert rate is not None
        assert 0 <= rate.low <= rate.share + 1e-12
        assert rate.share - 1e-12 <= rate.high <= 1
        assert rate.worth <= sum(part.said for part in some.values()) + 1e-6


# --- rates that are fair to compare ------------------------------------------------------------------


def alike(counts: dict[str, tuple[int, int]]) -> dict[str, Fair]:
    """Fair rates of colleagues who all have the same kind of contacts."""
    found = fair_rates({name: {ALL: pair} for name, pair in counts.items()})
    return {str(name): fair for name, fair in found.items()}


pairs = st.integers(1, 300).flatmap(lambda said: st.tuples(st.integers(0, said), st.just(said)))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdefgh"), pairs, min_size=1))
def test_a_fair_rate_lies_between_ones_own_and_the_mean(counts: dict[str, tuple[int, int]]) -> None:
    found = alike(counts)
    for name, (yes, said) in counts.items():
        fair = found[name]
        # A hair's breadth: what all expect of one kind of contact is the mean of all, itself drawn to the middle.
        low, high = sorted((yes / said, fair.expected))
        assert low - 0.02 <= fair.rate <= high + 0.02
        assert 0 <= fair.low <= fair.rate <= fair.high <= 1


def test_between_the_mean_and_ones_own() -> None:
    found = alike({"a": (90, 100), "b": (70, 100), "c": (80, 100), "d": (160, 200)})
    assert 0.80 < found["a"].rate < 0.90
    assert 0.70 < found["b"].rate < 0.80
    assert found["c"].rate == pytest.approx(0.8, abs=0.002)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.lists(st.floats(0, 1), min_size=2, max_size=8))
def test_of_two_with_as_many_answers_the_better_stays_the_better(said: int, shares: list[float]) -> None:
    counts = {str(place): (round(share * said), said) for place, share in enumerate(shares)}
    found = alike(counts)
    for one in counts:
        for other in counts:
            if counts[one][0] > counts[other][0]:
                assert found[one].rate > found[other].rate


def test_the_more_answers_the_less_a_rate_is_shrunk() -> None:
    rest = {str(number): (80, 100) for number in range(6)}
    few, many = (alike(rest | {"x": pair})["x"] for pair in ((10, 10), (200, 200)))
    assert 1 - many.rate < 1 - few.rate
    assert many.high - many.low < few.high - few.low


def test_where_colleagues_differ_no_more_than_chance_all_are_drawn_together() -> None:
    chance = {str(number): (80 + (-1) ** number * 2, 100) for number in range(20)}
    apart = {str(number): (80 + (-1) ** number * 15, 100) for number in range(20)}
    assert alike(chance)["0"].agreement > 5 * alike(apart)["0"].agreement
    assert alike(chance)["0"].rate < 0.81
    assert alike(apart)["0"].rate > 0.92


def test_hard_cases_are_not_held_against_anybody() -> None:
    """One sits where half are unhappy, the other where nearly nobody is; both do as the house does there."""
    hard, easy = ("a", "returns", "phone"), ("a", "visits", "visit")
    found = fair_rates(
        {
            "hard": {hard: (100, 200)},
            "easy": {easy: (180, 200)},
            **{f"both{number}": {hard: (50, 100), easy: (90, 100)} for number in range(4)},
        }
    )
    assert found["hard"].expected == pytest.approx(0.5, abs=0.03)
    assert found["easy"].expected == pytest.approx(0.9, abs=0.03)
    assert found["hard"].rate == pytest.approx(found["easy"].rate, abs=0.03)
    # In the same mix, better is better.
    better = fair_rates({"a": {hard: (110, 200)}, "b": {easy: (160, 200)}, "c": {hard: (200, 400), easy: (360, 400)}})
    assert better["a"].rate > better["c"].rate > better["b"].rate


def test_the_precision_is_that_of_a_published_fit() -> None:
    """With the prior out of the way: the likelihood of a beta-binomial, looked at on a fine grid."""
    import numpy as np
    from scipy.stats import betabinom

    yes, said = np.array([3, 9, 14, 18, 7, 11.0]), np.array([20.0] * 6)
    grid = np.exp(np.linspace(0, 8, 4001))
    log = np.array([betabinom.logpmf(yes, 20, m * 0.5, m * 0.5).sum() for m in grid])
    log -= ((np.log(grid) - np.log(50)) / 1.5) ** 2 / 2
    found = rates._agreement(yes, said, np.full(6, 0.5))
    assert found == pytest.approx(grid[log.argmax()], rel=0.01)


def test_who_has_no_answer_has_no_rate_and_one_alone_is_drawn_to_the_mean() -> None:
    assert fair_rates({}) == {}
    assert fair_rates({"a": {ALL: (0, 0)}}) == {}
    alone = alike({"a": (5, 5)})["a"]
    assert math.isfinite(alone.rate)
    assert 0.5 < alone.low < alone.rate < alone.high <= 1
