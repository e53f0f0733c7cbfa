"""The database server itself is lost in the middle of a re-tiering, and comes back."""

import contextlib
import os
import signal
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dj_database_url
import psycopg
import pytest
from celery import Celery
from django.core.management import call_command
from django.db import connection

from portal.embedded.postgres import Postgres
from tests.conftest import Programs, eventually
from tests.faults.retiering import SHARDS, clean, done, has_finished, outcome, standing_still
from tests.tiers.customers_in_tiers import until_waiting
from tiers.enums import RunState
from tiers.models import Run
from tiers.selectors.progress import waiting_runs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults"), pytest.mark.slow]


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server of this test's own, which writes to the disk as in production, with a house in it.

    Django's connection, and the programs that are started, are with it while the test lasts.
    """
    with tempfile.TemporaryDirectory(prefix="regulars-restart-") as state:
        server = Postgres(Path(state))
        before = connection.settings_dict
        connection.close()
        try:
            connection.settings_dict = {**before, **dj_database_url.parse(server.start())}
            call_command("migrate", verbosity=0)
            yield server
        finally:
            connection.close()
            connection.settings_dict = before
            server.stop()


def crash(server: Postgres) -> None:
    """End the server at once, as a loss of power does, and start it again: it recovers from what is on the disk."""
    assert server.process.pid is not None
    connection.close()
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.stop(0)
    server.start()


@pytest.mark.parametrize("point", ["before new standings are opened", "as it commits"])
def test_a_server_that_crashes_and_comes_back(
    server: Postgres, today: date, point: str, start_worker: Programs, celery: Celery
) -> None:
    # The gate falls with the server, and so does whoever holds it.
    with contextlib.suppress(psycopg.OperationalError), standing_still(point):
        start_worker()
        celery.send_task("tiers.start_run")
        until_waiting(1)
        run = Run.objects.get(state=RunState.ACTIVE)
        assert done(run) == SHARDS // 2
        celery.control.purge()
        crash(server)
    run = Run.objects.get(pk=run.pk)
    assert (run.state, done(run)) == (RunState.ACTIVE, SHARDS // 2)
    eventually(waiting_runs)
    celery.send_task("tiers.sweep_runs")
    eventually(has_finished(run))
    assert outcome(Run.objects.get(pk=run.pk)) == clean(today)
