"""Who stands where: the rules of a scheme put to the numbers, over whole arrays at once.

The same code decides for one customer and for a million. Every array of a call has the same length, one place per
customer, in any order. Units: money in whole cents, days as ordinals (`date.toordinal()`), tiers as levels counted
from 0 for the lowest. What is absent has a number of its own that cannot occur: `NEVER` for a day, `NOWHERE` for a
tier. There is no NaN anywhere, and no float.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]

NEVER = 0
NOWHERE = -1

# Reasons, as they stand in `Decisions.reason`.
STAYED, FIRST, PROMOTED, DEMOTED = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Measures:
    """What is known of each customer as of the day.

    `margin`: cents of the last twelve months. `orders`: purchases of the last twelve months. `last_order`: day of the
    last purchase, or `NEVER`. `is_frozen`: a failure of ours is open. `frozen_days`: of the days since the standing's
    `below_since`, those on which one was.
    """

    margin: Whole
    orders: Whole
    last_order: Whole
    is_frozen: Truth
    frozen_days: Whole


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
class Bars:
    """What has to be reached: `margin` cents and `orders` at least, `days` since the last at most. None: no bar."""

    margin: int | None = None
    orders: int | None = None
    days: int | None = None

    def are_met(self, measures: Measures, as_of: int) -> Truth:
        """Return for each customer whether all bars are met; without bars everybody meets them."""
        met = np.ones(len(measures.margin), dtype=np.bool_)
        if self.margin is not None:
            met &= measures.margin >= self.margin
        if self.orders is not None:
            met &= measures.orders >= self.orders
        if self.days is not None:
            met &= (measures.last_order != NEVER) & (as_of - measures.last_order <= self.days)
        return met

    def __bool__(self) -> bool:
        return (self.margin, self.orders, self.days) != (None, None, None)


@dataclass(frozen=True, slots=True)
class Rules:
    """A scheme: bars by level, lowest first, with the days of hold and of grace.

    The lowest level is open to all. A higher one without bars for entering belongs to no scheme yet: nobody enters it.
    """

    entry: Sequence[Bars]
    keep: Sequence[Bars]
    hold_days: int
    grace_days: int

    def below(self, level: int) -> int:
        """Return the next level down that can be entered."""
        return next((lower for lower in range(level - 1, 0, -1) if self.entry[lower]), 0)


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


def decide(measures: Measures, scheme: Rules, standing: Standing, as_of: int) -> Decisions:
    """Return what each customer's standing is as of a day (an ordinal).

    Up at once, to the tier earned, and held there for `hold_days`. Down only when the numbers have been below the
    bars for staying for `grace_days` (one night at least), the hold is over and no failure of ours is open; then by
    one level, and the grace begins anew. Days with an open failure of ours do not count. Deciding twice on one day
    changes nothing the second time.
    """
    earned = _earned(measures, scheme, as_of)
    is_first = standing.level == NOWHERE
    goes_up = ~is_first & (earned > standing.level)
    is_below = ~is_first & (earned < standing.level) & ~_kept(measures, scheme, standing.level, as_of)

    since = np.where(is_below & (standing.below_since == NEVER), as_of, standing.below_since)
    elapsed = as_of - since - measures.frozen_days
    goes_down = is_below & (elapsed >= max(scheme.grace_days, 1)) & (as_of >= standing.held_until) & ~measures.is_frozen

    level = np.where(is_first | goes_up, earned, standing.level)
    level = np.where(goes_down, _one_down(scheme)[standing.level], level)
    held_until = np.where(goes_up, as_of + scheme.hold_days, standing.held_until)
    # One step down, and the numbers are looked at against the new tier's own bars: below those too, or at home.
    after = goes_down & (earned < level) & ~_kept(measures, scheme, level, as_of)
    below_since = np.where(is_below & ~goes_down, since, np.where(after, as_of, NEVER))
    reason = np.select([is_first, goes_up, goes_down], [FIRST, PROMOTED, DEMOTED], STAYED).astype(np.int8)
    return Decisions(
        earned=earned,
        level=level,
        held_until=np.where(is_first | goes_down, NEVER, held_until),
        below_since=below_since,
        reason=reason,
    )


def _earned(measures: Measures, scheme: Rules, as_of: int) -> Whole:
    """Return the highest level whose bars for entering are all met."""
    earned = np.zeros(len(measures.margin), dtype=np.int64)
    for level, bars in enumerate(scheme.entry):
        if level and bars:
            earned[bars.are_met(measures, as_of)] = level
    return earned


def _kept(measures: Measures, scheme: Rules, held: Whole, as_of: int) -> Truth:
    """Return whether the bars for staying at the level held are all met."""
    kept = held <= 0
    for level, bars in enumerate(scheme.keep):
        if level:
            kept |= (held == level) & bars.are_met(measures, as_of)
    return kept


def _one_down(scheme: Rules) -> Whole:
    return np.array([scheme.below(level) for level in range(len(scheme.entry))], dtype=np.int64)
