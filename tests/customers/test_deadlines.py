"""By when, in words: what is understood, what is asked about, and that it is said back the same."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.deadlines import Trouble, read_deadline, say_moment

LISBON, TOKYO = ZoneInfo("Europe/Lisbon"), ZoneInfo("Asia/Tokyo")
ZONES = ["Europe/Lisbon", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# A Sunday afternoon; a Thursday morning; the last day of a year, which is a Thursday.
SUNDAY, THURSDAY, LAST = at("2026-11-22T15:00"), at("2026-11-26T10:00"), at("2026-12-31T11:00")


def read(text: str, now: datetime = SUNDAY, zone: ZoneInfo = LISBON) -> str:
    """What is understood, by the clocks of the place, or why not with what there is to choose from."""
    found = read_deadline(text, now=now.replace(tzinfo=zone), zone=zone, here=TOKYO)
    if found.at:
        assert found.trouble is None
        return f"{found.at.astimezone(zone):%Y-%m-%d %H:%M}"
    assert found.trouble
    choices = [f"{one.astimezone(zone):%Y-%m-%d %H:%M}" for one in found.choices]
    return " ".join(filter(None, [found.trouble.value, found.word, *choices]))


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("by Thursday noon", "2026-11-26 12:00"),
        ("tomorrow before 5", "2026-11-23 17:00"),
        ("Tomorrow, by 5 pm at the latest", "2026-11-23 17:00"),
        ("tomorrow 5 a.m.", "2026-11-23 05:00"),
        ("tomorrow at 05:00", "2026-11-23 05:00"),
        ("tomorrow at 9", "2026-11-23 09:00"),
        ("half past four tomorrow", "2026-11-23 16:30"),
        ("a quarter to one tomorrow", "2026-11-23 12:45"),
        ("in two hours", "2026-11-22 17:00"),
        ("in an hour and a half", "2026-11-22 16:30"),
        ("in half an hour", "2026-11-22 15:30"),
        ("within 24 hours", "2026-11-23 15:00"),
        ("2h", "2026-11-22 17:00"),
        ("two days' time", "2026-11-24 17:00"),
        ("two days’ time", "2026-11-24 17:00"),
        ("in 3 working days", "2026-11-25 17:00"),
        ("in 3 days at noon", "2026-11-25 12:00"),
        ("in a fortnight", "2026-12-06 17:00"),
        ("in a month", "2026-12-22 17:00"),
        ("Friday", "2026-11-27 17:00"),
        ("Friday week", "2026-12-04 17:00"),
        ("a week on Friday", "2026-12-04 17:00"),
        ("tomorrow week", "2026-11-30 17:00"),
        ("next week on Tuesday", "2026-11-24 17:00"),
        ("the day after tomorrow", "2026-11-24 17:00"),
        ("by the end of the month", "2026-11-30 17:00"),
        ("by the end of next month", "2026-12-31 17:00"),
        ("by the end of the week", "past"),
        ("by the end of next week", "2026-11-27 17:00"),
        ("the end of February", "2027-02-28 17:00"),
        ("end of business on Friday", "2026-11-27 17:00"),
        ("tomorrow morning", "2026-11-23 12:00"),
        ("tomorrow morning at 9", "2026-11-23 09:00"),
        ("tomorrow evening at 8", "2026-11-23 20:00"),
        ("tonight", "2026-11-22 22:00"),
        ("this afternoon", "2026-11-22 17:00"),
        ("midnight", "2026-11-23 00:00"),
        ("tomorrow midnight", "2026-11-24 00:00"),
        ("tomorrow 24:00", "2026-11-24 00:00"),
        ("tomorrow 00:00", "2026-11-23 00:00"),
        ("25 March 9:30", "2027-03-25 09:30"),
        ("March 25th", "2027-03-25 17:00"),
        ("the 3rd", "2026-12-03 17:00"),
        ("the 31st", "2026-12-31 17:00"),
        ("26/11", "2026-11-26 17:00"),
        ("26.11. 14h30", "2026-11-26 14:30"),
        ("12/12/26", "2026-12-12 17:00"),
        # The day of the week tells the twelfth of March from the third of December.
        ("Friday 12/3", "2027-03-12 17:00"),
        ("2026-11-25T17:00", "2026-11-25 17:00"),
        ("Thursday 26 November, 12:00", "2026-11-26 12:00"),
        ("tomorrow at 20:00 our time", "2026-11-24 11:00"),
    ],
)
def test_is_understood(text: str, means: str) -> None:
    assert read(text) == means


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", "nothing"),
        ("by the", "nothing"),
        ("12/3 at 9:30", "which 2026-12-03 09:30 2027-03-12 09:30"),
        ("next week", "vague"),
        ("at the weekend", "vague"),
        ("soon", "unread soon"),
        ("Thursday noonish", "unread noonish"),
        ("5 or 6 tomorrow", "unread 5"),
        ("tomorrow at 25:10", "unread 25:10"),
        ("Thursday or Friday", "unread or"),
        ("Thursday Friday", "twice"),
        ("tomorrow noon at 9:00", "twice"),
        ("in two hours tomorrow", "twice"),
        ("Friday 26 November", "not_that_weekday"),
        ("30 February", "no_such_day"),
        ("in 9999 weeks and 9999 months", "twice"),
        ("29 February", "no_such_day"),
        ("yesterday", "past"),
        ("noon", "past"),
        ("9:30 today", "past"),
        ("21 November 2026", "past"),
        ("this Friday", "past"),
        ("x" * 10_000, "unread " + "x" * 200),
    ],
)
def test_is_asked_about(text: str, answer: str) -> None:
    assert read(text) == answer


@pytest.mark.parametrize(
    ("text", "now", "means"),
    [
        ("Thursday noon", THURSDAY, "2026-11-26 12:00"),
        ("Thursday 9:00", THURSDAY, "2026-12-03 09:00"),
        ("next Thursday", THURSDAY, "2026-12-03 17:00"),
        # Some mean tomorrow, others the one in the week that comes.
        ("next Friday", THURSDAY, "which 2026-11-27 17:00 2026-12-04 17:00"),
        ("this Friday", THURSDAY, "2026-11-27 17:00"),
        ("in 2 working days", THURSDAY, "2026-11-30 17:00"),
        ("end of the week", THURSDAY, "2026-11-27 17:00"),
        ("tomorrow", LAST, "2027-01-01 17:00"),
        ("midnight", LAST, "2027-01-01 00:00"),
        ("end of the year", LAST, "2026-12-31 17:00"),
        ("1 January noon", LAST, "2027-01-01 12:00"),
        ("the 1st", LAST, "2027-01-01 17:00"),
        ("in two months", LAST, "2027-02-28 17:00"),
        ("31/12 10:00", LAST, "2027-12-31 10:00"),
    ],
)
def test_today_is_where_it_is_said(text: str, now: datetime, means: str) -> None:
    assert read(text, now) == means


@pytest.mark.parametrize(
    ("text", "means"),
    [
        # Forward at one in the morning of 28 March, back at two on 31 October.
        ("28 March 2027 01:30", "no_such_time 2027-03-28 02:00"),
        ("28 March 2027 02:00", "2027-03-28 02:00"),
        ("31 October 2027 01:30", "2027-10-31T00:30:00+00:00"),
        ("31 October 2027 01:30 the second time", "2027-10-31T01:30:00+00:00"),
    ],
)
def test_when_the_clocks_change(text: str, means: str) -> None:
    found = read_deadline(text, now=SUNDAY.replace(tzinfo=LISBON), zone=LISBON)
    assert means in (read(text), found.at and found.at.isoformat())


def test_hours_are_real_hours_and_days_are_days_of_the_calendar() -> None:
    night = datetime(2027, 3, 28, 0, 30, tzinfo=LISBON)
    for text, means in (("in two hours", "2027-03-28T02:30:00+00:00"), ("tomorrow 00:30", "2027-03-28T23:30:00+00:00")):
        found = read_deadline(text, now=night, zone=LISBON)
        assert found.at
        assert found.at.astimezone(UTC).isoformat() == means


def test_a_day_that_a_place_left_out_is_not_there() -> None:
    now = datetime(2011, 12, 28, 12, tzinfo=ZoneInfo("Pacific/Apia"))
    found = read_deadline("30 December 2011 noon", now=now, zone=ZoneInfo("Pacific/Apia"))
    assert found.trouble is Trouble.NO_SUCH_TIME
    assert say_moment(found.choices[0], ZoneInfo("Pacific/Apia")) == "Saturday 31 December 2011, 00:00"


_NOWS = st.datetimes(at("2020-01-01"), at("2040-01-01"), timezones=st.just(UTC))
_WORDS = """by at before the 12/3 3.4. 26 March Thursday next week Friday in two hours 3 days noon midnight morning 5 pm
9:30 tomorrow today our time end of month 31st 02:30 half past one second , . - / x"""
_BITS = st.sampled_from(_WORDS.split())


@given(now=_NOWS, ahead=st.timedeltas(timedelta(minutes=1), timedelta(days=800)), zone=st.sampled_from(ZONES))
def test_what_is_said_is_read_as_what_was_meant(now: datetime, ahead: timedelta, zone: str) -> None:
    meant = (now + ahead + timedelta(minutes=1)).replace(second=0, microsecond=0)
    said = say_moment(meant, ZoneInfo(zone))
    assert read_deadline(said, now=now, zone=ZoneInfo(zone)).at == meant, said


@given(text=st.lists(_BITS, max_size=7).map(" ".join) | st.text(max_size=40), now=_NOWS, zone=st.sampled_from(ZONES))
def test_what_is_read_is_said_back_the_same(text: str, now: datetime, zone: str) -> None:
    place = ZoneInfo(zone)
    found = read_deadline(text, now=now, zone=place, here=LISBON)
    assert (found.at is None) is (found.trouble is not None)
    if found.at:
        assert found.at > now
        assert read_deadline(say_moment(found.at, place), now=now, zone=place).at == found.at
