"""A worker killed in the middle of a re-tiering: nothing is lost, nothing is done twice."""

import os
import signal
from datetime import date

import pytest
from celery import Celery
from django.db.models import F
from django.utils import timezone

from tests.conftest import Programs, eventually
from tests.faults.retiering import (
    MIDDLE,
    POINTS,
    SHARDS,
    Rows,
    begin,
    clean,
    done,
    execute,
    has_finished,
    outcome,
    standing_still,
)
from tests.tiers.customers_in_tiers import until_waiting
from tiers.enums import RunKind, RunState
from tiers.models import Run, Scheme, Shard, Tier
from tiers.models.references import BUCKET
from tiers.selectors.progress import waiting_runs
from tiers.services import runs
from tiers.services.drafts import copy_scheme
from tiers.services.runs import retier, start_run
from tiers.services.schemes import publish_scheme
from tiers.services.shards import do_shard

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]

QUICK = ("before moves are added",)


@pytest.mark.parametrize(
    "point", [point if point in QUICK else pytest.param(point, marks=pytest.mark.slow) for point in POINTS]
)
def test_a_killed_worker_loses_nothing_and_does_nothing_twice(
    today: date, point: str, start_worker: Programs, celery: Celery
) -> None:
    with standing_still(point):
        worker = start_worker()
        celery.send_task("tiers.start_run")
        until_waiting(1)
        run = Run.objects.get(state=RunState.ACTIVE)
        assert (run.kind, done(run)) == (RunKind.FULL, SHARDS // 2)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    go_on(run, start_worker, celery, done_before=SHARDS // 2 + (point == "as it commits"))
    assert outcome(Run.objects.get(pk=run.pk)) == clean(today)


def go_on(run: Run, start_worker: Programs, celery: Celery, done_before: int) -> None:
    """Let the sweeper find a run that nobody remembers but the database: the broker forgets its messages too."""
    celery.control.purge()
    eventually(waiting_runs)
    # A COMMIT that was begun is ended by the database: nobody hears that it was.
    assert done(run) == done_before
    start_worker()
    celery.send_task("tiers.sweep_runs")
    eventually(has_finished(run))


@pytest.mark.parametrize(
    "point", [pytest.param("before the numbers are written", marks=pytest.mark.slow), "before moves are added"]
)
def test_a_worker_killed_in_a_run_of_what_is_due(
    today: date, point: str, start_worker: Programs, celery: Celery
) -> None:
    def begin_due() -> None:
        begin(today)
        execute("UPDATE tiers_run SET digest = %s", digest_of_now())

    begin_due()
    with standing_still(point, customers=f"/ {BUCKET} >= {MIDDLE}"):
        worker = start_worker()
        celery.send_task("tiers.start_run")
        until_waiting(1)
        run = Run.objects.get(state=RunState.ACTIVE)
        assert run.kind == RunKind.DUE
        # Parts before the one in which it stands still may be done by then.
        before = done(run)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    go_on(run, start_worker, celery, done_before=before)
    found = outcome(Run.objects.get(pk=run.pk))
    begin_due()
    expected = retier()
    assert expected.kind == RunKind.DUE
    assert found == outcome(expected)
    assert any(row[1] for row in found["moves"])


def digest_of_now() -> str:
    """The mark that a run has that is started now."""
    run = start_run()
    assert run is not None
    Run.objects.filter(pk=run.pk).delete()
    return run.digest


@pytest.mark.slow
def test_a_worker_killed_while_it_measures_for_shares(today: date, start_worker: Programs, celery: Celery) -> None:
    """Bars by share: everybody is measured, the cut-offs are frozen, then everybody is decided about."""
    scheme = Scheme.objects.create(version=50, name="By share")
    for rank, share in ((2, 40), (3, 15), (4, 5)):
        for rule in ("entry", "keep"):
            scheme.bars.create(
                tier=Tier.objects.get(rank=rank), rule=rule, measure="margin", basis="share", value=share
            )
    publish_scheme(scheme=scheme, by=None)
    begin(today)
    with standing_still("before the numbers are written"):
        worker = start_worker()
        celery.send_task("tiers.start_run")
        until_waiting(1)
        run = Run.objects.get(state=RunState.ACTIVE)
        assert (run.cutoffs, Shard.objects.filter(run=run, measured_at=None).count()) == (None, SHARDS // 2)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    go_on(run, start_worker, celery, done_before=0)
    run = Run.objects.get(pk=run.pk)
    found = outcome(run)
    begin(today)
    expected = retier()
    assert found == outcome(expected)
    assert run.cutoffs == expected.cutoffs
    assert len(run.cutoffs or {}) == 6


def test_two_workers_started_by_hand_share_a_run(today: date, start_worker: Programs, celery: Celery) -> None:
    """While one stands still in the midst of a range, the other does all the rest, by database and broker alone."""
    with standing_still("before moves are added"):
        start_worker()
        start_worker()
        celery.send_task("tiers.start_run")
        until_waiting(1)
        run = Run.objects.get(state=RunState.ACTIVE)
        eventually(lambda: done(run) == SHARDS - 1)
    eventually(has_finished(run))
    assert outcome(Run.objects.get(pk=run.pk)) == clean(today)


@pytest.mark.slow
def test_a_database_that_cuts_everybody_off(today: date, start_worker: Programs, celery: Celery) -> None:
    """As a restart does: the worker lives, its connection and its transaction are gone."""

    def cut_off_and_look() -> list[int]:
        execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
        return waiting_runs()

    with standing_still("before new standings are opened"):
        start_worker()
        celery.send_task("tiers.start_run")
        until_waiting(1)
        run = Run.objects.get(state=RunState.ACTIVE)
        # Several messages ask for the run: a worker that is cut off in one takes the next.
        eventually(cut_off_and_look)
        assert done(run) == SHARDS // 2
    celery.send_task("tiers.sweep_runs")
    eventually(has_finished(run))
    assert outcome(Run.objects.get(pk=run.pk)) == clean(today)


def test_a_scheme_retired_in_the_middle_of_a_run(today: date) -> None:
    """The run goes on by the rules that it began with, and so do touched customers; the next one takes the new ones."""
    run = start_run()
    assert run is not None
    for _ in range(SHARDS // 2):
        do_shard(run_id=run.pk)
    old = run.scheme
    harder = copy_scheme(scheme=old)
    harder.bars.filter(measure="margin").update(value=F("value") * 2)
    publish_scheme(scheme=harder, by=None)
    execute("INSERT INTO customers_touch SELECT id, now() FROM customers_customer ON CONFLICT DO NOTHING")
    while runs.retier_touched():
        pass
    runs.work_run(run_id=run.pk)
    tiers = (
        "SELECT customer_id, tier_id, held_until, below_since FROM tiers_standing WHERE valid_until IS NULL ORDER BY 1"
    )
    found = execute(tiers)
    following = start_run()
    assert following is not None
    assert (following.kind, following.scheme) == (RunKind.FULL, harder)
    runs.end_run(run=following)

    # The same without the new scheme.
    execute("ALTER TABLE tiers_scheme DISABLE TRIGGER USER")
    Scheme.objects.filter(pk=harder.pk).update(state="retired", retired_at=timezone.now())
    Scheme.objects.filter(pk=old.pk).update(state="published", retired_at=None)
    execute("ALTER TABLE tiers_scheme ENABLE TRIGGER USER")
    begin(today)
    retier()
    assert found == present_standings()


def present_standings() -> Rows:
    return execute(
        "SELECT customer_id, tier_id, held_until, below_since FROM tiers_standing WHERE valid_until IS NULL ORDER BY 1"
    )
