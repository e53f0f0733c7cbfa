"""Why a customer is in a tier, as plain facts from which sentences are made. Money in cents, days as dates."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

import numpy as np

from tiers.engine import MEASURES, UNKNOWN, Bars, Measures, reaches


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
class Gap:
    """What is missing to the bars of a tier. `margin` in cents; `is_order_due`: the last one is too long ago."""

    margin: int = 0
    orders: int = 0
    is_order_due: bool = False

    def __bool__(self) -> bool:
        return bool(self.margin or self.orders or self.is_order_due)


def gap(measures: Measures, bars: Bars, as_of: date) -> Gap:
    """Return what one customer (arrays of length 1) lacks to meet the bars; empty when they are met."""
    margin = max(bars.cuts.get("margin", 0) - int(measures["margin"][0]), 0) if "margin" in bars.cuts else 0
    orders = max(bars.cuts.get("orders", 0) - int(measures["orders"][0]), 0)
    recent = "recency" not in bars.cuts or reaches("recency", measures["recency"], bars.cuts["recency"])[0]
    return Gap(margin=margin, orders=orders, is_order_due=not recent)


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


def one(*, margin: int, orders: int, last_order: date | None, as_of: date) -> Measures:
    """Return one customer's numbers as the engine takes them."""
    values = {name: np.array([UNKNOWN]) for name in MEASURES}
    values |= {"margin": np.array([margin]), "orders": np.array([orders])}
    if last_order is not None:
        values["recency"] = np.array([(as_of - last_order).days])
    return Measures(values=values, is_frozen=np.array([False]), frozen_days=np.array([0]))
