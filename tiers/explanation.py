"""Why a customer is in a tier, as plain facts from which sentences are made.

One customer's measures come by the engine's names and in its units (`engine.MEASURES`), `UNKNOWN` where nothing is
known. Days as dates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

import numpy as np

from tiers import engine
from tiers.engine import AT_MOST, UNKNOWN, Bars, Rules, Weight

Values = Mapping[str, int]

# No bar of a scheme lies this high; one by share does while nobody knows where its cut is.
OUT_OF_REACH = -UNKNOWN


class Hold(Enum):
    """What keeps a customer where they are."""

    NOTHING = "nothing"
    PROMOTION = "promotion"
    GRACE = "grace"
    OUR_FAULT = "our fault"


@dataclass(frozen=True, slots=True)
class Held:
    """What keeps them, and the first day on which it may not any more (None: not to be told)."""

    by: Hold
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Bounded:
    """What a colleague's decision leaves to the numbers: whether they may lift the tier, and whether lower it."""

    lifts: bool = True
    lowers: bool = True


def is_met(name: str, value: int, cut: int) -> bool:
    """Return whether a measure meets a bar; what is not known meets none."""
    if value == UNKNOWN:
        return False
    return value <= cut if name in AT_MOST else value >= cut


def gaps(values: Values, bars: Bars) -> dict[str, int | None]:
    """Return what is missing to each bar that is not met, in the measure's unit.

    None where nobody can say how much: the measure is not known, or nobody knows yet where the bar lies.
    """
    missing: dict[str, int | None] = {}
    for name, cut in bars.cuts.items():
        value = values.get(name, UNKNOWN)
        if not is_met(name, value, cut):
            is_known = value != UNKNOWN and cut != OUT_OF_REACH
            missing[name] = abs(value - cut) if is_known else None
    return missing


def score(values: Values, weights: Sequence[Weight]) -> int:
    """Return the score of one customer in hundredths of a point, `UNKNOWN` without weights."""
    columns = {weight.measure: np.array([values.get(weight.measure, UNKNOWN)]) for weight in weights}
    return int(engine.score(columns, weights, 1)[0])


def next_level(rules: Rules, level: int) -> int | None:
    """Return the next level up that can be entered, or None at the top."""
    return next((higher for higher in range(level + 1, len(rules.entry)) if rules.entry[higher]), None)


def last_day(values: Values, bars: Bars, on: date) -> date | None:
    """Return the last day on which the bar on recency is met without a new order; None without one or if it is past."""
    if "recency" not in bars.cuts or not is_met("recency", values.get("recency", UNKNOWN), bars.cuts["recency"]):
        return None
    return on + timedelta(days=bars.cuts["recency"] - values["recency"])


def held(*, held_until: date | None, below_since: date | None, grace_days: int, is_frozen: bool, today: date) -> Held:
    """Return what keeps a customer in the tier, by the rules of `engine.decide`.

    Days on which a failure of ours was open may push the end of the grace further back: it is told as "at least".
    """
    if below_since is not None:
        if is_frozen:
            return Held(Hold.OUR_FAULT)
        graced = below_since + timedelta(days=max(grace_days, 1))
        return Held(Hold.GRACE, max(graced, held_until or graced))
    if held_until is not None and held_until > today:
        return Held(Hold.PROMOTION, held_until)
    return Held(Hold.NOTHING)
