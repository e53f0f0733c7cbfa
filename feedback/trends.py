"""Where the parts of the prevention charts stand: numbers in, places and sizes out. Templates draw them as SVG.

Lengths are written out as text: no language changes their decimal point.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from feedback.ratios import Ratio

WIDTH, HEIGHT = 880, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 8, 24, 40
_STEPS = (1.0, 2.0, 5.0, 10.0)
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
class Tick:
    """A line across the sheet with its number."""

    y: str
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
    step = _step(highest)
    lines = max(math.ceil(highest / step - 1e-9), 1)
    scale = (ground - _TOP) / (step * lines)
    room = (WIDTH - _LEFT - _RIGHT) / max(len(months), 1)
    bars = []
    for place, (label, value) in enumerate(months):
        middle, tall = _LEFT + room * (place + 0.5), (value or 0.0) * scale
        wide = min(room * 0.62, 44.0)
        x, y, width, height, centre, above = (
            f"{size:.1f}" for size in (middle - wide / 2, ground - tall, wide, tall, middle, ground - tall - 6)
        )
        bars.append(Bar(x, y, width, height, centre, above, label, "–" if value is None else f"{value:.1f}"))
    ticks = tuple(Tick(f"{ground - number * step * scale:.1f}", f"{number * step:g}") for number in range(lines + 1))
    return Chart(WIDTH, HEIGHT, _LEFT, WIDTH - _RIGHT, ground, tuple(bars), ticks)


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


def _step(highest: float) -> float:
    """Return a round step of which three to five reach the highest."""
    if highest <= 0:
        return 1.0
    rough = highest / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    return next(unit * step for step in _STEPS if unit * step >= rough * (1 - 1e-9))
