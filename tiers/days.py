"""Business days: when they end in the house's zone, and the twelve months that a measure looks back on."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Window:
    """The twelve months up to a day, as moments: from `begins` on, before `ends`."""

    begins: datetime
    ends: datetime


def day_of(moment: datetime, zone: str) -> date:
    """Return the business day that a moment falls on."""
    return moment.astimezone(ZoneInfo(zone)).date()


def end_of(day: date, zone: str) -> datetime:
    """Return the moment at which a business day is over: the first of the next."""
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))


def year_before(day: date) -> date:
    """Return the same day twelve months ago; for 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def window(as_of: date, zone: str) -> Window:
    """Return the twelve months that end with a day: the day itself counts, the same day a year before does not."""
    return Window(begins=end_of(year_before(as_of), zone), ends=end_of(as_of, zone))


# The database counts moments in microseconds from here.
_DATABASE_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
# In microseconds, where clocks are not changed.
_DAY = 86_400_000_000


def microseconds(moment: datetime) -> int:
    """Return a moment as the database counts it: microseconds since 1 January 2000, UTC."""
    return (moment - _DATABASE_EPOCH) // timedelta(microseconds=1)


def ordinals(moments: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """Return the business day (an ordinal) of each moment, given as the database counts them."""
    if not len(moments):
        return np.zeros(0, dtype=np.int64)
    first, last = (
        day_of(_DATABASE_EPOCH + timedelta(microseconds=int(moment)), zone).toordinal()
        for moment in (moments.min(), moments.max())
    )
    begins = np.array([_begins(day, zone) for day in range(first, last + 2)], dtype=np.int64)
    # As if every day had 24 hours; then by a day this way or that where clocks were changed. That is quicker than to
    # search, most of all where moments come in no order.
    found = np.clip((moments - begins[0]) // _DAY, 0, last - first)
    while (is_later := moments >= begins[found + 1]).any():
        found += is_later
    while (is_earlier := moments < begins[found]).any():
        found -= is_earlier
    return first + found


@lru_cache(maxsize=50_000)
def _begins(day: int, zone: str) -> int:
    """Return the first moment of a business day."""
    return microseconds(end_of(date.fromordinal(day - 1), zone))
