"""How much we have put a customer through lately: the noise index. Pure, without Django.

    index = Σ weight × 2^(−age ÷ half-life)

over all troubles, with age and half-life in days of 24 hours. Weights have no unit; by default a real incident weighs
2. The decay is that of radioactive substances, and of frecency lists: what happened one half-life ago counts half. An
index never rises with time alone, halves with each half-life where nothing is added, and never falls where trouble is
added. A trouble whose time is still to come (two clocks differ a little) has the age 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

_DAY = timedelta(days=1)
# A wait of the shortest length that counts weighs a quarter; from four times that length it weighs all.
_WHOLE_WAIT = 4


class Level(Enum):
    """An index in words, from the least that it takes. Two real incidents of today make 4."""

    NOTHING = 0.0
    LITTLE = 0.25
    SOME = 2.0
    MUCH = 4.0
    VERY_MUCH = 8.0


@dataclass(frozen=True, slots=True)
class Weights:
    """What one trouble of each kind weighs on its day, and the half-life in days.

    `incidents`: by severity, 1 to 3. `promise`: broken or overdue; kept late it weighs its part of `late_hours`.
    `unhappy`: the answer “no”; “in part” weighs half. `wait`: of four times `wait_minutes` and more.
    """

    half_life_days: float = 30
    incidents: tuple[float, float, float] = (1, 2, 4)
    promise: float = 3
    late_hours: float = 48
    unhappy: float = 3
    wait: float = 2
    wait_minutes: float = 5

    def incident(self, severity: int) -> float:
        """The weight of an incident of a severity from 1 to 3."""
        return self.incidents[severity - 1]

    def promise_kept(self, late: timedelta) -> float:
        """The weight of a promise kept so late; none where it was kept in time."""
        part = late / timedelta(hours=self.late_hours)
        return self.promise * min(max(part, 0.0), 1.0)

    def answer(self, *, is_no: bool) -> float:
        """The weight of a low answer."""
        return self.unhappy if is_no else self.unhappy / 2

    def waited(self, length: timedelta) -> float:
        """The weight of a wait; none where it is shorter than what counts as long."""
        part = length / timedelta(minutes=self.wait_minutes * _WHOLE_WAIT)
        return self.wait * min(part, 1.0) if part >= 1 / _WHOLE_WAIT else 0.0


def decayed(weight: float, at: datetime, *, now: datetime, half_life_days: float) -> float:
    """Return what is left now of a weight of `at`. Both times are aware.

    Raises:
        ValueError: the half-life is not positive.
    """
    if half_life_days <= 0:
        raise ValueError("A half-life is longer than nothing.")
    age = max((now - at) / _DAY, 0.0)
    return float(weight * 2.0 ** -(age / half_life_days))


def index(troubles: Iterable[tuple[float, datetime]], *, now: datetime, half_life_days: float) -> float:
    """Return the noise index of troubles, each (weight, when), at a moment; 0 where there are none."""
    return sum(decayed(weight, at, now=now, half_life_days=half_life_days) for weight, at in troubles)


def level_of(noise: float) -> Level:
    """Return the word for an index."""
    return max((level for level in Level if noise >= level.value), key=lambda level: level.value, default=Level.NOTHING)
