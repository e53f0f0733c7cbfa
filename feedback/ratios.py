"""Whether something became rarer: the ratio of two rates, with an interval, from counts.

Two counts of Poisson kind with known bases: given their sum, the later one is binomial, and its exact interval
(Clopper & Pearson, Biometrika 26, 1934) turns into one for the ratio of the rates (Przyborowski & Wilenski,
Biometrika 31, 1940). It is never too narrow; with few cases it is wide, and then we cannot tell.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from math import inf

# How far we look back before a change, and at most how far beyond it.
LOOK = timedelta(days=182)


class Verdict(Enum):
    """What two rates say about each other."""

    RARER = "rarer"
    MORE = "more"
    # The interval holds both: rarer and more often.
    UNCLEAR = "unclear"
    # There is nothing to compare: no base on a side, or nothing happened on either.
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many cases in so much base (contacts or orders)."""

    count: int
    base: int

    @property
    def per_thousand(self) -> float | None:
        """Cases per 1,000 of the base; None without a base."""
        return 1000 * self.count / self.base if self.base else None


@dataclass(frozen=True, slots=True)
class Ratio:
    """The later rate by the earlier one: 0.5 is half as often. `low` to `high` hold the truth 19 times of 20."""

    ratio: float | None
    low: float
    high: float
    verdict: Verdict


def compare(before: Rate, after: Rate, *, level: float = 0.95) -> Ratio:
    """Return the ratio of the later to the earlier rate with its exact interval (0 to infinity at the least sure)."""
    cases = before.count + after.count
    if not (before.base and after.base and cases):
        return Ratio(None, 0.0, inf, Verdict.NOTHING)
    # Here, not at the top: scipy's statistics take longer to load than all the rest of the site.
    from scipy.stats import beta

    tail = (1 - level) / 2
    low = float(beta.ppf(tail, after.count, before.count + 1)) if after.count else 0.0
    high = float(beta.ppf(1 - tail, after.count + 1, before.count)) if before.count else 1.0
    scale = before.base / after.base
    low, high = low / (1 - low) * scale, high / (1 - high) * scale if high < 1 else inf
    ratio = after.count / before.count * scale if before.count else inf
    verdict = Verdict.RARER if high < 1 else Verdict.MORE if low > 1 else Verdict.UNCLEAR
    return Ratio(ratio, low, high, verdict)


@dataclass(frozen=True, slots=True)
class Windows:
    """The days before and after a change, each from a first day to the day after its last."""

    before: tuple[date, date]
    after: tuple[date, date]


def windows(started_on: date, done_on: date, today: date) -> Windows:
    """Return what is compared: at most 26 weeks before the change began, and at most 26 weeks since it was done.

    What lies between is neither; neither is today, which is not over, nor the day on which it was done.
    """
    begins = done_on + timedelta(days=1)
    return Windows(before=(started_on - LOOK, started_on), after=(begins, max(begins, min(today, begins + LOOK))))
