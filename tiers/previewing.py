"""What a preview tells: decisions counted by range of customers, and the ranges added up.

A tally is made of plain numbers, lists and mappings, so that it can be kept as JSON. Levels are counted from 0 for the
lowest tier; the first row of a matrix is those who have no tier yet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import numpy as np

from tiers.engine import AT_MOST, NEVER, NOWHERE, UNKNOWN, Decisions, Measures, Rules, Truth, Whole

# So many customers are told on each side of a bar.
NEAREST = 10
# A group of fewer customers tells nothing.
ENOUGH = 20
# Two-sided 95 per cent of the normal distribution.
_Z = 1.959963984540054

Matrix = list[list[int]]
# Customer, value and how far from the bar, both in the measure's unit.
Near = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar for entering a tier."""

    level: int
    measure: str
    cut: int

    @property
    def key(self) -> str:
        """The name under which a tally keeps it."""
        return f"{self.level}:{self.measure}"


@dataclass(slots=True)
class Tally:
    """What was counted over some customers.

    `matrix`: a row for each level before (the first: none yet), a column for each level after. `groups`: by kind and
    key, how many customers, how many go up, how many down. `above`, `below`: by bar, the nearest on each side.
    `graces`: by level, as `count_graces` has them.
    """

    matrix: Matrix
    groups: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    above: dict[str, list[Near]] = field(default_factory=dict)
    below: dict[str, list[Near]] = field(default_factory=dict)
    graces: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def empty(cls, levels: int) -> "Tally":
        """Return the tally of nobody."""
        return cls(matrix=[[0] * levels for _ in range(levels + 1)])

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "matrix": self.matrix,
            "groups": self.groups,
            "above": self.above,
            "below": self.below,
            "graces": self.graces,
        }


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a group do something; `low` and `high`: the interval of the share, None where too few tell."""

    hits: int
    count: int
    low: float | None
    high: float | None

    @property
    def share(self) -> float:
        """The share itself, 0 of nobody."""
        return self.hits / self.count if self.count else 0.0

    def is_apart_from(self, other: "Share") -> bool:
        """Whether the two intervals do not touch; never where too few tell."""
        if self.low is None or self.high is None or other.low is None or other.high is None:
            return False
        return self.low > other.high or self.high < other.low


def entry_bars(rules: Rules) -> list[Bar]:
    """Return every bar for entering, lowest tier first."""
    return [
        Bar(level, measure, cut) for level, bars in enumerate(rules.entry) for measure, cut in sorted(bars.cuts.items())
    ]


def count_moves(before: Whole, after: Whole, levels: int) -> Matrix:
    """Return how many go from each level (`NOWHERE`: none yet, the first row) to each."""
    places = (before + 1) * levels + after
    counts = np.bincount(places, minlength=(levels + 1) * levels)
    return [[int(count) for count in row] for row in counts.reshape(levels + 1, levels)]


def count_groups(keys: Whole, before: Whole, after: Whole) -> dict[str, list[int]]:
    """Return by key how many customers there are, how many go up and how many down; a first tier is neither."""
    goes_up = (before != NOWHERE) & (after > before)
    goes_down = (before != NOWHERE) & (after < before)
    found, places = np.unique(keys, return_inverse=True)
    columns = [np.bincount(places, weights=mask, minlength=len(found)) for mask in (None, goes_up, goes_down)]
    return {str(int(key)): [int(column[place]) for column in columns] for place, key in enumerate(found)}


def count_graces(levels: Whole, below_since: Whole, decisions: Decisions, goes_on: Whole) -> dict[str, list[int]]:
    """Return by level how many of those who stay are newly below the bars for staying, and how many no longer are.

    A bar that is raised moves nobody on its first day; this tells whom it begins to wait for. After these two counts,
    of those newly below: the first day in `goes_on`, or `NEVER`, and how many have it. `levels` and `below_since` are
    those of the standing before; `goes_on` is the first day on which each may go down, or `NEVER`.
    """
    was, stays = below_since != NEVER, ~decisions.has_moved
    begins = stays & ~was & (decisions.below_since != NEVER)
    stops = stays & was & (decisions.below_since == NEVER)
    found = {}
    for level in np.unique(levels[begins | stops]):
        new = begins & (levels == level)
        days = goes_on[new & (goes_on != NEVER)]
        first = int(days.min()) if len(days) else NEVER
        gone = int((stops & (levels == level)).sum())
        found[str(int(level))] = [int(new.sum()), gone, first, int((days == first).sum())]
    return found


def nearest(ids: Whole, measures: Measures, rules: Rules, bar: Bar) -> tuple[list[Near], list[Near]]:
    """Return the customers just above and just below a bar, nearest first.

    Only those who meet the tier's other bars: for the rest this bar does not decide. "Above" is whoever meets it, also
    where less is better.
    """
    values = measures[bar.measure]
    decides: Truth = values != UNKNOWN
    for measure, cut in rules.entry[bar.level].cuts.items():
        if measure != bar.measure:
            known = measures[measure] != UNKNOWN
            decides &= known & ((measures[measure] <= cut) if measure in AT_MOST else (measures[measure] >= cut))
    ahead = (bar.cut - values) if bar.measure in AT_MOST else (values - bar.cut)
    return (
        _least(ids, values, ahead, decides & (ahead >= 0)),
        _least(ids, values, -ahead, decides & (ahead < 0)),
    )


def add(tallies: Iterable[Mapping[str, Any]], levels: int) -> Tally:
    """Return the sum of tallies as they are kept."""
    total = Tally.empty(levels)
    for part in tallies:
        total.matrix = [
            [one + other for one, other in zip(row, more, strict=True)]
            for row, more in zip(total.matrix, part["matrix"], strict=True)
        ]
        for kind, groups in part["groups"].items():
            found = total.groups.setdefault(kind, {})
            for key, counts in groups.items():
                found[key] = [one + other for one, other in zip(found.get(key, [0, 0, 0]), counts, strict=True)]
        for level, row in part["graces"].items():
            total.graces[level] = _sum_graces(total.graces.get(level, [0, 0, NEVER, 0]), row)
        for side, nears in ((total.above, part["above"]), (total.below, part["below"])):
            for key, rows in nears.items():
                both = [*side.get(key, []), *(_near(row) for row in rows)]
                side[key] = sorted(both, key=lambda near: (near[2], near[0]))[:NEAREST]
    return total


def share_of(hits: int, count: int) -> Share:
    """Return a share with its 95 per cent interval (Wilson 1927); without one where there are fewer than `ENOUGH`."""
    if count < ENOUGH:
        return Share(hits, count, None, None)
    low, high = wilson(hits, count)
    return Share(hits, count, low, high)


def wilson(hits: float, count: float) -> tuple[float, float]:
    """Return the score interval of a share at 95 per cent (Wilson, JASA 22, 1927, p. 209), within 0 and 1."""
    share, square = hits / count, _Z * _Z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = _Z * sqrt(share * (1 - share) / count + square / (4 * count * count)) / (1 + square / count)
    # At the ends the formula gives them exactly, but for rounding.
    return (0.0 if not hits else max(middle - half, 0.0)), (1.0 if hits == count else min(middle + half, 1.0))


def before_of(matrix: Sequence[Sequence[int]]) -> list[int]:
    """Return how many customers each level has before; those without a tier are left out."""
    return [sum(row) for row in matrix[1:]]


def after_of(matrix: Sequence[Sequence[int]]) -> list[int]:
    """Return how many customers each level has after."""
    return [sum(column) for column in zip(*matrix, strict=True)]


def directions(matrix: Sequence[Sequence[int]]) -> dict[str, int]:
    """Return how many go up, go down, stay, and get their first tier."""
    cells = [(start - 1, end, count) for start, row in enumerate(matrix) for end, count in enumerate(row)]
    return {
        "up": sum(count for start, end, count in cells if start >= 0 and end > start),
        "down": sum(count for start, end, count in cells if end < start),
        "stay": sum(count for start, end, count in cells if end == start),
        "first": sum(count for start, _end, count in cells if start == NOWHERE),
    }


def _sum_graces(one: Sequence[int], other: Sequence[int]) -> list[int]:
    first = min((row[2] for row in (one, other) if row[2] != NEVER), default=NEVER)
    return [one[0] + other[0], one[1] + other[1], first, sum(row[3] for row in (one, other) if row[2] == first)]


def _least(ids: Whole, values: Whole, distance: Whole, among: Truth) -> list[Near]:
    places = np.flatnonzero(among)
    if len(places) > NEAREST:
        # All that are as near as the tenth; which of the equals are told is decided by their numbers.
        last = np.partition(distance[places], NEAREST - 1)[NEAREST - 1]
        places = places[distance[places] <= last]
    order = np.lexsort((ids[places], distance[places]))[:NEAREST]
    return [(int(ids[place]), int(values[place]), int(distance[place])) for place in places[order]]


def _near(row: Sequence[int]) -> Near:
    customer, value, distance = row
    return customer, value, distance
