"""Files that people open in a spreadsheet: lines of CSV in which no cell is taken for a formula."""

import csv
from collections.abc import Iterable

# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Without it some spreadsheets take UTF-8 for something older.
MARK = "\ufeff"


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def defused(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def csv_line(cells: Iterable[str]) -> str:
    """Return cells as one line of a CSV file, its end included, each defused and quoted where it must be."""
    line: str = csv.writer(_Echo()).writerow([defused(cell) for cell in cells])
    return line
