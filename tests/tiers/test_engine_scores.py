"""Shares, scores and the next day to look, put to a few numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tiers.customers_in_tiers import make_buyer, tier_of
from tests.tiers.test_engine import RULES, TODAY, table
from tests.tiers.test_explanation_at_dates import ago, publish_with
from tiers.engine import (
    MEASURES,
    NEVER,
    NOWHERE,
    UNKNOWN,
    Bars,
    Bounds,
    Measures,
    Rules,
    Standing,
    Weight,
    cut_off,
    decide,
    next_look,
    score,
)
from tiers.enums import Basis, Measure, Rule
from tiers.services.runs import retier


@pytest.mark.parametrize(
    ("values", "share", "reached_by"),
    [
        ([5, 4, 3, 2, 1], 40_00, 2),
        ([5, 5, 5, 2, 1], 40_00, 0),  # equal ones are in or out together, never more than the share
        ([5, 5, 3, 2, 1], 40_00, 2),
        ([5, 4, UNKNOWN, UNKNOWN, UNKNOWN], 60_00, 2),
        ([5, 4, 3, 2, 1], 10_00, 0),
        ([5, 4, 3, 2, 1], 100_00, 5),
    ],
)
def test_a_share_is_never_exceeded(values: list[int], share: int, reached_by: int) -> None:
    cut = cut_off(np.array(values), share)
    assert sum(value != UNKNOWN and value >= cut for value in values) == reached_by


def test_a_score_counts_in_parts_and_turns_round_where_less_is_better() -> None:
    weights = [Weight("margin", 3, 1000_00), Weight("cost", 1, 100_00)]
    values = {"margin": np.array([500_00, 9999_00, UNKNOWN]), "cost": np.array([25_00, 0, UNKNOWN])}
    assert score(values, weights, 3).tolist() == [(3 * 50_00 + 75_00) // 4, 100_00, 0]
    assert score(values, [], 3).tolist() == [UNKNOWN] * 3


def look(days: int, level: int, *, margin: int = 1800_00, below_since: int = NEVER, ends_on: int = NEVER) -> int:
    measures, standing = table([(margin, 10, TODAY - days, False, 0, level, NEVER, below_since)])
    nowhere = np.array([NOWHERE])
    bounds = Bounds(floor=nowhere, ceiling=nowhere, ends_on=np.array([ends_on]))
    decisions = decide(measures, RULES, standing, TODAY, bounds)
    return int(next_look(measures, RULES, decisions, TODAY, bounds)[0])


def test_the_next_look_is_when_something_may_change() -> None:
    # The bar of 90 days is passed on the 91st, and it matters to those alone who meet all the bars beside it.
    assert look(80, 3, margin=2000_00) == TODAY + 11
    assert look(80, 2) == TODAY + 41
    # Beyond the bar for entering, the bar for staying where one is comes next.
    assert look(130, 2) == TODAY + 51
    assert look(400, 0) == NEVER
    assert look(400, 0, ends_on=TODAY + 5) == TODAY + 6
    # Below the bars since ten days: the grace of thirty is over in twenty.
    assert look(400, 3, below_since=TODAY - 10) == TODAY + 20


# What is long is a matter of degree: beyond the longest of grace and hold, and short enough to look at every day.
LONG = 60
_bars = st.builds(
    lambda margin, recency, tenure: Bars({"margin": margin, "recency": recency, "tenure": tenure}),
    st.integers(0, 2),
    st.integers(0, LONG),
    st.integers(0, LONG),
)


@given(
    entry=st.lists(_bars, min_size=2, max_size=2),
    keep=st.lists(_bars, min_size=2, max_size=2),
    people=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, LONG), st.integers(0, LONG), st.integers(-1, 2)),
        min_size=1,
        max_size=20,
    ),
    grace=st.integers(0, 20),
)
def test_nothing_changes_before_the_next_look(
    entry: list[Bars], keep: list[Bars], people: list[tuple[int, int, int, int]], grace: int
) -> None:
    rules = Rules(entry=[Bars(), *entry], keep=[Bars(), *keep], hold_days=10, grace_days=grace)
    margin, recency, longer, level = (np.array(column, dtype=np.int64) for column in zip(*people, strict=True))

    def on(day: int) -> Measures:
        known = {"margin": margin, "recency": recency + day, "tenure": recency + longer + day}
        nobody = np.zeros(len(people), dtype=np.bool_)
        unknown = np.full(len(people), UNKNOWN)
        return Measures({name: known.get(name, unknown) for name in MEASURES}, nobody, np.zeros(len(people), np.int64))

    never = np.full(len(people), NEVER)
    first = decide(on(0), rules, Standing(level, never, never), TODAY)
    looks = next_look(on(0), rules, first, TODAY)
    for day in range(1, 2 * LONG + 50):
        then = decide(on(day), rules, first.standing, TODAY + day)
        waits = (looks == NEVER) | (TODAY + day < looks)
        assert not (then.has_moved & waits).any()
        assert (then.earned == first.earned)[waits].all()
        assert (then.below_since == first.below_since)[waits].all()


@pytest.mark.django_db
def test_a_full_value_of_less_than_one_is_one() -> None:
    publish_with(("family", Rule.ENTRY, Measure.SCORE, 90, Basis.VALUE), weights={"recency": 0.5})
    customer = make_buyer(ago(100), "10.00")
    retier()
    assert tier_of(customer) == "guest", "an order of long ago gives no parts, and not all of them"
