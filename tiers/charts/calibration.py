"""A chart of what was predicted against what happened, as places on a sheet: pairs of bars for a template to draw."""

from collections.abc import Sequence
from dataclasses import dataclass

from tiers.charts.scale import Tick, scale

WIDTH, HEIGHT = 880, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 8, 24, 56
_BAR = 34


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
    highest = max((max(pair.predicted, pair.actual) for pair in pairs), default=0.0)
    upright = scale(highest, ground=ground, top=_TOP, steps=5)
    room = (WIDTH - _LEFT - _RIGHT) / max(len(pairs), 1)

    def bar(x: float, value: float) -> Bar:
        height = value * upright.unit
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
    return Chart(WIDTH, HEIGHT, _LEFT, WIDTH - _RIGHT, ground, tuple(groups), upright.ticks)
