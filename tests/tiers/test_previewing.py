"""The arithmetic of previews, without a database."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiers import previewing
from tiers.charts import matrix as drawing
from tiers.engine import DEMOTED, NEVER, NOWHERE, STAYED, UNKNOWN, Bars, Decisions, Measures, Rules
from tiers.previewing import Bar, Tally

LEVELS = 4


# Newcombe, Statistics in Medicine 17 (1998), table I, method 3: printed to four places.
@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_printed(hits: int, count: int, low: float, high: float) -> None:
    assert tuple(round(end, 4) for end in previewing.wilson(hits, count)) == (low, high)


@given(st.integers(1, 10_000), st.data())
def test_the_interval_holds_the_share_and_turns_with_it(count: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, count))
    low, high = previewing.wilson(hits, count)
    assert 0 <= low <= hits / count <= high <= 1
    other = previewing.wilson(count - hits, count)
    assert (1 - other[1], 1 - other[0]) == pytest.approx((low, high))


def test_too_few_tell_nothing() -> None:
    few, all_of_them = previewing.share_of(19, 19), previewing.share_of(10, 10_000)
    assert few.low is None
    assert not few.is_apart_from(all_of_them)
    assert previewing.share_of(20, 20).is_apart_from(all_of_them)
    assert not previewing.share_of(0, 20).is_apart_from(all_of_them)
    assert previewing.share_of(0, 0).share == 0


_pairs = st.lists(st.tuples(st.integers(NOWHERE, LEVELS - 1), st.integers(0, LEVELS - 1), st.integers(0, 2)))


@given(_pairs, st.integers(0, 40))
def test_ranges_add_up_to_the_whole(pairs: list[tuple[int, int, int]], cut: int) -> None:
    """However everybody is cut into ranges, the sum is what one range of everybody gives."""
    rows = np.array(pairs, dtype=np.int64).reshape(-1, 3)

    def tally(part: "np.ndarray[tuple[int, int], np.dtype[np.int64]]") -> Tally:
        found = Tally(matrix=previewing.count_moves(part[:, 0], part[:, 1], LEVELS))
        found.groups["country"] = previewing.count_groups(part[:, 2], part[:, 0], part[:, 1])
        return found

    whole = tally(rows)
    summed = previewing.add([tally(rows[:cut]).as_json(), tally(rows[cut:]).as_json()], LEVELS)
    assert (summed.matrix, summed.groups) == (whole.matrix, whole.groups)
    counts = previewing.directions(whole.matrix)
    assert sum(counts.values()) == len(pairs) == sum(previewing.after_of(whole.matrix))
    assert counts["up"] == sum(one[1] for one in whole.groups["country"].values())
    assert counts["down"] == sum(one[2] for one in whole.groups["country"].values())
    assert counts["first"] == sum(before == NOWHERE for before, *_ in pairs)


# Level before, whether they move, below since before and after, and the first day on which they may go down.
_waits = st.lists(
    st.tuples(
        st.integers(0, LEVELS - 1),
        st.booleans(),
        st.sampled_from([NEVER, 90]),
        st.sampled_from([NEVER, 90, 100]),
        st.sampled_from([NEVER, 110, 130]),
    )
)


@given(_waits, st.integers(0, 40))
def test_graces_that_begin_and_end_add_up(waits: list[tuple[int, bool, int, int, int]], cut: int) -> None:
    def tally(part: list[tuple[int, bool, int, int, int]]) -> Tally:
        level, moves, before, after, goes_on = np.array(part, dtype=np.int64).reshape(-1, 5).T
        reason = np.where(moves, DEMOTED, STAYED).astype(np.int8)
        decided = Decisions(earned=level, level=level, held_until=level, below_since=after, reason=reason)
        return Tally(Tally.empty(LEVELS).matrix, graces=previewing.count_graces(level, before, decided, goes_on))

    summed = previewing.add([tally(waits[:cut]).as_json(), tally(waits[cut:]).as_json()], LEVELS).graces
    assert summed == tally(waits).graces
    for level in range(LEVELS):
        here = [wait[2:] for wait in waits if wait[0] == level and not wait[1]]
        days = [goes_on for before, after, goes_on in here if not before and after]
        first = min((day for day in days if day != NEVER), default=NEVER)
        stops = sum(bool(before and not after) for before, after, _ in here)
        expected = [len(days), stops, first, days.count(first) if first else 0]
        assert summed.get(str(level), [0, 0, NEVER, 0]) == expected


def measures(**values: list[int]) -> Measures:
    count = len(next(iter(values.values())))
    arrays = {name: np.array(column, dtype=np.int64) for name, column in values.items()}
    return Measures(values=arrays, is_frozen=np.zeros(count, np.bool_), frozen_days=np.zeros(count, np.int64))


def test_nearest_on_each_side_where_only_this_bar_decides() -> None:
    rules = Rules(
        entry=[Bars(), Bars({"margin": 100, "recency": 30})], keep=[Bars(), Bars()], hold_days=0, grace_days=0
    )
    known = measures(margin=[100, 99, 120, 90, 98, UNKNOWN], recency=[30, 30, 5, 31, UNKNOWN, 3])
    ids = np.arange(1, 7)
    assert previewing.nearest(ids, known, rules, Bar(1, "margin", 100)) == (
        [(1, 100, 0), (3, 120, 20)],
        [(2, 99, 1)],
    )
    # Of days the fewer the better.
    assert previewing.nearest(ids, known, rules, Bar(1, "recency", 30)) == ([(1, 30, 0), (3, 5, 25)], [])


@given(st.lists(st.integers(-50, 50), min_size=1), st.integers(0, 60))
def test_the_nearest_of_ranges_are_the_nearest_of_all(values: list[int], cut: int) -> None:
    rules = Rules(entry=[Bars(), Bars({"margin": 0})], keep=[Bars(), Bars()], hold_days=0, grace_days=0)
    bar, ids = Bar(1, "margin", 0), np.arange(len(values))

    def tally(places: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Tally:
        found = Tally.empty(2)
        part = measures(margin=[values[place] for place in places]) if len(places) else measures(margin=[])
        found.above[bar.key], found.below[bar.key] = previewing.nearest(places, part, rules, bar)
        return found

    summed = previewing.add([tally(ids[:cut]).as_json(), tally(ids[cut:]).as_json()], 2)
    expected = sorted((value, number) for number, value in enumerate(values) if value >= 0)[: previewing.NEAREST]
    assert [(distance, number) for number, _, distance in summed.above[bar.key]] == expected
    expected = sorted((-value, number) for number, value in enumerate(values) if value < 0)[: previewing.NEAREST]
    assert [(distance, number) for number, _, distance in summed.below[bar.key]] == expected


def test_the_chart_has_a_cell_for_each_pair_and_the_highest_tier_on_top() -> None:
    names = ["Guest", "A name that is very long indeed"]
    chart = drawing.lay_out([[0, 0], [98, 2], [1, 9]], names, "New")
    assert [row.full for row in chart.rows] == names[::-1]
    assert [row.count for row in chart.rows] == [10, 100]
    assert chart.columns[1].text == "A name that…"
    assert [(cell.direction, cell.count, cell.heat) for cell in chart.cells] == [
        ("down", 1, 2),
        ("stay", 9, 5),
        ("stay", 98, 5),
        ("up", 2, 1),
    ]
    # Those without a tier have a row only where there are some.
    assert [row.full for row in drawing.lay_out([[3, 0], [0, 0], [0, 0]], names, "New").rows][-1] == "New"
    assert all(cell.x + chart.cell_width <= chart.width for cell in chart.cells)
    assert all(cell.y + chart.cell_height <= chart.height for cell in chart.cells)
