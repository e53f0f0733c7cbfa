"""How what we know of a customer fades unless it is confirmed. Pure, without Django.

    freshness = 2^(−age ÷ half-life)

with the age in days of 24 hours since the preference was noted, or last confirmed, and a half-life in days for each
way of knowing. Down to one half it is fresh; from there to one quarter the page asks whether it is still so; below
that it is quiet, and folded away. It is never deleted for its age.
"""

from datetime import datetime, timedelta
from enum import Enum

_DAY = timedelta(days=1)


class Fade(Enum):
    """How much of a preference is left, by the least freshness that it takes."""

    FRESH = 0.5
    FADED = 0.25
    QUIET = 0.0


def freshness(since: datetime, *, now: datetime, half_life_days: float) -> float:
    """Return the freshness, from 1 down to 0, of something known since an aware time.

    Raises:
        ValueError: the half-life is not positive.
    """
    if half_life_days <= 0:
        raise ValueError("A half-life is longer than nothing.")
    age = max((now - since) / _DAY, 0.0)
    return float(2.0 ** -(age / half_life_days))


def fade_of(since: datetime, *, now: datetime, half_life_days: float) -> Fade:
    """Return whether it is fresh, faded or quiet."""
    left = freshness(since, now=now, half_life_days=half_life_days)
    return max((fade for fade in Fade if left >= fade.value), key=lambda fade: fade.value)
