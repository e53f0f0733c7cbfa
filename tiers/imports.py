"""Purchases from a CSV file, for an analyst who fits the models of predicted value without the house's orders."""

from typing import TextIO

import numpy as np
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from customers.imports.report import RowError, errors_of
from customers.imports.table import Column, Row, day, money, read_rows
from tiers.value.purchases import Rows

COLUMNS = (
    Column("customer", "who: any number or name, the same for the same customer", is_required=True),
    Column("date", "the day, such as 2026-03-01", is_required=True),
    Column("value", "money, such as 1234.50; below zero for a return", is_required=True),
)
# Sums of so much stay whole numbers in every place that they are kept in.
_LARGEST = 10**10


def read_purchases(file: TextIO) -> tuple[Rows, list[str], list[RowError]]:
    """Return purchases, the customers' names by the number that they have in them, and what is wrong with other rows.

    Raises:
        BadFile: it cannot be read as a table, or a column is missing or unknown.
    """
    numbers: dict[str, int] = {}
    found: list[tuple[int, int, int]] = []
    errors: list[RowError] = []
    for row in read_rows(file, COLUMNS):
        if isinstance(row, RowError):
            errors.append(row)
            continue
        try:
            on, cents = _read(row)
        except ValidationError as error:
            errors += errors_of(error, row.line)
            continue
        found.append((numbers.setdefault(row["customer"], len(numbers)), on, cents))
    columns = np.array(found, dtype=np.int64).reshape(-1, 3)
    customer, days, cents_of = columns.T.copy()
    return Rows(customer=customer, day=days, cents=cents_of, is_purchase=cents_of >= 0), list(numbers), errors


def _read(row: Row) -> tuple[int, int]:
    """Return the day as an ordinal and the value in cents."""
    on, value = day("date", row["date"]), money("value", row["value"])
    cents = value * 100
    if cents != cents.to_integral_value():
        raise ValidationError({"value": _("Please give at most two decimals.")})
    if abs(value) >= _LARGEST:
        raise ValidationError({"value": _("This amount is larger than we take. Please check it.")})
    return on.toordinal(), int(cents)
