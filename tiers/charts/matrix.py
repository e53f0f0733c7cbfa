"""A migration matrix as a chart: a cell for each tier before and after, the darker the more of its row go there.

Sizes in units of the drawing's own box.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# Where a cell's share of its row begins to be drawn one step darker; 0 is nobody.
_STEPS = (0.0, 0.02, 0.10, 0.30, 0.60)
LABELS, HEAD, WIDTH, HEIGHT, GAP = 96, 52, 88, 64, 4
_LONGEST = 13


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: where it is drawn, what it says, and how.

    `direction`: up, down, stay or first. `heat`: 0 for nobody to 5. `share`: of the customers of its row, from 0 to 1.
    """

    x: int
    y: int
    start: int
    end: int
    count: int
    share: float
    direction: str
    heat: int

    @property
    def middle(self) -> int:
        """Where its text is centred."""
        return self.x + (WIDTH - GAP) // 2


@dataclass(frozen=True, slots=True)
class Label:
    """A name beside a row or above a column, shortened to fit, and how many customers it has."""

    x: int
    y: int
    text: str
    full: str
    count: int


@dataclass(frozen=True, slots=True)
class Chart:
    """All of it."""

    width: int
    height: int
    cell_width: int
    cell_height: int
    cells: list[Cell]
    rows: list[Label]
    columns: list[Label]


def lay_out(matrix: Sequence[Sequence[int]], names: Sequence[str], new: str) -> Chart:
    """Return the chart of a matrix, the highest tier at the top and on the right.

    `matrix`: as `previewing.Tally` has it. `names`: of the tiers, lowest first. `new`: the name of the row of those
    without a tier, which is left out where there is nobody in it.
    """
    starts = [start for start in range(len(names) - 1, -2, -1) if start >= 0 or any(matrix[0])]
    rows, cells = [], []
    for place, start in enumerate(starts):
        top, counts = HEAD + place * HEIGHT, matrix[start + 1]
        name, whole = new if start < 0 else names[start], sum(counts)
        rows.append(Label(LABELS - 10, top + HEIGHT // 2, _short(name), name, whole))
        for end, count in enumerate(counts):
            share = count / whole if whole else 0.0
            x = LABELS + end * WIDTH
            cells.append(Cell(x, top, start, end, count, share, _direction(start, end), _heat(share)))
    columns = [
        Label(LABELS + end * WIDTH + (WIDTH - GAP) // 2, 20, _short(name), name, sum(row[end] for row in matrix))
        for end, name in enumerate(names)
    ]
    return Chart(
        width=LABELS + len(names) * WIDTH,
        height=HEAD + len(starts) * HEIGHT,
        cell_width=WIDTH - GAP,
        cell_height=HEIGHT - GAP,
        cells=cells,
        rows=rows,
        columns=columns,
    )


def _direction(start: int, end: int) -> str:
    if start < 0:
        return "first"
    return "stay" if start == end else "up" if end > start else "down"


def _heat(share: float) -> int:
    return sum(share > step for step in _STEPS)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"
