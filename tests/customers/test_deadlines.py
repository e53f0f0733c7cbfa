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
        ("tonight at 12", "2026-11-27 00:00"),
        ("tonight at quarter to one", "2026-11-27 00:45"),
        ("tonight at 2", "2026-11-27 02:00"),
        ("tonight at 00:30", "2026-11-27 00:30"),
        ("tonight at 6", "2026-11-26 18:00"),
        ("Friday night at 12", "2026-11-28 00:00"),
        ("Friday night at 1 am", "2026-11-28 01:00"),
        ("tomorrow evening at 12", "2026-11-28 00:00"),
        # Some mean the afternoon.
        ("tonight at 5", "which 2026-11-26 17:00 2026-11-27 05:00"),
        ("tonight at 12 pm", "twice"),
    ],
)
def test_a_night_goes_on_after_midnight(text: str, means: str) -> None:
    assert read(text, THURSDAY) == means


def test_after_midnight_tonight_may_be_either_night() -> None:
    assert read("tonight at 2", at("2026-11-26T00:30")) == "which 2026-11-26 02:00 2026-11-27 02:00"


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("by 17h", "2026-11-26 17:00"),
        ("until 9h tomorrow", "2026-11-27 09:00"),
        ("by 1700 hours", "2026-11-26 17:00"),
        ("at 17 hours", "2026-11-26 17:00"),
        ("by 48h", "unread 48:00"),
        ("in 17h", "2026-11-27 03:00"),
        ("by two hours from now", "2026-11-26 12:00"),
        ("in 2h30", "2026-11-26 12:30"),
        ("within 2:30 hours", "2026-11-26 12:30"),
        ("2h30 from now", "2026-11-26 12:30"),
        ("in 2h75", "unread 2:75"),
        ("2h30", "2026-11-26 14:30"),
    ],
)
def test_an_hour_of_the_clock_is_told_from_a_length(text: str, means: str) -> None:
    assert read(text, THURSDAY) == means


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("before Friday", "2026-11-26 17:00"),
        ("before tomorrow", "2026-11-26 17:00"),
        ("before the 3rd", "2026-12-02 17:00"),
        ("before next Friday", "which 2026-11-26 17:00 2026-12-03 17:00"),
        ("before today", "past"),
        # With a time it is by that time.
        ("before Friday noon", "2026-11-27 12:00"),
        ("before 5 on Friday", "2026-11-27 17:00"),
        ("before lunch on Friday", "2026-11-27 12:00"),
        ("before the end of the month", "2026-11-30 17:00"),
        ("before two hours", "2026-11-26 12:00"),
        ("before Friday morning", "unread before"),
        ("before tonight", "unread before"),
        ("before three days", "unread before"),
        ("a day before Friday", "unread before"),
        ("two days before", "unread before"),
        ("the Friday before 4 December", "unread before"),
    ],
)
def test_before_a_day_is_not_on_it(text: str, means: str) -> None:
    assert read(text, THURSDAY) == means


@pytest.mark.parametrize("text", ["before Friday", "before tomorrow", "before 27 November"])
def test_what_is_before_a_day_may_be_over_though_the_day_is_to_come(text: str) -> None:
    assert read(text, at("2026-11-26T18:00")) == "past"


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("tomorrow, quarter to 22", "2026-11-27 21:45"),
        ("quarter to 13", "2026-11-26 12:45"),
        ("quarter to 24", "2026-11-26 23:45"),
        ("quarter to 0", "2026-11-26 23:45"),
        ("quarter to 25", "unread 24:45"),
    ],
)
def test_a_quarter_to_an_hour_of_the_long_clock(text: str, means: str) -> None:
    assert read(text, THURSDAY) == means


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


@pytest.mark.parametrize(
    ("text", "now", "means"),
    [
        ("Sunday at 1:30 am", at("2027-03-28T10:00"), "2027-04-04 01:30"),
        ("28 March 1:30 am", at("2027-06-01T10:00"), "2028-03-28 01:30"),
        ("Sunday at 1:30 am", at("2027-03-27T10:00"), "no_such_time 2027-03-28 02:00"),
    ],
)
def test_a_gap_that_is_over_is_in_nobodys_way(text: str, now: datetime, means: str) -> None:
    assert read(text, now) == means


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("today 01:30", "2027-10-31T01:30:00+00:00"),
        ("Sunday 1:30 am", "2027-10-31T01:30:00+00:00"),
        ("today 01:50", "2027-10-31T00:50:00+00:00"),
        ("today 01:30 the first time", None),
    ],
)
def test_between_the_two_the_second_is_meant(text: str, means: str | None) -> None:
    # A quarter to two, before the clocks go back to one.
    found = read_deadline(text, now=at("2027-10-31T00:45+00:00"), zone=LISBON)
    assert (found.at and found.at.isoformat()) == means


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
9:30 tomorrow today our time end of month 31st 02:30 half past one second , . - / x tonight night at 12 17h 2h30 quarter
to 22"""
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
