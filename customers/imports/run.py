"""One import from its first line to its last, in one transaction."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Literal, Protocol, TextIO, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from customers.exceptions import BadFile
from customers.imports import customers, gestures, orders, ratings
from customers.imports.report import Report, RowError
from customers.imports.table import Column, Row, read_rows
from customers.models import Order
from customers.phones import country_code, has_notation
from customers.texts import tidy

Kind = Literal["customers", "orders", "gestures", "ratings"]
COLUMNS: dict[str, tuple[Column, ...]] = {
    "customers": customers.COLUMNS,
    "orders": orders.COLUMNS,
    "gestures": gestures.COLUMNS,
    "ratings": ratings.COLUMNS,
}
_BATCH = 1000
_T = TypeVar("_T")


class _Importer(Protocol):
    columns: tuple[Column, ...]
    # The column whose number no two rows share.
    key: str

    def take(self, rows: list[Row], report: Report) -> None: ...


class _Undo(Exception):
    """Nothing of this is to stay."""


def import_rows(
    *,
    kind: Kind,
    file: TextIO,
    source: str,
    is_dry_run: bool = False,
    keeps_good_rows: bool = False,
    progress: Callable[[int], None] | None = None,
    region: str = "",
) -> Report:
    """Take in a CSV file and return what came of it; the columns are those of `COLUMNS[kind]`.

    All or nothing: one bad row, and nothing is changed, unless `keeps_good_rows`. A second import of the same file
    finds everything unchanged. `progress` is called with the number of rows done since the last call. `region` is the
    country whose national notation phone numbers are in where a customer's country is not known.

    The file is read as it goes, a batch at a time; of the rows gone by only their numbers are remembered.

    Raises:
        BadFile: the file is no such table, or a part of it was recorded by somebody else at the same moment.
        ValidationError: the source's name does not hold, or there is no such region.
    """
    source, region = _source(source), country_code(region)
    if region and not has_notation(region):
        sentence = _("“%(region)s” is no country’s code. It should be written like GB or FR.")
        raise ValidationError(sentence % {"region": region})
    report = Report()
    importer: _Importer
    try:
        with transaction.atomic():
            _wait_for_others(kind, source)
            importer = _IMPORTERS[kind](source, region)
            for batch in _batches(read_rows(file, importer.columns), importer.key):
                _take(importer, batch, report)
                if progress:
                    progress(len(batch))
            report.is_kept = not is_dry_run and (keeps_good_rows or not report.error_count)
            if not report.is_kept:
                raise _Undo
    except _Undo:
        pass
    except IntegrityError as error:
        sentence = _("Somebody recorded some of this at the same moment. Nothing was changed; please start it again.")
        raise BadFile(sentence) from error
    report.errors.sort(key=lambda error: error.line)
    return report


_IMPORTERS: dict[str, Callable[[str, str], _Importer]] = {
    "customers": customers.CustomersImport,
    "orders": orders.OrdersImport,
    "gestures": gestures.GesturesImport,
    "ratings": ratings.RatingsImport,
}


def _take(importer: _Importer, batch: list[Row | RowError], report: Report) -> None:
    report.rows += len(batch)
    good = []
    for row in batch:
        if isinstance(row, RowError):
            report.refuse([row])
        else:
            good.append(row)
    importer.take(good, report)


def _first_ones(rows: Iterable[Row | RowError], key: str) -> Iterator[Row | RowError]:
    """Let a number pass once; later rows with it are errors, since nobody knows which of them is right."""
    seen: dict[str, int] = {}
    for row in rows:
        if isinstance(row, RowError):
            yield row
            continue
        try:
            number = tidy(row[key])
        except ValueError as error:
            yield RowError(row.line, key, _(str(error)))
            continue
        row.cells[key] = number
        if number in seen:
            sentence = _("The number “%(number)s” is already on line %(line)d.")
            values = {"number": number[:80], "line": seen[number]}
            yield RowError(row.line, key, sentence % values)
            continue
        seen[number] = row.line
        yield row


def _batches(rows: Iterable[Row | RowError], key: str) -> Iterator[list[Row | RowError]]:
    rows = iter(_first_ones(rows, key))
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _source(source: str) -> str:
    try:
        cleaned: str = Order._meta.get_field("source").clean(tidy(source), None)
    except ValidationError as error:
        raise ValidationError({"source": error.messages}) from None
    except ValueError as error:
        raise ValidationError({"source": _(str(error))}) from None
    return cleaned


def _wait_for_others(kind: str, source: str) -> None:
    """Let an import of the same kind from the same source finish first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"import\n{kind}\n{source}"])
