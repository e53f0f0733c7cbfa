"""Reading a CSV file as a stream of rows whose heading has been checked."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from re import ASCII
from re import compile as pattern
from typing import TextIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from customers.exceptions import BadFile
from customers.imports.report import RowError

_MONEY = pattern(r"[+-]?\d{1,20}(\.\d{1,20})?", ASCII)
_WHOLE = pattern(r"\d{1,9}", ASCII)
_TRUTHS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, and what stands in it."""

    name: str
    meaning: str
    is_required: bool = False


@dataclass(frozen=True)
class Row:
    """The cells of one row by their column; those that are not in the file or blank are ""."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def read_rows(file: TextIO, columns: Sequence[Column]) -> Iterator[Row | RowError]:
    """Read rows one by one; a row with too many or too few cells, or an empty required one, comes as its error.

    The file is UTF-8, with a byte order mark or without, its cells parted by commas or semicolons.

    Raises:
        BadFile: it cannot be read as a table, or its heading has an unknown, a missing or a repeated column.
    """
    lines = _lines(file)
    heading = next(lines, "").removeprefix("\ufeff")
    if not heading.strip():
        raise BadFile(_("The file is empty: it should begin with a line of column names."))
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    reader = csv.reader(chain([heading], lines), delimiter=delimiter, strict=True)
    line = 1
    try:
        names = _heading(next(reader), columns)
        required = [column.name for column in columns if column.is_required]
        while True:
            line = reader.line_num + 1
            cells = [cell.strip() for cell in next(reader)]
            if any(cells):
                yield _row(line, names, cells, required)
    except StopIteration:
        return
    except csv.Error:
        sentence = _("Line %(line)d cannot be read: a quotation mark is missing there, or one too many.")
        raise BadFile(sentence % {"line": line}) from None


def _lines(file: TextIO) -> Iterator[str]:
    try:
        yield from file
    except UnicodeDecodeError:
        raise BadFile(_("The file is not in UTF-8. Please save it as “CSV UTF-8” and try again.")) from None


def _heading(cells: Sequence[str], columns: Sequence[Column]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    known = [column.name for column in columns]
    if unknown := [name for name in names if name not in known]:
        sentence = _("The column “%(name)s” is not known. Known are: %(known)s.")
        raise BadFile(sentence % {"name": unknown[0][:80], "known": ", ".join(known)})
    if repeated := [name for name in known if names.count(name) > 1]:
        raise BadFile(_("The column “%(name)s” is there twice.") % {"name": repeated[0]})
    if missing := [column.name for column in columns if column.is_required and column.name not in names]:
        raise BadFile(_("The column “%(name)s” is missing.") % {"name": missing[0]})
    return names


def _row(line: int, names: Sequence[str], cells: Sequence[str], required: Sequence[str]) -> Row | RowError:
    if len(cells) != len(names):
        sentence = _("There are %(found)d cells where the heading has %(wanted)d.")
        return RowError(line, "", sentence % {"found": len(cells), "wanted": len(names)})
    row = Row(line, dict(zip(names, cells, strict=True)))
    for name in required:
        if not row[name]:
            return RowError(line, name, _("This must not be blank."))
    return row


def truth(column: str, cell: str) -> bool | None:
    """Read yes or no; blank is None."""
    if not cell:
        return None
    try:
        return _TRUTHS[cell.lower()]
    except KeyError:
        raise ValidationError({column: _("This should be yes, no or blank.")}) from None


def money(column: str, cell: str) -> Decimal:
    """Read an amount with a point before its decimals and nothing between its thousands."""
    if not _MONEY.fullmatch(cell):
        raise ValidationError({column: _("This is not an amount. It should be written like 1234.50.")})
    return Decimal(cell)


def whole(column: str, cell: str) -> int:
    """Read a whole number, not below zero."""
    if not _WHOLE.fullmatch(cell):
        raise ValidationError({column: _("This is not a whole number. It should be written like 40.")})
    return int(cell)


def moment(column: str, cell: str) -> datetime:
    """Read a time in ISO 8601."""
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        raise ValidationError(
            {column: _("This is not a time. It should be written like 2026-03-01T09:30:00Z.")}
        ) from None


def day(column: str, cell: str) -> date:
    """Read a day in ISO 8601."""
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ValidationError({column: _("This is not a day. It should be written like 2026-03-01.")}) from None
