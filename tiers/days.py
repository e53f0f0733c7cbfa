"""Business days: when they end in the house's zone, and the twelve months that a measure looks back on."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


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
