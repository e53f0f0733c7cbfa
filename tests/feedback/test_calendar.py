"""Working hours: across nights, weekends, holidays and both changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.calendar import LONGEST, Calendar, add_hours, hours_between

LONDON = "Europe/London"
SHOP = Calendar(LONDON, {day: (time(9), time(18)) for day in range(6)}, frozenset({date(2026, 12, 25)}))
NIGHTS = Calendar(LONDON, {day: (time(0), time(6)) for day in range(7)})


def at(text: str, zone: str = LONDON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "due"),
    [
        # 2026-03-16 is a Monday.
        (SHOP, "2026-03-16T10:00", 4, "2026-03-16T14:00"),
        (SHOP, "2026-03-16T10:00", 8, "2026-03-16T18:00"),
        (SHOP, "2026-03-16T17:00", 2, "2026-03-17T10:00"),
        (SHOP, "2026-03-16T03:00", 1, "2026-03-16T10:00"),
        (SHOP, "2026-03-16T22:00", 1, "2026-03-17T10:00"),
        (SHOP, "2026-03-21T17:30", 1, "2026-03-23T09:30"),  # Saturday to Monday
        (SHOP, "2026-12-24T17:00", 2, "2026-12-26T10:00"),  # over a holiday
        (SHOP, "2026-03-28T17:00", 2, "2026-03-30T10:00"),  # the clocks change in between
        (SHOP, "2026-03-16T10:00", 0, "2026-03-16T10:00"),
        (SHOP, "2026-03-16T20:00", 0, "2026-03-17T09:00"),
        # The night of 29 March has no hour from one to two; that of 25 October has it twice.
        (NIGHTS, "2026-03-29T00:00", 5, "2026-03-29T06:00"),
        (NIGHTS, "2026-10-25T00:00", 7, "2026-10-25T06:00"),
        (NIGHTS, "2026-10-25T00:00", 8, "2026-10-26T01:00"),
        (Calendar(LONDON), "2026-03-28T12:00", 24, "2026-03-29T13:00"),
        (Calendar(LONDON), "2026-10-24T12:00", 24, "2026-10-25T11:00"),
        (Calendar(LONDON, {0: (time(22), time(0))}), "2026-03-16T23:00", 2, "2026-03-23T23:00"),
        # Opening or closing at a time that the clock leaps over: it is the moment of the leap.
        (Calendar(LONDON, {6: (time(1, 30), time(4))}), "2026-03-29T00:00", 1, "2026-03-29T03:00"),
        (Calendar(LONDON, {6: (time(0), time(1, 30))}), "2026-03-29T00:30", 1, "2026-04-05T00:30"),
    ],
)
def test_so_many_working_hours_from_then(calendar: Calendar, start: str, hours: int, due: str) -> None:
    assert add_hours(at(start), timedelta(hours=hours), calendar) == at(due).astimezone(UTC)


def test_a_zone_whose_midnight_is_leapt_over_loses_nothing() -> None:
    # In Santiago 6 September 2026 begins at one o'clock.
    zone = "America/Santiago"
    whole = hours_between(at("2026-09-05T12:00", zone), at("2026-09-06T12:00", zone), Calendar(zone))
    assert whole == timedelta(hours=23)


def test_only_holidays_count_for_nothing_where_there_are_no_hours() -> None:
    calendar = Calendar("UTC", {}, frozenset({date(2026, 3, 17)}))
    assert add_hours(at("2026-03-16T23:00", "UTC"), timedelta(hours=2), calendar) == at("2026-03-18T01:00", "UTC")


def test_a_calendar_that_is_never_open_again_still_comes_to_an_end() -> None:
    days = frozenset(date(2026, 1, 1) + timedelta(days=day) for day in range(1500))
    start = at("2026-03-16T10:00")
    assert add_hours(start, timedelta(hours=1), Calendar(LONDON, SHOP.hours, days)) == start + LONGEST


_FROM, _TO = (datetime.fromisoformat(text) for text in ("2024-01-01", "2030-01-01"))
_MOMENTS = st.datetimes(_FROM, _TO, timezones=st.just(UTC))
_TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
_DAYS = st.tuples(_TIMES, _TIMES).filter(lambda pair: pair[0] < pair[1] or pair[1] == time(0))
_CALENDARS = st.builds(
    Calendar,
    st.sampled_from([LONDON, "UTC", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu"]),
    st.dictionaries(st.integers(0, 6), _DAYS, max_size=7),
    st.frozensets(st.dates(date(2024, 1, 1), date(2030, 1, 1)), max_size=5),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_MOMENTS, st.integers(1, 60 * 30), _CALENDARS)
def test_what_was_added_lies_between(start: datetime, minutes: int, calendar: Calendar) -> None:
    wanted = timedelta(minutes=minutes)
    due = add_hours(start, wanted, calendar)
    assert due - start >= wanted
    if due < start + LONGEST:
        assert hours_between(start, due, calendar) == wanted


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_MOMENTS, st.integers(0, 600), st.integers(0, 600), _CALENDARS)
def test_more_hours_are_never_sooner(start: datetime, some: int, more: int, calendar: Calendar) -> None:
    soon, late = (add_hours(start, timedelta(minutes=minutes), calendar) for minutes in (some, some + more))
    assert soon <= late
