"""Quiet hours by the clock on the customer's wall, also in the nights when it is moved."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.quiet import after_quiet, is_quiet

LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
ZONES = [
    ZoneInfo(name) for name in ("UTC", "Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


MINUTES = 3 * 365 * 24 * 60
MOMENTS = st.integers(0, MINUTES).map(lambda minutes: at("2025-01-01T00:00+00:00") + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-06-01T11:00+01:00", "2026-06-01T11:00+01:00"),
        ("2026-06-01T20:59:59+01:00", "2026-06-01T20:59:59+01:00"),
        ("2026-06-01T21:00+01:00", "2026-06-02T08:00+01:00"),
        ("2026-06-01T23:59+01:00", "2026-06-02T08:00+01:00"),
        ("2026-06-02T00:00+01:00", "2026-06-02T08:00+01:00"),
        ("2026-06-02T07:59:59+01:00", "2026-06-02T08:00+01:00"),
        ("2026-06-02T08:00+01:00", "2026-06-02T08:00+01:00"),
        # The nights before the clock goes forward, and back: eight o'clock is eight o'clock.
        ("2026-03-28T22:00+00:00", "2026-03-29T08:00+01:00"),
        ("2026-10-24T22:00+01:00", "2026-10-25T08:00+00:00"),
    ],
)
def test_a_letter_waits_until_the_quiet_hours_are_over(moment: str, until: str) -> None:
    assert after_quiet(at(moment), LONDON, begins=time(21), ends=time(8)) == at(until)


def test_hours_within_a_day() -> None:
    assert after_quiet(at("2026-06-01T13:00+01:00"), LONDON, begins=time(12), ends=time(14)) == at(
        "2026-06-01T14:00+01:00"
    )
    assert not is_quiet(at("2026-06-01T23:00+01:00"), LONDON, begins=time(12), ends=time(14))


def test_an_end_that_is_shown_twice_is_reached_when_it_is_quiet_no_more() -> None:
    # At 02:00 in summer time the clock is put back to 01:00, so half past one comes twice.
    quiet = {"begins": time(22), "ends": time(1, 30)}
    assert after_quiet(at("2026-11-01T00:00-04:00"), NEW_YORK, **quiet) == at("2026-11-01T01:30-04:00")
    assert after_quiet(at("2026-11-01T01:10-05:00"), NEW_YORK, **quiet) == at("2026-11-01T01:30-05:00")


def test_an_end_that_the_clock_leaves_out_is_taken_to_be_where_it_would_have_been() -> None:
    # At 02:00 the clock is put forward to 03:00.
    until = after_quiet(at("2026-03-08T00:00-05:00"), NEW_YORK, begins=time(22), ends=time(2, 30))
    assert until == at("2026-03-08T03:30-04:00")


TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0))


@given(
    MOMENTS,
    st.sampled_from(ZONES),
    TIMES,
    TIMES,
)
def test_it_is_never_quiet_when_a_letter_leaves(moment: datetime, zone: ZoneInfo, begins: time, ends: time) -> None:
    if begins == ends:
        return
    until = after_quiet(moment, zone, begins=begins, ends=ends)
    assert not is_quiet(until, zone, begins=begins, ends=ends)
    assert moment <= until <= moment + timedelta(hours=25)
    if until != moment:
        assert is_quiet(moment, zone, begins=begins, ends=ends)
        # No time in between was free, but where the clock jumped over the end of the quiet hours.
        minutes = int((until - moment) / timedelta(minutes=1))
        free = [
            n for n in range(minutes) if not is_quiet(moment + timedelta(minutes=n), zone, begins=begins, ends=ends)
        ]
        assert len(free) <= 60
