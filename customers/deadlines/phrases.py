"""The words that name a time: each phrase of the grammar, and what it adds to what is understood."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta, tzinfo

from customers.deadlines.draft import DAY, MONTHS, SECOND_TIME, WEEKDAYS, Draft, Stop, Trouble, coming

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COUNTS = {word: number for number, word in enumerate(_NUMBERS, 1)} | {"a": 1, "an": 1, "a couple of": 2}
_COUNT = rf"(\d{{1,4}}|a couple of|{'|'.join(_NUMBERS)}|an?)"
_HOUR = rf"(\d{{1,2}}|{'|'.join(_NUMBERS)})"
_WEEKDAY = r"(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b"
_MONTH = r"(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|ust|ember|tember|ober)?\b"
_NTH = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,? (\d{4}))?(?![\d:])"
_HALF = r"(am|pm|a\.m\.?|p\.m\.?)"
_FILLER = re.compile(
    r"(?:at the latest|(?:no|not) later than|from now|by|at|on|before|until|till|the|of|latest|in|within|and|,|\.)"
    r"(?!\w) ?"
)
# Before a number that stands alone these say that it is an hour.
_HOURLY = ("at", "by", "before", "until", "till", "no later than", "not later than")


def plain(text: str) -> str:
    text = re.sub(r"[‘’`´]", "'", text.casefold())
    return " ".join(re.sub(r"[–—\-](?!\d)|[;!()“”\"]", " ", text).split())


def place_of(words: str, zone: tzinfo, here: tzinfo) -> tuple[str, tzinfo]:
    """Take out whose clock is meant."""
    ours, count = re.subn(r"\b(?:our|my|house|the house's) time\b|\bhere\b", " ", words)
    if count:
        return " ".join(ours.split()), here
    theirs = re.sub(r"\b(?:their|his|her|local|your|the customer's) time\b|\bthere\b", " ", words)
    return " ".join(theirs.split()), zone


def understand(words: str, draft: Draft) -> None:
    """Read from left to right; what nothing begins with is named."""
    filler = ""
    # Whether “before” was said, and nothing yet that it is about.
    is_before = False
    while words := words.lstrip(" "):
        for pattern, take in _GRAMMAR:
            found = pattern.match(words)
            if found:
                _take(draft, found, take, is_before=is_before)
                is_before = False
                break
        else:
            found = re.match(r"(\d{1,2})(?![\w:./-])", words)
            if found and int(found[1]) < 25 and (filler in _HOURLY or draft.days or draft.weekday is not None):
                draft.set_clock(int(found[1]))
                is_before = False
            else:
                found = _FILLER.match(words)
                if found is None:
                    raise Stop(Trouble.UNREAD, words.split(" ")[0])
                is_before |= found[0].strip() == "before"
        filler = found[0].strip()
        words = words[found.end() :]
    if is_before:
        raise Stop(Trouble.UNREAD, "before")


def _take(draft: Draft, found: re.Match[str], take: Callable[..., None], *, is_before: bool) -> None:
    """Note what a phrase adds. Before an hour is by that hour; before a day is before that day begins."""
    known = draft.days, draft.weekday
    is_alone = known == (None, None) and draft.length is None
    take(draft, *found.groups())
    if is_before and known != (draft.days, draft.weekday) and take not in (_end_of, _end_of_month):
        if not is_alone or take is _lasting:
            # “A day before Friday”, “the Friday before the 3rd”.
            raise Stop(Trouble.UNREAD, "before")
        draft.is_before = True


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _COUNTS[word]


# --- what each phrase adds ---


def _iso(draft: Draft, year: str, month: str, day: str, hour: str | None, minute: str | None) -> None:
    draft.set_days(_dates(draft, int(day), int(month), int(year)))
    if hour and minute:
        draft.set_clock(int(hour), int(minute), is_exact=True)


def _slashed(draft: Draft, first: str, second: str, year: str | None) -> None:
    """12/3 is the twelfth of March here and the third of December there: both are meant until somebody says."""
    one, two, when = int(first), int(second), _full_year(year)
    meanings = [_dates(draft, one, two, when)] + ([_dates(draft, two, one, when)] if one != two else [])
    draft.set_days(*meanings)


def _dotted(draft: Draft, day: str, month: str, year: str | None) -> None:
    draft.set_days(_dates(draft, int(day), int(month), _full_year(year)))


def _day_month(draft: Draft, day: str, month: str, year: str | None) -> None:
    draft.set_days(_dates(draft, int(day), _month(month), int(year) if year else None))


def _month_day(draft: Draft, month: str, day: str, year: str | None) -> None:
    _day_month(draft, day, month, year)


def _nth(draft: Draft, day: str) -> None:
    """The next month that has such a day."""
    months = [
        (draft.today.year + (draft.today.month + n - 1) // 12, (draft.today.month + n - 1) % 12 + 1) for n in range(4)
    ]
    draft.set_days([one for year, month in months if (one := _date(year, month, int(day)))])


def _full_year(year: str | None) -> int | None:
    return None if year is None else int(year) + (2000 if len(year) == 2 else 0)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _dates(draft: Draft, day: int, month: int, year: int | None) -> list[date]:
    """The dates that are meant, to be tried in turn: without a year this one and the next."""
    years = [year] if year else [draft.today.year, draft.today.year + 1]
    return [one for y in years if (one := _date(y, month, day))]


def _month(word: str) -> int:
    return next(n for n, name in enumerate(MONTHS, 1) if name.casefold().startswith(word[:3]))


def _weekday(word: str) -> int:
    return next(n for n, name in enumerate(WEEKDAYS) if name.casefold().startswith(word[:3]))


def _monday(draft: Draft, weeks: int = 0) -> date:
    return draft.today - DAY * draft.today.weekday() + timedelta(weeks=weeks)


def _this_weekday(draft: Draft, word: str) -> None:
    """Alone it is the next one to come; beside a date it has to agree with it."""
    if draft.weekday is not None:
        raise Stop(Trouble.TWICE)
    draft.weekday = _weekday(word)


def _in_this_week(draft: Draft, word: str) -> None:
    draft.set_days([_monday(draft) + DAY * _weekday(word)])


def _next_weekday(draft: Draft, word: str) -> None:
    """Some mean the one that comes next, others the one in the week that comes next."""
    weekday = _weekday(word)
    ahead = (weekday - draft.today.weekday()) % 7 or 7
    draft.set_days(*([day] for day in sorted({draft.today + ahead * DAY, _monday(draft, 1) + weekday * DAY})))


def _in_next_week(draft: Draft, word: str) -> None:
    draft.set_days([_monday(draft, 1) + DAY * _weekday(word)])


def _weekday_week(draft: Draft, word: str) -> None:
    draft.set_days([coming(draft, _weekday(word)) + 7 * DAY])


def _in_days(days: int) -> Callable[[Draft], None]:
    return lambda draft: draft.set_days([draft.today + days * DAY])


def _tonight(draft: Draft) -> None:
    draft.set_days([draft.today])
    draft.part = "night"


def _this_part(draft: Draft, part: str) -> None:
    draft.set_days([draft.today])
    _part(draft, part)


def _part(draft: Draft, part: str) -> None:
    if draft.part:
        raise Stop(Trouble.TWICE)
    draft.part = part


def _end_of(draft: Draft, which: str | None, span: str) -> None:
    ahead = 1 if which == "next" else 0
    if span == "week":
        draft.set_days([_monday(draft, ahead) + 4 * DAY])
    elif span == "year":
        draft.set_days([date(draft.today.year + ahead, 12, 31)])
    else:
        _month_end(draft, draft.today.month - 1 + ahead)


def _end_of_month(draft: Draft, month: str) -> None:
    _month_end(draft, _month(month) - 1 + (12 if _month(month) < draft.today.month else 0))


def _month_end(draft: Draft, months: int) -> None:
    year, month = draft.today.year + months // 12, months % 12 + 1
    draft.set_days([date(year, month, monthrange(year, month)[1])])


def _closing(draft: Draft) -> None:
    _part(draft, "close")


def _clock(draft: Draft, hour: str, minute: str, half: str | None) -> None:
    draft.set_clock(int(hour), int(minute), half or "", is_exact=hour.startswith("0"))


def _whole_hour(draft: Draft, hour: str, half: str | None = None) -> None:
    draft.set_clock(_number(hour), 0, half or "")


def _past(draft: Draft, part: str, hour: str) -> None:
    draft.set_clock(_number(hour), 30 if part == "half" else 15)


def _quarter_to(draft: Draft, hour: str) -> None:
    number = _number(hour) or 24
    draft.set_clock(number - 1 if number > 12 else (number - 2) % 12 + 1, 45, is_exact=number > 12)


def _noon(draft: Draft) -> None:
    draft.set_clock(12, is_exact=True)


def _midnight(draft: Draft) -> None:
    draft.set_clock(24, is_exact=True)


def _lasting(draft: Draft, count: str, half: str | None, unit: str) -> None:
    """A length of time: hours and minutes are counted, days and more lead to a day."""
    number = _number(count)
    if unit[0] == "h" or unit.startswith("min"):
        if draft.length is not None or draft.days:
            raise Stop(Trouble.TWICE)
        minutes = number * (60 if unit[0] == "h" else 1) + (30 if half and unit[0] == "h" else 0)
        draft.length = timedelta(minutes=minutes)
    elif half:
        raise Stop(Trouble.UNREAD, "half")
    elif unit.startswith("month"):
        months = draft.today.month - 1 + number
        year, month = draft.today.year + months // 12, months % 12 + 1
        if year > date.max.year:
            raise Stop(Trouble.NO_SUCH_DAY)
        draft.set_days([date(year, month, min(draft.today.day, monthrange(year, month)[1]))])
    elif unit.startswith(("working", "business")):
        draft.set_days([_working_day(draft.today, number)])
    else:
        draft.set_days([draft.today + number * (7 if unit[0] == "w" else 14 if unit[0] == "f" else 1) * DAY])


def _hours_and_minutes(draft: Draft, hours: str, minutes: str) -> None:
    if int(minutes) > 59:
        raise Stop(Trouble.UNREAD, f"{hours}:{minutes}")
    _lasting(draft, str(int(hours) * 60 + int(minutes)), None, "min")


def _working_day(day: date, number: int) -> date:
    while number:
        day += DAY
        number -= day.weekday() < 5
    return day


def _half_an_hour(draft: Draft) -> None:
    _lasting(draft, "30", None, "min")


def _hour_and_a_half(draft: Draft, count: str) -> None:
    _lasting(draft, count, "half", "hour")


def _vague(_draft: Draft) -> None:
    raise Stop(Trouble.VAGUE)


def _told_apart(which: bool) -> Callable[[Draft], None]:
    def take(draft: Draft) -> None:
        draft.is_second = which

    return take


_UNIT = r"(minutes?|mins?|hours?|hrs?|h|(?:working|business) days?|days?|weeks?|fortnights?|months?)"
_UNIT += r"(?:'s|')?(?!\w)(?: time\b)?"
# Two and a half hours: 2h30, 2:30 hours.
_LENGTH = r"(\d{1,3})[h:](\d{2})(?: ?(?:minutes?|mins?|m|hours?|hrs?|h))?(?![\w:])"
_PART = "(morning|lunchtime|lunch|afternoon|evening|night)"
_END_OF_DAY = (
    r"(?:the )?end of (?:the )?(?:business )?day\b|close of (?:business|play)\b|(?:cob|eod)\b|end of business\b"
)
_PHRASES: tuple[tuple[str, Callable[..., None]], ...] = (
    (r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ](\d{1,2}):(\d{2})(?::00)?)?(?!\d)", _iso),
    (r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/])", _slashed),
    (r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?(?!\d)", _dotted),
    (rf"(?:a )?week (?:on|from) {_WEEKDAY}", _weekday_week),
    (rf"next week(?: on)? {_WEEKDAY}", _in_next_week),
    (rf"{_WEEKDAY} (?:of )?next week\b", _in_next_week),
    (rf"{_WEEKDAY} week\b", _weekday_week),
    (rf"this {_WEEKDAY}", _in_this_week),
    (rf"next {_WEEKDAY}", _next_weekday),
    (rf"(?:coming )?{_WEEKDAY}", _this_weekday),
    (r"(?:tomorrow week|a week (?:from )?tomorrow)\b", _in_days(8)),
    (r"(?:today week|a week (?:from )?today)\b", _in_days(7)),
    (r"(?:the )?day after tomorrow\b", _in_days(2)),
    (r"(?:tomorrow|tmrw)\b", _in_days(1)),
    (r"today\b", _in_days(0)),
    (r"yesterday\b", _in_days(-1)),
    (r"tonight\b", _tonight),
    (rf"(?:in|within) {_LENGTH}", _hours_and_minutes),
    (rf"{_LENGTH} from now\b", _hours_and_minutes),
    (rf"(?:{'|'.join(_HOURLY)}|(?:at the )?latest) (\d{{1,4}}) ?h(?!\w)", _whole_hour),
    (r"at (\d{1,2}) (?:hours?|hrs?)\b", _whole_hour),
    (r"(\d{2})(\d{2}) ?(?:hours?|hrs?|h)\b()", _clock),
    (rf"(?:in |within )?{_COUNT} hours? and a half\b", _hour_and_a_half),
    (rf"(?:in |within )?{_COUNT}( and a half)? {_UNIT}", _lasting),
    (r"(?:in |within )?(\d{1,4})()(h|min|hrs?|mins?)\b(?!\d)", _lasting),
    (r"(?:in |within )?half an hour(?:'s time)?\b", _half_an_hour),
    (rf"(?:a )?(half|quarter) past {_HOUR}\b", _past),
    (rf"(?:a )?quarter to {_HOUR}\b", _quarter_to),
    (r"(\d{1,2})[:.h](\d{2})(?! ?[\d.]) ?(am|pm|a\.m\.?|p\.m\.?)?(?!\w)", _clock),
    (rf"(\d{{1,2}}) ?{_HALF}(?!\w)", _whole_hour),
    (rf"{_HOUR} ?o'? ?clock\b", _whole_hour),
    (rf"{_NTH} (?:of )?{_MONTH}{_YEAR}", _day_month),
    (rf"{_MONTH}\.? (?:the )?{_NTH}(?![\w:.]){_YEAR}", _month_day),
    (r"(\d{1,2})(?:st|nd|rd|th)\b", _nth),
    (_END_OF_DAY, _closing),
    (r"(?:the )?end of (?:(the|this|next) )?(week|month|year)\b", _end_of),
    (rf"(?:the )?end of {_MONTH}", _end_of_month),
    (rf"this {_PART}\b", _this_part),
    (rf"(?:in the |at )?{_PART}\b", _part),
    (r"(?:noon|midday)\b", _noon),
    (r"midnight\b", _midnight),
    (r"(?:this|next) (?:week|month|year)\b|(?:the )?weekend\b", _vague),
    (r"the first time\b", _told_apart(False)),
    (rf"{SECOND_TIME}\b", _told_apart(True)),
)
_GRAMMAR = [(re.compile(pattern), take) for pattern, take in _PHRASES]
