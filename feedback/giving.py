"""Gestures in plain reckoning: what is left of a month, which month it is, and which gestures fit a trouble."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

_NOTHING = Decimal(0)

# A cause with those that it is part of, from itself upwards: (key, key above or None, …).
Lineage = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Purse:
    """What a colleague may give without asking, in the house's currency: at a time, in a month, and what is spent."""

    per_gesture: Decimal = _NOTHING
    per_month: Decimal = _NOTHING
    spent: Decimal = _NOTHING

    @property
    def left(self) -> Decimal:
        """What is left of the month; never below zero, even where the amount was lowered after it was spent."""
        return max(self.per_month - self.spent, _NOTHING)

    @property
    def most(self) -> Decimal:
        """The largest gesture that may be given now."""
        return min(self.per_gesture, self.left)

    @property
    def is_of_nothing(self) -> bool:
        """Whether nothing that costs may be given from it in any month: nobody said how much, or said none."""
        return not min(self.per_gesture, self.per_month)

    def covers(self, cost: Decimal) -> bool:
        """Tell whether a gesture of this cost may be given without asking."""
        return cost <= self.most


def month_of(moment: datetime, zone: str) -> date:
    """Return the first day of the business month that a moment falls into, by the clock of the house."""
    return moment.astimezone(ZoneInfo(zone)).date().replace(day=1)


def is_related(one: Lineage, other: Lineage) -> bool:
    """Tell whether two causes are the same, or one is a part of the other."""
    return one[0] in other or other[0] in one


def meets(named: Collection[Lineage], open_: Collection[Lineage]) -> bool:
    """Tell whether a gesture that is for the causes `named` is for one of those that are open."""
    return any(is_related(one, other) for one in named for other in open_)


def rank(
    *,
    named: Collection[Lineage],
    open_causes: Collection[Lineage],
    places: Collection[str],
    place: str | None,
) -> int | None:
    """Return how well a gesture fits, the best being 0; None where it is meant for something else.

    First come those meant for what went wrong, then those that are good for anything; in each, those meant for this
    touch point before those for any. `place` is None where it is not known: then only those for any fit.
    """
    if (named and not meets(named, open_causes)) or (places and place not in places):
        return None
    return (0 if named else 2) + (0 if places else 1)
