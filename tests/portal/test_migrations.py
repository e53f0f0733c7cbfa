"""The tables of a house that begins are those of a house that took every step, and that house has nothing to do."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import unified_diff
from io import StringIO
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import MigrationWriter

from portal.embedded.postgres import binaries
from portal.health.checks import parts
from tests.conftest import ROOT, database_url

_OURS = ("customers", "tiers", "feedback", "portal")
# The chain of before, each step by itself, in a database of its own.
_STEPS = """
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
executor = MigrationExecutor(connection)
executor.loader = MigrationLoader(connection, replace_migrations=False)
# In their order: where an app has two, the earlier one as the later target would be a way back.
executor.migrate(sorted(one.replaces[-1] for one in executor.loader.disk_migrations.values() if one.replaces))
"""


def _said(state: ProjectState) -> dict[tuple[str, str], tuple[dict[str, str], str]]:
    """Each of our models as a migration would write it: its fields, and all that stands beside them."""
    return {
        key: (
            {name: MigrationWriter.serialize(field)[0] for name, field in model.fields.items()},
            MigrationWriter.serialize({name: value for name, value in model.options.items() if value})[0],
        )
        for key, model in state.models.items()
        if key[0] in _OURS
    }


def _at_once() -> list[tuple[str, str]]:
    """The migrations that do at once what others of ours do step by step."""
    known = MigrationLoader(None).disk_migrations
    return [key for key, one in known.items() if key[0] in _OURS and one.replaces]


def test_at_once_comes_to_the_same_models_as_step_by_step() -> None:
    """So that what makes the next migration finds no difference, whichever way a house came."""
    steps, squashed = MigrationLoader(None, replace_migrations=False), MigrationLoader(None)
    whole = _at_once()
    assert len(whole) == 5
    before = _said(steps.project_state([steps.disk_migrations[key].replaces[-1] for key in whole]))
    assert len(before) == 101
    assert _said(squashed.project_state(whole)) == before


@contextmanager
def _house_of_steps() -> Iterator[list[tuple[str, str]]]:
    """What a house of before has noted: the steps, and nothing of what does them at once."""
    with psycopg.connect(database_url(), autocommit=True) as own:
        gone = own.execute("DELETE FROM django_migrations WHERE strpos(name, '_squashed_') > 0 RETURNING app, name")
        forgotten = gone.fetchall()
        try:
            yield forgotten
        finally:
            for app, name in forgotten:
                own.execute(
                    "INSERT INTO django_migrations (app, name, applied) SELECT %s, %s, now()"
                    " WHERE NOT EXISTS (SELECT FROM django_migrations WHERE app = %s AND name = %s)",
                    [app, name, app, name],
                )


@pytest.mark.django_db(transaction=True)
def test_a_house_that_took_every_step_is_ready_and_has_nothing_to_do() -> None:
    """`migrate` only notes that the house has what the new files would do."""
    with _house_of_steps() as forgotten:
        assert sorted(key for key in forgotten if key[0] in _OURS) == sorted(_at_once())
        assert parts()["migrations"] == "ok"
        said = StringIO()
        call_command("migrate", stdout=said)
        assert "No migrations to apply." in said.getvalue()
        assert MigrationRecorder(connection).applied_migrations().keys() >= set(forgotten)


@contextmanager
def _database(name: str) -> Iterator[str]:
    """The URL of an empty database, which is dropped in the end."""
    server = database_url()
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _run(url: str, *words: str) -> str:
    env = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings", "SECRET_KEY": "x"}
    return subprocess.run(words, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


def _schema(url: str) -> list[str]:
    said = _run(url, str(binaries() / "pg_dump"), "--schema-only", "--no-owner", f"--dbname={url}")
    # A word made up for each dump.
    return [line for line in said.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_at_once_makes_the_same_tables_as_step_by_step() -> None:
    """To the letter: columns and their order, defaults, indexes, constraints, functions, triggers."""
    migrate = (sys.executable, "manage.py", "migrate", "--noinput")
    with _database("regulars_at_once") as at_once, _database("regulars_by_steps") as by_steps:
        _run(at_once, *migrate)
        _run(by_steps, sys.executable, "-c", _STEPS)
        _run(by_steps, *migrate)
        one, other = _schema(at_once), _schema(by_steps)
    assert len(one) > 10_000
    assert not list(unified_diff(one, other))
