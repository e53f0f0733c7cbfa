"""A chart of what was predicted against what happened, as places on a sheet: pairs of bars for a template to draw."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 880, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 8, 24, 56
_BAR = 34
# Steps that people count in.
_STEPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Pair:
    """One class, with what is shown of it. `predicted`, `actual`: means per customer."""

    label: str
    predicted: float
    actual: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its corner and size, and the number above it. Lengths are written out: no language changes them."""

    x: str
    y: str
    width: str
    height: str
    middle: str
    above: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """The two bars of a class, and the middle under which its label stands."""

    label: str
    middle: str
    predicted: Bar
    actual: Bar


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
    groups: tuple[Group, ...]
    ticks: tuple[Tick, ...]


def draw(pairs: Sequence[Pair]) -> Chart:
    """Lay out pairs of bars from left to right, on a scale from nothing to a round number above the highest."""
    ground = HEIGHT - _BOTTOM
    step = _step(max((max(pair.predicted, pair.actual) for pair in pairs), default=0.0))
    highest = max((max(pair.predicted, pair.actual) for pair in pairs), default=0.0)
    count = max(math.ceil(highest / step - 1e-9), 1)
    scale = (ground - _TOP) / (step * count)
    room = (WIDTH - _LEFT - _RIGHT) / max(len(pairs), 1)

    def bar(x: float, value: float) -> Bar:
        height = value * scale
        top = ground - height
        x_, y, width, long, middle, above = (f"{size:.1f}" for size in (x, top, _BAR, height, x + _BAR / 2, top - 5))
        return Bar(x=x_, y=y, width=width, height=long, middle=middle, above=above, text=f"{value:.2f}")

    groups = []
    for place, pair in enumerate(pairs):
        middle = _LEFT + room * (place + 0.5)
        groups.append(
            Group(
                label=pair.label,
                middle=f"{middle:.1f}",
                predicted=bar(middle - _BAR - 1, pair.predicted),
                actual=bar(middle + 1, pair.actual),
            )
        )
    ticks = [Tick(f"{ground - number * step * scale:.1f}", f"{number * step:g}") for number in range(count + 1)]
    return Chart(WIDTH, HEIGHT, _LEFT, WIDTH - _RIGHT, ground, tuple(groups), tuple(ticks))


def _step(highest: float) -> float:
    """Return a round step of which three to six reach the highest."""
    if highest <= 0:
        return 1.0
    rough = highest / 5
    unit = 10.0 ** math.floor(math.log10(rough))
    return next(unit * step for step in _STEPS if unit * step >= rough * (1 - 1e-9))
