"""Empties the database after a test that committed, in milliseconds.

Django truncates every table and fills the starters again, which costs a second of work with over a hundred tables
and their indexes. Here only what a test has changed is put back: a table that ought to be empty is emptied, and one
with starters gets the rows that it had after Django's own way, which is gone once for each process.
"""

from typing import Any, cast

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

_by_django = cast(Any, TransactionTestCase)._fixture_teardown
_quote = connection.ops.quote_name


class Emptier:
    """What the tables of this process's database hold when nobody has written to them."""

    def __init__(self) -> None:
        self.tables: list[str] = []
        # Of each table with starters: its columns that can be written, and the sum of its rows.
        self.columns: dict[str, str] = {}
        self.sums: dict[str, str] = {}

    def empty(self, case: Any) -> None:
        """Leave the database as if no test had ever run; the place of `TransactionTestCase._fixture_teardown`."""
        if case.available_apps is not None or case.serialized_rollback or not _is_superuser():
            _by_django(case)
        elif self.tables:
            try:
                self.put_back()
            except OperationalError:
                # A page that still asks for a second thing holds the first one: the database ends one of the two.
                self.put_back()
        else:
            _by_django(case)
            self.remember()

    def remember(self) -> None:
        """Keep a copy of each row that is there now, beside the tables of the house."""
        with transaction.atomic(), connection.cursor() as cursor:
            self.tables = sorted(connection.introspection.django_table_names(only_existing=True, include_views=False))
            cursor.execute("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept")
            for table in self.tables:
                cursor.execute(f"SELECT count(*), {_sum()} FROM {_quote(table)} AS one")
                if (found := cursor.fetchone())[0]:
                    cursor.execute(f"CREATE TABLE kept.{_quote(table)} AS TABLE {_quote(table)}")
                    self.columns[table], self.sums[table] = _columns(cursor, table), found[1]

    def put_back(self) -> None:
        """Wait for whoever still writes, as a truncation does, and undo what was written."""
        with transaction.atomic(), connection.cursor() as cursor:
            # No trigger: neither those that keep a history nor those of the foreign keys.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(f"LOCK TABLE {', '.join(map(_quote, self.tables))} IN ACCESS EXCLUSIVE MODE")
            cursor.execute(" UNION ALL ".join(map(self._is_changed, self.tables)))
            for (table,) in cursor.fetchall():
                name = _quote(table)
                cursor.execute(f"DELETE FROM {name}")
                if columns := self.columns.get(table):
                    cursor.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM kept.{name}")

    def _is_changed(self, table: str) -> str:
        if table in self.sums:
            return f"SELECT '{table}' FROM {_quote(table)} AS one HAVING {_sum()} <> '{self.sums[table]}'"
        return f"SELECT '{table}' WHERE EXISTS (SELECT FROM {_quote(table)})"


def _sum() -> str:
    return "md5(coalesce(string_agg(one::text, E'\\n' ORDER BY one::text), ''))"


def _columns(cursor: CursorWrapper, table: str) -> str:
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
        f" WHERE attrelid = '{_quote(table)}'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
    )
    return str(cursor.fetchone()[0])


def _is_superuser() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        return bool(cursor.fetchone()[0] == "on")
