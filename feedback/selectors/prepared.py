"""Statements that every press waits for, planned once for each connection instead of each time.

Django fills a statement in before it sends it, so PostgreSQL must plan it anew; for a query over many tables that costs
several times what the query itself does. Where the settings let connections keep prepared statements (with Django's own
pool), these are kept; elsewhere they run as they are.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection


def fetch_prepared(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute one statement with named values on Django's connection and return its rows.

    It takes part in the transaction that is open, and raises Django's database errors.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(sql.encode(), values, prepare=True).fetchall()
