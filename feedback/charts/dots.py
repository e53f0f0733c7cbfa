"""Rates below each other: a dot with its interval on a scale from nobody to all, and a ring for the rate beside it.

Narrow enough to be read on a phone: each name stands above its line. Lengths are written out: no language changes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 400
_LEFT, _RIGHT, _TOP, _ROW, _FOOT = 8, 8, 8, 44, 26


@dataclass(frozen=True, slots=True)
class Dot:
    """A rate to draw; shares from 0 to 1. Without `low` and `high` too few answers tell. `beside`: the raw rate."""

    name: str
    text: str
    share: float | None = None
    low: float | None = None
    high: float | None = None
    beside: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row: where its words, its track, its interval and its two marks stand. No mark where there is none."""

    name: str
    text: str
    words_y: str
    y: str
    at: str
    low: str
    high: str
    beside: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All that there is to draw. `whole`: where the rate of all stands."""

    width: int
    height: int
    left: int
    right: int
    top: int
    ground: int
    whole: str
    lines: tuple[Line, ...]
    ticks: tuple[tuple[str, str], ...]


def draw(dots: Sequence[Dot], whole: float | None) -> Chart:
    """Lay out rates from the top down."""

    def x(share: float | None) -> str:
        return "" if share is None else f"{_LEFT + share * (WIDTH - _LEFT - _RIGHT):.1f}"

    lines = []
    for place, dot in enumerate(dots):
        top = _TOP + place * _ROW
        marks = (x(dot.share), x(dot.low), x(dot.high), x(dot.beside))
        lines.append(Line(dot.name, dot.text, f"{top + 14}", f"{top + 28}", *marks))
    ground = _TOP + len(dots) * _ROW
    ticks = tuple((x(percent / 100), f"{percent} %") for percent in (0, 25, 50, 75, 100))
    return Chart(WIDTH, ground + _FOOT, _LEFT, WIDTH - _RIGHT, _TOP, ground, x(whole), tuple(lines), ticks)
