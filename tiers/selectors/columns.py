"""Rows as arrays: many rows come packed into one value, without a message and a Python object for each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from django.db.backends.postgresql.psycopg_any import mogrify
from numpy.typing import NDArray

Columns = dict[str, NDArray[np.int64]]

# How a kind of column is sent, and how it looks then: the database's numbers are big-endian. Amounts come as their
# digits, because turning a numeric into cents takes the database twice as long as writing it down.
_KINDS = {
    "int8": ("string_agg(int8send({sql}), '')", ">i8"),
    "moment": ("string_agg(timestamptz_send({sql}), '')", ">i8"),
    "byte": ("string_agg({sql}, '')", "i1"),
    "cents": ("string_agg(({sql})::text, ',')", ""),
}


def read_columns(sql: str, params: Sequence[Any], names: Sequence[str]) -> Columns:
    """Run a query whose columns are all bigint and never null, and return an array for each name.

    Rows come in the order of the first column.
    """
    places = [f"column{place}" for place in range(len(names))]
    columns = {name: (place, "int8") for name, place in zip(names, places, strict=True)}
    return read_packed(columns, f"FROM ({sql}) AS rows ({', '.join(places)})", params, order=names[:1])


def read_packed(
    columns: Mapping[str, tuple[str, str]], source: str, params: Sequence[Any], order: Sequence[str]
) -> Columns:
    """Return an array for each column of a query, in the order of some of them; see `read_together`."""
    (found,) = read_together([Asked(columns, source, params, order)])
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A query whose rows are wanted as arrays.

    `columns`: an expression, never null, and its kind (int8; moment, in `days.microseconds`; byte, a bytea of one;
    cents, a numeric with two decimals) by name. `source`: the query from its FROM on. `order`: the columns that the
    rows are to be sorted by.
    """

    columns: Mapping[str, tuple[str, str]]
    source: str
    params: Sequence[Any]
    order: Sequence[str]


def read_together(asked: Sequence[Asked]) -> list[Columns]:
    """Return the arrays of several queries, which see the same moment, in one statement.

    The database packs each column into one value, six times as fast as it sends rows. A value holds a gigabyte, so
    whoever asks must not ask about everybody at once.
    """
    parts = []
    for place, part in enumerate(asked):
        packed = ", ".join(_KINDS[kind][0].format(sql=sql) for sql, kind in part.columns.values())
        parts.append(f"(SELECT int8send(count(*)), {packed} {part.source}) AS asked{place}")
    statement = mogrify(
        f"COPY (SELECT * FROM {', '.join(parts)}) TO STDOUT (FORMAT BINARY)",  # noqa: S608 (the queries are ours)
        [value for part in asked for value in part.params],
        connection,
    )
    # By COPY, because a query's answer would come as text, in twice as many hexadecimal digits.
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        fields = _fields(b"".join(copy))
    return [_rows(part, fields) for part in asked]


def _rows(asked: Asked, fields: Iterator[memoryview]) -> Columns:
    """Return the arrays of one query, whose fields come next."""
    count = int.from_bytes(next(fields), "big")
    rows = {name: _numbers(next(fields), _KINDS[kind][1]) for name, (_, kind) in asked.columns.items()}
    if any(len(values) != count for values in rows.values()):
        raise ValueError("a column was null")
    return _ordered(rows, asked.order)


def _numbers(data: memoryview, dtype: str) -> NDArray[np.int64]:
    """Return what the database packed; without a dtype amounts in full digits, which are cents without their points."""
    if dtype:
        return np.frombuffer(data, dtype=dtype).astype(np.int64)
    digits = bytes(data).replace(b".", b"").decode()
    return np.fromstring(digits, dtype=np.int64, sep=",") if digits else np.empty(0, dtype=np.int64)


def _fields(answer: bytes) -> Iterator[memoryview]:
    """Yield the fields of the one row that a binary COPY sent: nothing is empty."""
    data = memoryview(answer)
    # A head of 19 bytes and the number of fields; before each field its length, which is -1 for nothing.
    place = 21
    for _ in range(int.from_bytes(data[19:21], "big")):
        length = max(int.from_bytes(data[place : place + 4], "big", signed=True), 0)
        yield data[place + 4 : place + 4 + length]
        place += 4 + length


def _ordered(rows: Columns, order: Sequence[str]) -> Columns:
    """Sort by some columns, unless the index that the rows were read from had sorted them already."""
    first, *more = (rows[name] for name in order)
    steps = np.diff(first)
    is_sorted = (steps >= 0).all()
    for values in more:
        is_sorted = is_sorted and ((steps > 0) | (np.diff(values) >= 0)).all()
    if is_sorted:
        return rows
    places = np.lexsort([rows[name] for name in reversed(order)])
    return {name: values[places] for name, values in rows.items()}
