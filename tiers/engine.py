"""Who stands where: the rules of a scheme put to the numbers, over whole arrays at once.

The same code decides for one customer and for a million. Every array of a call has the same length, one place per
customer, in any order. Units: money in whole cents, days as ordinals (`date.toordinal()`), tiers as levels counted
from 0 for the lowest. What is absent has a number of its own that cannot occur: `NEVER` for a day, `NOWHERE` for a
tier, `UNKNOWN` for a measure. There is no NaN anywhere, and no float.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]

NEVER = 0
NOWHERE = -1
UNKNOWN = -(2**62)
# Stands for "no such day" where the least of several days is wanted.
_FAR = 2**31

# Reasons, as they stand in `Decisions.reason`.
STAYED, FIRST, PROMOTED, DEMOTED, RAISED, LOWERED = range(6)

# The measures by name, in the order in which a move keeps them. Units: margin, predicted and cost in cents; orders and
# engagement counted; recency and tenure in days; influence and advocacy from 0 to 100; score in hundredths of a point.
MEASURES = (
    "margin",
    "orders",
    "recency",
    "tenure",
    "predicted",
    "cost",
    "engagement",
    "influence",
    "advocacy",
    "score",
)
# The fewer the better: their bars are a most, not a least.
AT_MOST = frozenset({"recency", "cost"})
# Those that change with the day alone, and which way: one more with each day.
AGEING = ("recency", "tenure")
# A whole score: a hundred points.
FULL_SCORE = 10_000


@dataclass(frozen=True, slots=True)
class Measures:
    """What is known of each customer as of the day.

    `values`: an array for each name in `MEASURES`, `UNKNOWN` where nothing is known. `is_frozen`: a failure of ours is
    open. `frozen_days`: of the days since the standing's `below_since`, those on which one was.
    """

    values: Mapping[str, Whole]
    is_frozen: Truth
    frozen_days: Whole

    def __len__(self) -> int:
        return len(self.frozen_days)

    def __getitem__(self, name: str) -> Whole:
        return self.values[name]


@dataclass(frozen=True, slots=True)
class Standing:
    """What each customer has now. `level`: the tier, or `NOWHERE` for somebody who has none yet.

    `held_until`: the first day on which a move down is possible again, or `NEVER`. `below_since`: the day on which
    the numbers were first seen below the bars for staying, or `NEVER`.
    """

    level: Whole
    held_until: Whole
    below_since: Whole


@dataclass(frozen=True, slots=True)
class Bounds:
    """What colleagues decided against the numbers: the lowest and the highest level, `NOWHERE` for none.

    A lock is both at one level. `ends_on`: the last day on which they hold, or `NEVER`.
    """

    floor: Whole
    ceiling: Whole
    ends_on: Whole


@dataclass(frozen=True, slots=True)
class Bars:
    """What has to be reached, by the name of the measure: at least so much, or at most (`AT_MOST`). Empty: no bar."""

    cuts: Mapping[str, int] = field(default_factory=dict)

    def are_met(self, measures: Measures) -> Truth:
        """Return for each customer whether all bars are met; without bars everybody meets them."""
        met = np.ones(len(measures), dtype=np.bool_)
        for name, cut in self.cuts.items():
            met &= reaches(name, measures[name], cut)
        return met

    def __bool__(self) -> bool:
        return bool(self.cuts)


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a measure counts in the score: `weight` parts, all of them from `full_at` on (for cost: at nothing)."""

    measure: str
    weight: int
    full_at: int


@dataclass(frozen=True, slots=True)
class Rules:
    """A scheme: bars by level, lowest first, with the days of hold and of grace, and what the score is made of.

    The lowest level is open to all. A higher one without bars for entering belongs to no scheme yet: nobody enters it.
    """

    entry: Sequence[Bars]
    keep: Sequence[Bars]
    hold_days: int
    grace_days: int
    weights: Sequence[Weight] = ()

    def below(self, level: int) -> int:
        """Return the next level down that can be entered."""
        return next((lower for lower in range(level - 1, 0, -1) if self.entry[lower]), 0)

    def cuts_on(self, measure: str) -> list[int]:
        """Return every bar on a measure, of entering and of staying, ascending."""
        return sorted({bars.cuts[measure] for bars in (*self.entry, *self.keep) if measure in bars.cuts})


@dataclass(frozen=True, slots=True)
class Decisions:
    """What each customer has from now on. `earned`: what the numbers alone give. `reason`: why, or `STAYED`."""

    earned: Whole
    level: Whole
    held_until: Whole
    below_since: Whole
    reason: NDArray[np.int8]

    @property
    def has_moved(self) -> Truth:
        """Whether the tier is another one than before, or the first."""
        return self.reason != STAYED

    @property
    def standing(self) -> Standing:
        """What the next decision begins with."""
        return Standing(level=self.level, held_until=self.held_until, below_since=self.below_since)


def reaches(name: str, values: Whole, cut: int) -> Truth:
    """Return whether each value of a measure meets a bar; what is not known meets none."""
    known: Truth = values != UNKNOWN
    return known & ((values <= cut) if name in AT_MOST else (values >= cut))


def unbound(count: int) -> Bounds:
    """Return the bounds of customers about whom no colleague decided anything."""
    nowhere = np.full(count, NOWHERE, dtype=np.int64)
    return Bounds(floor=nowhere, ceiling=nowhere, ends_on=np.full(count, NEVER, dtype=np.int64))


def score(values: Mapping[str, Whole], weights: Sequence[Weight], count: int) -> Whole:
    """Return the weighted score in hundredths of a point, from 0 to `FULL_SCORE`; `UNKNOWN` without weights.

    Each measure gives its part in proportion up to `full_at` and not more; one of `AT_MOST` gives the less the higher
    it is. What is not known gives nothing.
    """
    if not weights:
        return np.full(count, UNKNOWN, dtype=np.int64)
    total = np.zeros(count, dtype=np.int64)
    for part in weights:
        got = np.clip(values[part.measure], 0, part.full_at) * FULL_SCORE // part.full_at
        if part.measure in AT_MOST:
            got = FULL_SCORE - got
        total += part.weight * np.where(values[part.measure] == UNKNOWN, 0, got)
    return total // sum(part.weight for part in weights)


def cut_off(values: Whole, share: int) -> int:
    """Return the least value that no more than a share of all customers (in hundredths of a per cent) reach.

    Those with equal values are in or out together, so fewer than the share may reach it, never more. Customers of
    whom nothing is known count among all, and reach nothing.
    """
    count = len(values) * share // 10_000
    known = np.sort(values[values != UNKNOWN])[::-1]
    if not len(known):
        return 0
    if count >= len(known):
        return int(known[-1])
    if count == 0:
        return int(known[0]) + 1
    last = int(known[count - 1])
    return last + 1 if int(known[count]) == last else last


def decide(
    measures: Measures, scheme: Rules, standing: Standing, as_of: int, bounds: Bounds | None = None
) -> Decisions:
    """Return what each customer's standing is as of a day (an ordinal).

    Up at once, to the tier earned, and held there for `hold_days`. Down only when the numbers have been below the
    bars for staying for `grace_days` (one night at least), the hold is over and no failure of ours is open; then by
    one level, and the grace begins anew. Days with an open failure of ours do not count. What a colleague decided
    stands above all of this, at once and in both directions. Deciding twice on one day changes nothing the second
    time.
    """
    bounds = bounds or unbound(len(measures))
    earned = _earned(measures, scheme)
    is_first = standing.level == NOWHERE
    goes_up = ~is_first & (earned > standing.level)
    is_below = ~is_first & (earned < standing.level) & ~_kept(measures, scheme, standing.level)

    since = np.where(is_below & (standing.below_since == NEVER), as_of, standing.below_since)
    elapsed = as_of - since - measures.frozen_days
    goes_down = is_below & (elapsed >= max(scheme.grace_days, 1)) & (as_of >= standing.held_until) & ~measures.is_frozen

    natural = np.where(is_first | goes_up, earned, standing.level)
    natural = np.where(goes_down, _one_down(scheme)[standing.level], natural)
    level = np.where(bounds.ceiling == NOWHERE, natural, np.minimum(natural, bounds.ceiling))
    level = np.where(bounds.floor == NOWHERE, level, np.maximum(level, bounds.floor))

    has_moved = level != standing.level
    reason = _reason(standing.level, natural, level)
    held_until = np.where(reason == PROMOTED, as_of + scheme.hold_days, standing.held_until)
    # One step down, and the numbers are looked at against the new tier's own bars: below those too, or at home.
    after = has_moved & (reason == DEMOTED) & (earned < level) & ~_kept(measures, scheme, level)
    below_since = np.where(is_below & ~has_moved, since, np.where(after, as_of, NEVER))
    return Decisions(
        earned=earned,
        level=level,
        held_until=np.where(has_moved & (reason != PROMOTED), NEVER, held_until),
        below_since=below_since,
        reason=reason,
    )


def next_look(
    measures: Measures, scheme: Rules, decisions: Decisions, as_of: int, bounds: Bounds | None = None
) -> Whole:
    """Return the first day after `as_of` on which the decision may be another without any new fact, or `NEVER`.

    That is when a bar on days is crossed, when grace and hold are over, or when a colleague's decision ends.
    """
    bounds = bounds or unbound(len(measures))
    look = np.full(len(measures), _FAR, dtype=np.int64)
    for level, bars in enumerate(scheme.entry):
        look = np.minimum(look, _crossing(bars, measures, as_of)) if level else look
    for level, bars in enumerate(scheme.keep):
        # Only the bars for staying where one is decide anything.
        here = decisions.level == level
        look = np.where(here, np.minimum(look, _crossing(bars, measures, as_of)), look) if level else look
    graced = grace_ends(measures, scheme, decisions, as_of)
    look = np.where(graced == NEVER, look, np.minimum(look, graced))
    ends = (bounds.ends_on != NEVER) & (bounds.ends_on >= as_of)
    look = np.where(ends, np.minimum(look, bounds.ends_on + 1), look)
    return np.where(look == _FAR, NEVER, look)


def grace_ends(measures: Measures, scheme: Rules, decisions: Decisions, as_of: int) -> Whole:
    """Return the first day after `as_of` on which grace and hold are over for whoever is below, or `NEVER`."""
    # While a failure of ours is open the clock stands; when it is put right somebody looks again.
    waits = (decisions.below_since != NEVER) & ~measures.is_frozen
    graced = decisions.below_since + max(scheme.grace_days, 1) + measures.frozen_days
    return np.where(waits, np.maximum(np.maximum(graced, decisions.held_until), as_of + 1), NEVER)


def _crossing(bars: Bars, measures: Measures, as_of: int) -> Whole:
    """Return the first day on which time alone may change whether these bars are all met, or `_FAR`.

    Bars that are met end with the first recency that grows past its bar. Bars that are not met begin with a tenure,
    where everything but tenure is met by then.
    """
    look = np.full(len(measures), _FAR, dtype=np.int64)
    ageing = [name for name in AGEING if name in bars.cuts]
    if not ageing:
        return look
    ripening = [name for name in ageing if name not in AT_MOST]
    others = Bars({name: cut for name, cut in bars.cuts.items() if name not in ripening}).are_met(measures)
    for name in ageing:
        # A recency passes its bar a day after it stood on it; a tenure reaches it on the day.
        left = bars.cuts[name] - measures[name] + (1 if name in AT_MOST else 0)
        counts = others & (measures[name] != UNKNOWN) & (left > 0)
        look = np.where(counts, np.minimum(look, as_of + left), look)
    return look


def _reason(before: Whole, natural: Whole, level: Whole) -> NDArray[np.int8]:
    """Return why each customer goes where they go: the numbers, or a colleague against the numbers."""
    return np.select(
        [before == NOWHERE, level == before, level > before],
        [FIRST, STAYED, np.where(natural >= level, PROMOTED, RAISED)],
        np.where(natural <= level, DEMOTED, LOWERED),
    ).astype(np.int8)


def _earned(measures: Measures, scheme: Rules) -> Whole:
    """Return the highest level whose bars for entering are all met."""
    earned = np.zeros(len(measures), dtype=np.int64)
    for level, bars in enumerate(scheme.entry):
        if level and bars:
            earned[bars.are_met(measures)] = level
    return earned


def _kept(measures: Measures, scheme: Rules, held: Whole) -> Truth:
    """Return whether the bars for staying at the level held are all met."""
    kept = held <= 0
    for level, bars in enumerate(scheme.keep):
        if level:
            kept |= (held == level) & bars.are_met(measures)
    return kept


def _one_down(scheme: Rules) -> Whole:
    return np.array([scheme.below(level) for level in range(len(scheme.entry))], dtype=np.int64)
