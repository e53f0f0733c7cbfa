"""What people mean by “by Thursday noon”: a promise's time in English words, read and said back.

A small grammar of our own. Tried on the same phrases, dateparser 1.5 read “tomorrow before 5” as now, a day later, and
12/3 without a question; parsedatetime 2.6 and recurrent 0.4 (which asks it) read “Friday week” as this Friday; all of
them pass over words that they do not know. A promise is no place for a guess: here every word is understood or named.

Rules: a day without a time ends when the house closes; before a day is when the house closes on the day before it;
hours 1 to 7 without am or pm are in the afternoon; a morning ends at noon; midnight ends its day, and a night goes on
after it; a day of the week is the next one to come, “Friday week” the one after; working days are Monday to Friday;
2h and 2h30 are lengths after “in”, and 17h is a clock's after “by”; lengths in hours and minutes are real time,
whatever the clocks do.
"""

from datetime import UTC, datetime, time, tzinfo

from customers.deadlines.clocks import moment_of
from customers.deadlines.draft import CLOSING, MONTHS, SECOND_TIME, WEEKDAYS, Draft, Reading, Stop, Trouble
from customers.deadlines.phrases import place_of, plain, understand

__all__ = ["Reading", "Trouble", "is_second", "read_deadline", "say_moment"]

# Longer than any time that somebody promises.
_LONGEST = 200


def read_deadline(
    text: str, *, now: datetime, zone: tzinfo, here: tzinfo | None = None, closing: time = CLOSING
) -> Reading:
    """Return the moment that a phrase means by the clocks of `zone`, or of `here` where it says “our time”.

    `now` is aware. A time that two hours have when the clocks go back is the first of the two, unless the phrase says
    “the second time”.
    """
    words, zone = place_of(plain(text[:_LONGEST]), zone, here or zone)
    if not words:
        return Reading(trouble=Trouble.NOTHING)
    now = now.astimezone(UTC)
    draft = Draft(now.astimezone(zone).date())
    try:
        understand(words, draft)
        return Reading(moment_of(draft, now, zone, closing))
    except Stop as stop:
        return stop.reading
    except OverflowError:
        return Reading(trouble=Trouble.NO_SUCH_DAY)


def say_moment(at: datetime, zone: tzinfo) -> str:
    """Return a moment in words that mean this moment and no other: “Thursday 26 November 2026, 12:00”."""
    local = at.astimezone(zone)
    said = f"{WEEKDAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"
    return f"{said} {SECOND_TIME}" if is_second(at, zone) else said


def is_second(at: datetime, zone: tzinfo) -> bool:
    """Whether the clocks of a place show this time for the second time that night."""
    local = at.astimezone(zone)
    return bool(local.fold) and local.replace(fold=0).utcoffset() != local.utcoffset()
