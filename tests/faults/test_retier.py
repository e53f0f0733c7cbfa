"""A worker killed in the middle of a re-tiering: nothing is lost, nothing is done twice."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from celery import Celery
from django.db import connection
from django.db.models import F
from django.utils import timezone

from tests.conftest import Programs, database_url, eventually
from tests.tiers.customers_in_tiers import until_waiting
from tiers.enums import RunKind, RunState
from tiers.models import Run, Scheme, Shard, Tier
from tiers.models.references import BUCKET
from tiers.selectors.population import Range
from tiers.selectors.progress import waiting_runs
from tiers.selectors.rules import ladder
from tiers.services import runs
from tiers.services.drafts import copy_scheme
from tiers.services.runs import retier, start_run
from tiers.services.schemes import publish_scheme
from tiers.services.settling import settle, write_measures, write_moves, write_standings
from tiers.services.shards import do_shard

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]

CUSTOMERS, SHARDS = 4_000, 20
# Numbers far from those that other tests use, spread so that the buckets are many and small.
FIRST = 50_000_000
MIDDLE = FIRST // BUCKET + SHARDS // 2
Rows = list[tuple[Any, ...]]


def execute(sql: str, *params: Any) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def today() -> date:
    """Customers of all kinds, decided about 40 days ago; since then some bought, some are below a bar."""
    day = timezone.localdate()
    execute("INSERT INTO customers_currency (code, rate, updated_at) VALUES ('GBP', 1, now()) ON CONFLICT DO NOTHING")
    execute(
        """
        INSERT INTO customers_customer (id, public_id, source, full_name, given_name, family_name, known_as, say_as,
                                        pronouns, language, country, city, time_zone)
        SELECT %s + number * %s, gen_random_uuid(), 'test', 'Customer ' || number,
               '', '', '', '', '', 'en', '', '', 'UTC'
        FROM generate_series(0, %s - 1) AS number
        """,
        FIRST,
        SHARDS * BUCKET // CUSTOMERS,
        CUSTOMERS,
    )
    buy(day - timedelta(days=40), "id %% 7 <> 0", orders=12, apart=20)
    begin(day)
    return day


def wants_everybody() -> None:
    """Let the next run be a full one, as after a change of what decides besides the facts."""
    execute("UPDATE tiers_run SET digest = 'another'")


def buy(last: date, who: str, *, orders: int, apart: int) -> None:
    """Orders of some customers every so many days up to a day, with margins that differ."""
    execute(
        f"""
        INSERT INTO customers_order (customer_id, source, external_id, kind, placed_at, amount, margin, currency_id,
                                     house_amount, house_margin, is_our_fault, is_margin_estimated, description)
        SELECT id, 'test', concat_ws('/', id, %s::date, number), 'purchase',
               %s::date - number * %s * INTERVAL '1 day' - id %% 150 * INTERVAL '1 day', 100, margin, 'GBP',
               100, margin, false, false, ''
        FROM customers_customer, generate_series(0, %s - 1) AS number, LATERAL (SELECT id %% 311 AS margin) AS m
        WHERE {who} AND number <= id %% 13
        """,
        last,
        last,
        apart,
        orders,
    )


def begin(day: date) -> None:
    """Undo every decision; decide as of 40 days ago and 35 days ago, when some had sent goods back."""
    execute("TRUNCATE tiers_standing, tiers_move, tiers_measures, tiers_shard, tiers_run")
    execute("DELETE FROM customers_order WHERE source <> 'test'")
    retier(as_of=day - timedelta(days=40))
    execute(
        """
        INSERT INTO customers_order (customer_id, source, external_id, kind, placed_at, amount, margin, currency_id,
                                     house_amount, house_margin, is_our_fault, is_margin_estimated, description)
        SELECT id, 'returns', id::text, 'return', %s::date, -3000, -3000, 'GBP', -3000, -3000, false, false, ''
        FROM customers_customer WHERE id %% 5 = 0
        """,
        day - timedelta(days=36),
    )
    retier(as_of=day - timedelta(days=35))
    execute(
        """
        INSERT INTO customers_order (customer_id, source, external_id, kind, placed_at, amount, margin, currency_id,
                                     house_amount, house_margin, is_our_fault, is_margin_estimated, description)
        SELECT id, 'new', id || '/' || number, 'purchase', %s::date, 900, 300, 'GBP', 900, 300, false, false, ''
        FROM customers_customer, generate_series(1, 6) AS number WHERE id %% 11 = 0
        """,
        day - timedelta(days=1),
    )
    wants_everybody()


def outcome(run: Run) -> dict[str, Rows]:
    """Every row that a run leaves behind; keys of rows and the moment of the run are taken out."""
    moment = "CASE WHEN {0} >= %s THEN 'of the run' ELSE {0}::text END"
    return {
        "measures": execute(
            "SELECT customer_id, margin, orders, last_order_on, look_on, mark, as_of FROM tiers_measures ORDER BY 1"
        ),
        "standings": execute(
            f"""
            SELECT customer_id, tier_id, earned_tier_id, reason, held_until, below_since,
                   {moment.format("valid_from")}, {moment.format("valid_until")}
            FROM tiers_standing ORDER BY customer_id, valid_from
            """,
            run.effective_at,
            run.effective_at,
        ),
        "moves": execute(
            """
            SELECT customer_id, run_id = %s, from_tier_id, to_tier_id, reason, numbers::text
            FROM tiers_move ORDER BY customer_id, moved_at
            """,
            run.pk,
        ),
        "counts": execute("SELECT customers, moves, state FROM tiers_run WHERE id = %s", run.pk),
        "twice": execute("SELECT customer_id FROM tiers_move GROUP BY run_id, customer_id HAVING count(*) > 1"),
    }


def clean(day: date) -> dict[str, Rows]:
    """What an undisturbed run on the same data leaves behind."""
    begin(day)
    rows = outcome(retier())
    assert rows["twice"] == []
    assert {row[4] for row in rows["moves"]} == {"first", "promoted", "demoted"}
    assert rows["counts"][0][:2] == (CUSTOMERS, sum(row[1] for row in rows["moves"]))
    return rows


def done(run: Run) -> int:
    return Shard.objects.filter(run=run).exclude(done_at=None).count()


def has_finished(run: Run) -> Callable[[], bool]:
    return lambda: Run.objects.get(pk=run.pk).state == RunState.FINISHED


# Where a worker may be made to stand still: before or after what, on which table, about which rows.
POINTS = {
    "before the numbers are written": ("BEFORE INSERT ON tiers_measures", "NEW.customer_id"),
    "before old standings are closed": ("BEFORE UPDATE ON tiers_standing", "NEW.customer_id"),
    "before moves are added": ("BEFORE INSERT ON tiers_move", "NEW.customer_id"),
    "before new standings are opened": ("BEFORE INSERT ON tiers_standing", "NEW.customer_id"),
    "before the range is marked": ("BEFORE UPDATE ON tiers_shard", "NEW.first_id"),
    "as it commits": ("AFTER UPDATE ON tiers_shard", "NEW.first_id"),
}
_GATE = 7_283_999


@contextmanager
def standing_still(point: str, customers: str = f"/ {BUCKET} = {MIDDLE}") -> Iterator[None]:
    """Make whoever comes to a point of a range in the middle wait there while the body lasts.

    The trigger stays when the body ends: then it lets everybody pass.
    """
    when, number = POINTS[point]
    constraint, deferred = ("CONSTRAINT", "DEFERRABLE INITIALLY DEFERRED") if point == "as it commits" else ("", "")
    execute(
        f"""
        CREATE OR REPLACE FUNCTION tests_gate() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_advisory_xact_lock_shared({_GATE}); RETURN NEW; END $$
        """
    )
    execute(
        f"""
        CREATE {constraint} TRIGGER zz_tests_gate {when} {deferred} FOR EACH ROW
        WHEN ({number} {customers}) EXECUTE FUNCTION tests_gate()
        """
    )
    try:
        with psycopg.connect(database_url()) as holder:
            holder.execute(f"SELECT pg_advisory_xact_lock({_GATE})")
            yield
            holder.rollback()
    finally:
        execute(f"DROP TRIGGER zz_tests_gate ON {when.split()[-1]}")


@pytest.fixture
def celery(broker: str) -> Celery:
    """Somebody who asks workers for something through the real broker."""
    app = Celery("tests", broker=broker)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.broker_url = broker
    return app


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
    with standing_still("before new standings are opened"):
        start_worker()
        celery.send_task("tiers.start_run")
        until_waiting(1)
        run = Run.objects.get(state=RunState.ACTIVE)
        execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
        eventually(waiting_runs)
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


def test_control_a_shard_marked_done_before_it_is_decided_is_lost(today: date) -> None:
    """The comparison sees what is lost when the mark is not made in the transaction that decides."""
    run = start_run()
    assert run is not None
    for place, shard in enumerate(Shard.objects.filter(run=run).order_by("pk")):
        Shard.objects.filter(pk=shard.pk).update(done_at=timezone.now())
        if place == SHARDS // 2:
            continue  # killed here
        decide_without_transaction(run, shard)
    runs.finish_run(run_id=run.pk)
    found, expected = outcome(run), clean(today)
    assert len(found["measures"]) == len(expected["measures"])
    assert found["standings"] != expected["standings"]
    assert found["moves"] != expected["moves"]


def test_control_a_shard_outside_a_transaction_is_done_by_halves(today: date) -> None:
    """The comparison sees what is half done when a shard's rows are not written together."""
    run = start_run()
    assert run is not None
    for place, shard in enumerate(Shard.objects.filter(run=run).order_by("pk")):
        settlement = settle(who=Range(shard.first_id, shard.last_id), ladder=ladder(run.scheme), as_of=run.as_of)
        write_measures(settlement)
        if place == SHARDS // 2:
            # Killed after the old standings were closed; begun again, it takes these customers for new ones.
            moved = settlement.known.standing[settlement.decisions.has_moved]
            execute("UPDATE tiers_standing SET valid_until = %s WHERE id = ANY(%s)", run.effective_at, moved.tolist())
    runs.work_run(run_id=run.pk)
    run.refresh_from_db()
    found, expected = outcome(run), clean(today)
    assert found["moves"] != expected["moves"]


def decide_without_transaction(run: Run, shard: Shard) -> None:
    settlement = settle(who=Range(shard.first_id, shard.last_id), ladder=ladder(run.scheme), as_of=run.as_of)
    write_measures(settlement)
    write_standings(settlement)
    write_moves(settlement, run)
