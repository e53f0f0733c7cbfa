"""Shares, scores and the next day to look, put to a few numbers."""

import numpy as np
import pytest

from tests.tiers.test_engine import RULES, TODAY, table
from tiers.engine import NEVER, NOWHERE, UNKNOWN, Bounds, Weight, cut_off, decide, next_look, score


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


def look(days: int, level: int, *, below_since: int = NEVER, ends_on: int = NEVER) -> int:
    measures, standing = table([(1800_00, 9, TODAY - days, False, 0, level, NEVER, below_since)])
    nowhere = np.array([NOWHERE])
    bounds = Bounds(floor=nowhere, ceiling=nowhere, ends_on=np.array([ends_on]))
    decisions = decide(measures, RULES, standing, TODAY, bounds)
    return int(next_look(measures, RULES, decisions, TODAY, bounds)[0])


def test_the_next_look_is_when_something_may_change() -> None:
    # The bar of 90 days is passed on the 91st; one of 120 comes next for somebody beyond it.
    assert look(80, 2) == TODAY + 11
    assert look(100, 2) == TODAY + 21
    assert look(400, 0) == NEVER
    assert look(400, 0, ends_on=TODAY + 5) == TODAY + 6
    # Below the bars since ten days: the grace of thirty is over in twenty.
    assert look(400, 3, below_since=TODAY - 10) == TODAY + 20
