"""A rate from month to month: a line with a band for its interval. Where too few tell, the line is broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

WIDTH, HEIGHT = 400, 216
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 32
# More names than this do not fit below the line.
_MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class Month:
    """A month; shares from 0 to 1, None where too few answers tell. `text`: all of it in words."""

    name: str
    text: str
    share: float | None = None
    low: float | None = None
    high: float | None = None
    beside: float | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A month's marks: the rate, the ends of its interval, and the raw rate beside it."""

    x: str
    y: str
    low: str
    high: str
    beside: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All that there is to draw. `bands`, `lines`: points of polygons and of lines, one for each unbroken stretch."""

    width: int
    height: int
    left: int
    right: int
    ground: int
    points: tuple[Point, ...]
    lines: tuple[str, ...]
    bands: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    ticks: tuple[tuple[str, str], ...]


def draw(months: Sequence[Month]) -> Chart:
    """Lay out months from left to right, each with the same room, whether anybody spoke in it or not."""
    ground = HEIGHT - _BOTTOM
    room = (WIDTH - _LEFT - _RIGHT) / max(len(months), 1)

    def y(share: float | None) -> str:
        return "" if share is None else f"{ground - share * (ground - _TOP):.1f}"

    placed = [(f"{_LEFT + room * (place + 0.5):.1f}", month) for place, month in enumerate(months)]
    lines, bands = [], []
    for is_told, stretch in groupby(placed, key=lambda pair: pair[1].share is not None):
        some = list(stretch)
        if is_told and len(some) > 1:
            lines.append(" ".join(f"{x},{y(month.share)}" for x, month in some))
            above = [f"{x},{y(month.high)}" for x, month in some]
            bands.append(" ".join(above + [f"{x},{y(month.low)}" for x, month in reversed(some)]))
    every = -(-len(months) // _MOST_NAMES)
    return Chart(
        WIDTH,
        HEIGHT,
        _LEFT,
        WIDTH - _RIGHT,
        ground,
        tuple(
            Point(x, y(month.share), y(month.low), y(month.high), y(month.beside), month.text)
            for x, month in placed
            if month.share is not None
        ),
        tuple(lines),
        tuple(bands),
        tuple((x, month.name) for place, (x, month) in enumerate(placed) if place % every == 0),
        tuple((y(percent / 100), f"{percent} %") for percent in (0, 25, 50, 75, 100)),
    )
