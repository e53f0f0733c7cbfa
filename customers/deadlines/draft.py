"""What a phrase is found to mean, bit by bit."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

CLOSING = time(17)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: tuple[str, ...] = ("January", "February", "March", "April", "May", "June")
MONTHS += ("July", "August", "September", "October", "November", "December")
DAY = timedelta(days=1)
SECOND_TIME = "the second time"


class Trouble(Enum):
    """Why a phrase gives no one time."""

    NOTHING = "nothing"
    # A word that is not understood, in `Reading.word`.
    UNREAD = "unread"
    # Two days, or two times, are named.
    TWICE = "twice"
    # It may mean any of `Reading.choices`.
    WHICH = "which"
    # A week or a month is named, but no day.
    VAGUE = "vague"
    NO_SUCH_DAY = "no_such_day"
    NOT_THAT_WEEKDAY = "not_that_weekday"
    # The clocks go forward over it; `Reading.choices` has the first moment after.
    NO_SUCH_TIME = "no_such_time"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phrase means: a moment (aware, in UTC, whole minutes), or why not."""

    at: datetime | None = None
    trouble: Trouble | None = None
    choices: tuple[datetime, ...] = ()
    word: str = ""


class Stop(Exception):
    """Ends a reading with its trouble; never leaves this package."""

    def __init__(self, trouble: Trouble, word: str = "", choices: tuple[datetime, ...] = ()) -> None:
        self.reading = Reading(trouble=trouble, word=word, choices=choices)


@dataclass
class Draft:
    """What has been understood so far. `days`: for each thing that the words may mean, the dates to try in turn."""

    today: date
    days: list[list[date]] | None = None
    weekday: int | None = None
    # Minutes after midnight, and whether am or pm was left open.
    minutes: int | None = None
    is_open: bool = False
    part: str = ""
    length: timedelta | None = None
    is_second: bool | None = None
    # Whether the day is the one before which it has to be.
    is_before: bool = False

    def set_days(self, *meanings: list[date]) -> None:
        if self.days is not None:
            raise Stop(Trouble.TWICE)
        known = [meaning for meaning in meanings if meaning]
        if not known:
            raise Stop(Trouble.NO_SUCH_DAY)
        self.days = known

    def set_clock(self, hour: int, minute: int = 0, half: str = "", *, is_exact: bool = False) -> None:
        """Note a time of the day; `half` is “am”, “pm” or nothing."""
        if self.minutes is not None:
            raise Stop(Trouble.TWICE)
        if minute > 59 or hour > 24 or (hour == 24 and minute) or (half and not 1 <= hour <= 12):
            raise Stop(Trouble.UNREAD, f"{hour}:{minute:02}")
        if half:
            hour = hour % 12 + (12 if half[0] == "p" else 0)
        self.is_open = not (half or is_exact) and 1 <= hour <= 12
        self.minutes = hour * 60 + minute


def coming(draft: Draft, weekday: int) -> date:
    """Return the next such day of the week, today included."""
    return draft.today + DAY * ((weekday - draft.today.weekday()) % 7)
