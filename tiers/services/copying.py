"""Arrays into tables: rows in the database's binary format, made by numpy and sent in one COPY."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from tiers.engine import Whole

_HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = b"\xff\xff"
# A day as Python counts it less a day as the database does.
_DAYS = 730_120
# bigint among the database's types.
_BIGINT = 20
# The head of an amount; its digits follow, four to a group.
_NUMERIC = [("digits", ">i2"), ("weight", ">i2"), ("sign", ">u2"), ("scale", ">i2")]


@dataclass(frozen=True, slots=True)
class Column:
    """A column to be written: `values` whole numbers; where `nulls` is true there is nothing.

    `kind`: int8, int4, int2, date (ordinals), moment (as `days.microseconds`), cents (into a numeric with two
    decimals), or label (places in `labels`, which are written).
    """

    values: Whole
    kind: str = "int8"
    nulls: NDArray[np.bool_] | None = None
    labels: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A column of arrays of bigint: `values` has a row of numbers for each row of the table."""

    values: NDArray[np.int64]


def write_rows(table: str, columns: Mapping[str, Column | Row]) -> int:
    """Append rows to a table and return how many. All columns have the same length."""
    count = len(next(iter(columns.values())).values)
    if not count:
        return 0
    names = ", ".join(columns)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(_HEAD)
        for rows in _alike(count, columns):
            copy.write(_packed(rows, columns))
        copy.write(_END)
    return count


def _alike(count: int, columns: Mapping[str, Column | Row]) -> list[NDArray[np.int64]]:
    """Return the rows in groups within which the same columns are null and the labels are the same.

    Rows of a group have one width, so that numpy can lay them out.
    """
    key = np.zeros(count, dtype=np.int64)
    for column in columns.values():
        if isinstance(column, Column) and column.nulls is not None:
            key = key * 2 + column.nulls
        if isinstance(column, Column) and column.kind == "label":
            key = key * len(column.labels) + column.values
    return [np.flatnonzero(key == found) for found in np.unique(key)]


def _packed(rows: NDArray[np.int64], columns: Mapping[str, Column | Row]) -> bytes:
    parts = [_content(column, rows) for column in columns.values()]
    fields: list[tuple[str, object]] = [("count", ">i2")]
    for place, part in enumerate(parts):
        fields.append((f"length{place}", ">i4"))
        if part is not None:
            fields.append((f"value{place}", (part.dtype, part.shape[1:])))
    out = np.zeros(len(rows), dtype=np.dtype(fields))
    out["count"] = len(parts)
    for place, part in enumerate(parts):
        out[f"length{place}"] = -1 if part is None else part[0].nbytes
        if part is not None:
            out[f"value{place}"] = part
    return out.tobytes()


def _content(column: Column | Row, rows: NDArray[np.int64]) -> NDArray[np.void] | None:
    """Return a column's values as the database reads them, or None where they are null."""
    if isinstance(column, Row):
        return _arrays(column.values[rows])
    if column.nulls is not None and column.nulls[rows[0]]:
        return None
    values = column.values[rows]
    if column.kind == "cents":
        return _numerics(values)
    if column.kind == "label":
        label = column.labels[int(values[0])].encode()
        return np.full(len(rows), label, dtype=f"S{len(label)}")
    if column.kind == "date":
        return (values - _DAYS).astype(">i4")
    return values.astype({"int8": ">i8", "moment": ">i8", "int4": ">i4", "int2": ">i2"}[column.kind])


def _numerics(cents: Whole) -> NDArray[np.void]:
    """Return amounts with two decimals, all in as many groups of digits as the largest has."""
    amount = np.abs(cents)
    units = amount // 100
    before = (len(str(units.max())) + 3) // 4
    out = np.zeros(len(cents), dtype=np.dtype([*_NUMERIC, ("groups", ">i2", (before + 1,))]))
    out["digits"], out["weight"], out["scale"] = before + 1, before - 1, 2
    out["sign"] = np.where(cents < 0, 0x4000, 0)
    for place in range(before):
        out["groups"][:, place] = units // 10 ** (4 * (before - 1 - place)) % 10_000
    out["groups"][:, before] = amount % 100 * 100
    return out


def _arrays(values: NDArray[np.int64]) -> NDArray[np.void]:
    width = values.shape[1]
    out = np.zeros(
        len(values),
        dtype=np.dtype([("head", ">i4", (5,)), ("items", np.dtype([("length", ">i4"), ("value", ">i8")]), (width,))]),
    )
    out["head"] = (1, 0, _BIGINT, width, 1)
    out["items"]["length"] = 8
    out["items"]["value"] = values
    return out
