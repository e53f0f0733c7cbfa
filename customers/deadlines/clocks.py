"""From what was understood to one moment, by the clocks of a place."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from customers.deadlines.draft import DAY, Draft, Stop, Trouble, coming

_NOON = 12 * 60
# When each part of a day is over, in minutes.
_PARTS = {"morning": 12 * 60, "lunch": 12 * 60, "lunchtime": 12 * 60, "afternoon": 17 * 60}
_PARTS |= {"evening": 20 * 60, "night": 22 * 60}


def moment_of(draft: Draft, now: datetime, zone: tzinfo, closing: time) -> datetime:
    if draft.length is not None:
        if draft.days or draft.weekday is not None or draft.minutes is not None or draft.part:
            raise Stop(Trouble.TWICE)
        at = now + draft.length
        # A minute that has begun is a whole one.
        return at.replace(second=0, microsecond=0) + timedelta(minutes=bool(at.second or at.microsecond))
    if draft.days is None and draft.weekday is None and draft.minutes is None and not draft.part:
        raise Stop(Trouble.NOTHING)
    if draft.is_before and draft.part in ("morning", "afternoon", "evening", "night") and draft.minutes is None:
        # We know when such a part is over, not when it begins.
        raise Stop(Trouble.UNREAD, "before")
    times = _times(draft, closing)
    found = [_first_to_come(draft, days, minutes, now, zone) for days in _meanings(draft) for minutes in times]
    known = sorted({one for one in found if isinstance(one, datetime)})
    if len(known) == 1:
        return known[0]
    if known:
        raise Stop(Trouble.WHICH, choices=tuple(known))
    raise next(one for one in found if isinstance(one, Stop))


def _meanings(draft: Draft) -> list[list[date]]:
    if draft.days is not None:
        return draft.days
    if draft.weekday is None:
        return [[draft.today]]
    day = coming(draft, draft.weekday)
    return [[day, day + 7 * DAY]]


def _times(draft: Draft, closing: time) -> list[int]:
    """The times of the day that may be meant, in minutes; those from 24 hours on are the next day's."""
    if draft.minutes is None:
        return [_PARTS.get(draft.part, closing.hour * 60 + closing.minute)]
    if draft.part in ("evening", "night"):
        return _late(draft, draft.minutes)
    hour = draft.minutes // 60
    is_afternoon = hour < (12 if draft.part == "afternoon" else 8) and draft.part != "morning"
    return [draft.minutes + (_NOON if draft.is_open and is_afternoon else 0)]


def _late(draft: Draft, minutes: int) -> list[int]:
    """An evening or a night goes on after midnight: “Friday night at 2” is on Saturday."""
    after = minutes % _NOON if draft.is_open else minutes
    small = [after + 2 * _NOON]
    if draft.days in (None, [[draft.today]]) and draft.weekday is None:
        # Said after midnight, it may be in this night or in the one to come.
        small.insert(0, after)
    if after < 4 * 60:
        return small
    if after < 6 * 60 and draft.part == "night":
        # “Tonight at 5” is late in the afternoon for some.
        return [after + _NOON, *small] if draft.is_open else small
    if draft.is_open:
        return [after + _NOON]
    if after < 13 * 60:
        # “Tonight at 12 pm”, “tonight at 9 am”.
        raise Stop(Trouble.TWICE)
    return [after]


def _first_to_come(draft: Draft, days: list[date], minutes: int, now: datetime, zone: tzinfo) -> "datetime | Stop":
    """Return the first of these days' moments that is still to come, or why there is none."""
    why = Stop(Trouble.PAST)
    for day in days:
        at = _still(draft, day, minutes, now, zone)
        if at is None:
            continue
        if isinstance(at, Stop):
            return at
        if draft.weekday is not None and day.weekday() != draft.weekday:
            return Stop(Trouble.NOT_THAT_WEEKDAY)
        if draft.is_before and draft.minutes is None and not draft.part:
            # The day is to come, but what is before it may be over.
            return _still(draft, day - DAY, minutes, now, zone) or why
        return at
    return why


def _still(draft: Draft, day: date, minutes: int, now: datetime, zone: tzinfo) -> "datetime | Stop | None":
    """Return a time of a day, or that there is none; None where it is over."""
    at = _at(day, minutes, zone, is_second=bool(draft.is_second))
    if isinstance(at, Stop):
        return at if at.reading.choices[0] > now else None
    if at <= now and draft.is_second is None:
        # The clocks may show it once more.
        at = _at(day, minutes, zone, is_second=True)
    return at if isinstance(at, Stop) or at > now else None


def _at(day: date, minutes: int, zone: tzinfo, *, is_second: bool) -> "datetime | Stop":
    """Return a time of a day in UTC; where the clocks go forward over it, there is none."""
    naive = datetime.combine(day, time()) + timedelta(minutes=minutes)
    at = naive.replace(tzinfo=zone, fold=int(is_second)).astimezone(UTC)
    back = at.astimezone(zone).replace(tzinfo=None)
    if back != naive:
        # The clocks jump by what lies between the two ways to read it.
        before = naive.replace(tzinfo=zone, fold=0).utcoffset() or timedelta()
        after = naive.replace(tzinfo=zone, fold=1).utcoffset() or timedelta()
        return Stop(Trouble.NO_SUCH_TIME, choices=(_jump(naive - before, zone, after - before),))
    return at


def _jump(about: datetime, zone: tzinfo, by: timedelta) -> datetime:
    """Return the moment at which the clocks go forward, within `by` of a moment in UTC."""
    low, high = about.replace(tzinfo=UTC) - abs(by), about.replace(tzinfo=UTC) + abs(by)
    start = low.astimezone(zone).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) // 2
        middle -= timedelta(seconds=middle.second, microseconds=middle.microsecond)
        if middle <= low:
            break
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == start else (low, middle)
    return high
