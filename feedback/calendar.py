"""The business's calendar: when somebody is there, and how working hours are counted on the clock.

Pure: hours and holidays come in, moments come out. A day's hours are local times of one zone; how long they last is
counted on the real clock, so that a day on which the clocks change is an hour shorter or longer where the change
falls into its hours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# However thin a calendar is: a deadline still comes.
LONGEST = timedelta(days=731)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours of each weekday (0 is Monday), the days on which nobody works, and the zone of both.

    `hours`: (opens, closes); closing at midnight means the end of the day. Without any hours every hour of every day
    counts, but for the holidays.
    """

    zone: str
    hours: Mapping[int, tuple[time, time]] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()


def add_hours(start: datetime, hours: timedelta, calendar: Calendar) -> datetime:
    """Return the moment (UTC) by which so many working hours have gone by since `start` (aware).

    Never more than `LONGEST` after the start.
    """
    left = max(hours, timedelta(0))
    start = start.astimezone(UTC)
    last = start + LONGEST
    for opens, closes in _openings(start, last, calendar):
        begins = max(opens, start)
        if closes - begins >= left:
            return min(begins + left, last)
        left -= closes - begins
    return last


def hours_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Return the working time between two moments (aware); nothing where the end is not after the start."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    shares = (min(closes, end) - max(opens, start) for opens, closes in _openings(start, end, calendar))
    return sum((share for share in shares if share > timedelta(0)), timedelta(0))


def _openings(start: datetime, end: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Yield the times (UTC) of each day that somebody is there, from the one that is on at `start` to `end`."""
    zone = ZoneInfo(calendar.zone)
    day, last = start.astimezone(zone).date() - _DAY, end.astimezone(zone).date()
    while day <= last:
        hours = calendar.hours.get(day.weekday()) if calendar.hours else (time.min, time.min)
        if hours and day not in calendar.holidays:
            opens = _moment(day, hours[0], zone, is_end=False)
            closes = _moment(*((day + _DAY, time.min) if hours[1] == time.min else (day, hours[1])), zone, is_end=True)
            if closes > max(opens, start):
                yield opens, closes
        day += _DAY


def _moment(day: date, at: time, zone: ZoneInfo, *, is_end: bool) -> datetime:
    """Return a local time as UTC.

    A time that comes twice begins with the first and ends with the second; at midnight, where one day ends and the
    next begins, the first is taken for both. A time that the clock leaps over is the moment of the leap.
    """
    wall = datetime.combine(day, at)
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early <= late:
        return late if is_end and at != time.min else early
    # Leapt over: the offset before the leap names a later moment than the offset after it.
    before, after = late, early
    was = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == was:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
