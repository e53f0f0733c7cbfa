"""Statements that somebody waits for, written once for each process and planned once for each connection.

Django writes a statement anew each time, and fills it in before it sends it, so that PostgreSQL plans it anew; for a
query over many tables that costs several times what the query itself does. Where the settings let connections keep
prepared statements (with Django's own pool), these are kept; elsewhere they run as they are.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from psycopg import sql as pieces

# A stand-in for a row's number in a statement that is written once; no row has it.
NOBODY = -4_611_686_018_427_387_904
# The key of the one row that a statement has found, for what else is asked about it in the same breath.
_KEY = "(SELECT id FROM found)"


class _Cursor(psycopg.RawCursor[Any]):
    """A cursor that has the server fill in the values, and keep the plan. Values have names."""

    def execute(self, query: Any, params: Any = None, **_how: Any) -> "_Cursor":
        text, names = _numbered(query)
        super().execute(text, [params[name] for name in names], prepare=True)
        return self


@lru_cache(maxsize=512)
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """Return a statement as the server reads it, and the names of its values in the order of their numbers.

    psycopg would do it each time, and for the statement of a whole page that costs more than to send it.
    """
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"${numbers.setdefault(found[1], len(numbers) + 1)}" if found[1] else "%"

    text = re.sub(r"%%|%\((\w+)\)s", number, sql)
    return text.encode(), tuple(numbers)


def fetch_prepared(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute one statement with named values on Django's connection and return its rows.

    It takes part in the transaction that is open, and raises Django's database errors.
    """
    connection.ensure_connection()
    # Django's own wrapper around the cursor: the statement is logged and counted as all others are.
    with connection._prepare_cursor(_Cursor(connection.connection)) as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


class Written:
    """A statement written out once, with holes for what differs from one asking to the next.

    It was written with a stand-in value for each hole, which is unlike any other value in it. What else it was written
    with is part of its text from then on: a clock has to be the database's.
    """

    def __init__(self, sql: str, params: Iterable[Any], **holes: Any) -> None:
        """Take a statement as Django writes it.

        Raises:
            ValueError: a stand-in does not occur among the values.
        """
        connection.ensure_connection()
        missing = set(holes)
        written: list[str] = []
        for value in params:
            name = next((hole for hole, stand_in in holes.items() if _is(value, stand_in)), None)
            missing.discard(name or "")
            written.append(f"%({name})s" if name else _literal(value))
        if missing:
            raise ValueError(f"The statement has no {', '.join(sorted(missing))}")
        in_turn = iter(written)
        self._sql = re.sub("%%|%s", lambda found: next(in_turn) if found[0] == "%s" else found[0], sql)

    def go_on(self, further: Iterable[str], rows: str) -> None:
        """Have more done in the same statement about what it has `found`, by common table expressions."""
        also = "".join(f", {one}" for one in further)
        self._sql = f"WITH found AS MATERIALIZED ({self._sql}){also} SELECT * FROM {rows}"  # noqa: S608 (words of ours)

    def filled(self, hole: str, sql: str) -> str:
        """Return the statement with an expression in a hole."""
        return self._sql.replace(f"%({hole})s", sql)

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows with these values in the holes."""
        return fetch_prepared(self._sql, values)


class Statement:
    """A queryset written out once, with holes for what differs from one asking to the next; see `Written`."""

    def __init__(self, queryset: QuerySet[Any, Any], **holes: Any) -> None:
        """Write the queryset out.

        Raises:
            ValueError: a stand-in does not occur in the queryset.
        """
        self._compiler = queryset.query.get_compiler(connection.alias)
        self._written: Written | None = None
        self._beside: Statement | None = None
        self._is_accompanied = False
        try:
            sql, params = self._compiler.as_sql()
        except EmptyResultSet:
            # It finds nothing, whatever stands in the holes.
            return
        expressions = [selected[0] for selected in self._compiler.select]
        self._width = len(expressions)
        self._converters = self._compiler.get_converters(expressions)
        self._order = _order_of(queryset)
        self._written = Written(sql, params, **holes)

    def also(self, *, doing: str = "", beside: "tuple[str, Statement] | None" = None) -> "Statement":
        """Have more done by the same statement, once, and return it.

        `doing`: what is written of the rows that are `found`: common table expressions, with %(name)s where a hole is.
        `beside`: the name of a hole, and a statement that finds one object at most for the one that is found, whose
        key goes into that hole; each object has it as `beside`, or None there.
        """
        further = [doing] if doing else []
        self._is_accompanied = beside is not None
        if beside and beside[1]._written:
            # One that never finds anything has no part in it.
            self._beside = beside[1]
            further.append(f"beside AS MATERIALIZED ({beside[1]._written.filled(beside[0], _KEY)})")
        if self._written is not None:
            self._written.go_on(further, "found LEFT JOIN beside ON true" if self._beside else "found")
        return self

    def fetch(self, **values: Any) -> list[Any]:
        """Return what the queryset would: its objects with their annotations, or the tuples of `values_list`."""
        if self._written is None:
            return []
        rows = self._written.rows(**values)
        if not self._is_accompanied:
            return self._made(rows)
        found = self._made([row[: self._width] for row in rows])
        for one, row in zip(found, rows, strict=True):
            there = row[self._width :]
            one.beside = self._beside._made([there])[0] if self._beside and there[0] is not None else None
        return found

    def _made(self, rows: Any) -> list[Any]:
        if self._converters:
            rows = self._compiler.apply_converters(rows, self._converters)
        if self._order is not None:
            return [tuple(row[place] for place in self._order) for row in rows]
        return list(self._objects(rows))

    def _objects(self, rows: Any) -> Iterator[Model]:
        """Make objects of rows, with those that `select_related` brings, as Django's own iterable does."""
        select, known = self._compiler.select, self._compiler.klass_info
        begin, end = known["select_fields"][0], known["select_fields"][-1] + 1
        names = [selected[0].target.attname for selected in select[begin:end]]
        related = get_related_populators(known, select, connection.alias)  # type: ignore[call-arg]
        for row in rows:
            made = known["model"].from_db(connection.alias, names, row[begin:end])
            for populator in related:
                populator.populate(row, made)
            for name, place in (self._compiler.annotation_col_map or {}).items():
                setattr(made, name, row[place])
            yield made


def _literal(value: Any) -> str:
    return pieces.Literal(value).as_string(connection.connection).replace("%", "%%")


def _is(value: Any, stand_in: Any) -> bool:
    return type(value) is type(stand_in) and bool(value == stand_in)


def _order_of(queryset: QuerySet[Any, Any]) -> list[int] | None:
    """Where the columns stand that `values_list` asks for, or None for objects."""
    if queryset._fields is None:  # type: ignore[attr-defined]
        return None
    query = queryset.query
    selected = [*query.extra_select, *query.values_select, *query.annotation_select]
    return [selected.index(name) for name in queryset._fields or selected]  # type: ignore[attr-defined]
