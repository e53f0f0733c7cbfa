"""Where the parts of the prevention charts stand: numbers in, places and sizes out. Templates draw them as SVG.

Lengths are written out as text: no language changes their decimal point.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from feedback.ratios import Ratio
from tiers.charts.scale import Tick, scale

WIDTH, HEIGHT = 880, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 8, 24, 40
# The strip of a ratio: from a tenth to ten times as often, in equal steps of the logarithm.
STRIP = 400
_FAR = 10.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One month: its bar, its label below and its number above."""

    x: str
    y: str
    width: str
    height: str
    middle: str
    above: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All that there is to draw."""

    width: int
    height: int
    left: int
    right: int
    ground: int
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]


def draw(months: Sequence[tuple[str, float | None]]) -> Chart:
    """Lay out a bar for each (label, value), from left to right; None stands for a month without a base."""
    ground = HEIGHT - _BOTTOM
    highest = max((value or 0.0 for _label, value in months), default=0.0)
    upright = scale(highest, ground=ground, top=_TOP, steps=4)
    room = (WIDTH - _LEFT - _RIGHT) / max(len(months), 1)
    bars = []
    for place, (label, value) in enumerate(months):
        middle, tall = _LEFT + room * (place + 0.5), (value or 0.0) * upright.unit
        wide = min(room * 0.62, 44.0)
        x, y, width, height, centre, above = (
            f"{size:.1f}" for size in (middle - wide / 2, ground - tall, wide, tall, middle, ground - tall - 6)
        )
        bars.append(Bar(x, y, width, height, centre, above, label, "–" if value is None else f"{value:,.1f}"))
    return Chart(WIDTH, HEIGHT, _LEFT, WIDTH - _RIGHT, ground, tuple(bars), upright.ticks)


@dataclass(frozen=True, slots=True)
class Strip:
    """A ratio on a line: the interval from `low` to `high`, the ratio itself at `at`, "as often" at `one`."""

    low: str
    high: str
    width: str
    at: str
    one: str


def strip(ratio: Ratio) -> Strip:
    """Lay out a ratio on a logarithmic line from a tenth to ten times; what lies beyond ends at the edge."""
    low, high, at = (_place(value) for value in (ratio.low, ratio.high, 1.0 if ratio.ratio is None else ratio.ratio))
    return Strip(f"{low:.1f}", f"{high:.1f}", f"{high - low:.1f}", f"{at:.1f}", f"{STRIP / 2:.1f}")


def _place(value: float) -> float:
    held = min(max(value, 1 / _FAR), _FAR)
    return STRIP * (math.log(held) / math.log(_FAR) + 1) / 2
