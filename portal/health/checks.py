"""Whether the parts that the house stands on do theirs. Each look ends within two seconds, whatever is wrong.

The answers name a part and its state, never an address, an account or an error's own words.
"""

from functools import lru_cache
from typing import Any

import psycopg
from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from kombu.exceptions import KombuError

OK = "ok"
SECONDS = 2
# The clock sends a sign of life every 10 seconds; a worker that is busy with long work may miss some.
_WORKER_SECONDS = 60


def parts() -> dict[str, str]:
    """Return the state of each part: `ok`, or in words what is missing."""
    return {**_database_parts(), "broker": _broker()}


def _database_parts() -> dict[str, str]:
    """Ask the database, over a connection of our own: a pool that waits for a dead server would wait too long."""
    try:
        with _connect() as own:
            return {"database": OK, "migrations": _migrations(own), "worker": _worker(own)}
    except psycopg.Error:
        return dict.fromkeys(("database", "migrations", "worker"), "unknown") | {"database": "does not answer"}


def _connect() -> "psycopg.Connection[Any]":
    wanted = connection.get_connection_params()
    names = ("dbname", "host", "port", "user", "password", "sslmode", "sslrootcert", "sslcert", "sslkey", "service")
    given = {name: wanted[name] for name in names if wanted.get(name)}
    return psycopg.connect(
        **given,
        autocommit=True,
        connect_timeout=SECONDS,
        tcp_user_timeout=SECONDS * 1000,
        options=f"-c statement_timeout={SECONDS * 1000 // 2}",
    )


def _migrations(own: "psycopg.Connection[Any]") -> str:
    """Compare what the code brings with what was applied."""
    try:
        applied = set(own.execute("SELECT app, name FROM django_migrations").fetchall())
    except psycopg.errors.UndefinedTable:
        return "not applied"
    missing = len(_brought() - applied)
    return f"{missing} not applied" if missing else OK


@lru_cache(maxsize=1)
def _brought() -> frozenset[tuple[str, str]]:
    """Return the migrations of the installed code; it does not change while the process lives.

    Those that do at once what others of them do step by step are left out: whoever has the steps has them, too.
    """
    known = MigrationLoader(None).disk_migrations
    return frozenset(key for key, one in known.items() if known.keys().isdisjoint(one.replaces))


def _worker(own: "psycopg.Connection[Any]") -> str:
    """Return when the worker was last heard, by the database's clock."""
    try:
        row = own.execute(
            "SELECT extract(epoch FROM clock_timestamp() - heard_at) FROM portal_heartbeat WHERE part = 'worker'"
        ).fetchone()
    except psycopg.errors.UndefinedTable:
        return "unknown"
    if row is None:
        return "not heard yet"
    return OK if row[0] <= _WORKER_SECONDS else f"last heard {row[0]:.0f} s ago"


def _broker() -> str:
    """Open a connection to the broker and a channel on it."""
    limits: dict[str, Any] = (
        {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS, "max_connections": 2}
        if settings.CELERY_BROKER_URL.startswith("redis")
        else {"read_timeout": SECONDS, "write_timeout": SECONDS}
    )
    link = current_app.connection_for_write(connect_timeout=SECONDS, transport_options=limits, heartbeat=0)
    try:
        link.connect()
        link.channel().close()
    except (OSError, KombuError, *link.connection_errors, *link.channel_errors):
        return "does not answer"
    finally:
        link.release()
    return OK
