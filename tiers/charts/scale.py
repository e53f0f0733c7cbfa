"""An upright scale from nothing to a round number above the highest, with a line for each step."""

import math
from dataclasses import dataclass

# Steps that people count in.
_STEPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the sheet with its number. Lengths are written out: no language changes them."""

    y: str
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """`unit`: the length of one on the sheet."""

    unit: float
    ticks: tuple[Tick, ...]


def scale(highest: float, *, ground: int, top: int, steps: int) -> Scale:
    """Lay out a scale from `ground` up to `top`, with about so many round steps up to the highest."""
    step = _step(highest, steps)
    count = max(math.ceil(highest / step - 1e-9), 1)
    unit = (ground - top) / (step * count)
    ticks = tuple(Tick(f"{ground - number * step * unit:.1f}", f"{number * step:g}") for number in range(count + 1))
    return Scale(unit, ticks)


def _step(highest: float, steps: int) -> float:
    """Return a round step of which `steps`, or one fewer or more, reach the highest."""
    if highest <= 0:
        return 1.0
    rough = highest / steps
    unit = 10.0 ** math.floor(math.log10(rough))
    return next(unit * step for step in _STEPS if unit * step >= rough * (1 - 1e-9))
