"""A worker killed in the middle of a re-tiering: nothing is lost, nothing is done twice."""

import os
import signal
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from tests.conftest import Programs, database_url, eventually
from tests.tiers.customers_in_tiers import until_waiting
from tiers.enums import RunState
from tiers.models import Run, Shard
from tiers.selectors.population import BUCKET
from tiers.selectors.progress import waiting_runs
from tiers.selectors.rules import ladder
from tiers.services import runs
from tiers.services.runs import retier, start_run
from tiers.services.settling import LOCKS, settle, write_measures, write_moves, write_standings

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


def outcome(run: Run) -> dict[str, Rows]:
    """Every row that a run leaves behind; keys of rows and the moment of the run are taken out."""
    moment = "CASE WHEN {0} >= %s THEN 'of the run' ELSE {0}::text END"
    return {
        "measures": execute(
            "SELECT customer_id, margin, orders, last_order_on, as_of FROM tiers_measures ORDER BY customer_id"
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
            SELECT customer_id, run_id = %s, from_tier_id, to_tier_id, reason, inputs::text
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


@pytest.mark.parametrize(
    ("hold", "lands"),
    [
        pytest.param(f"SELECT pg_advisory_xact_lock({LOCKS}, {MIDDLE})", 0, id="before it reads"),
        pytest.param(
            f"SELECT FROM tiers_standing WHERE customer_id / {BUCKET} = {MIDDLE} FOR UPDATE", 0, id="half written"
        ),
        # Foreign keys are checked by the COMMIT, which the database ends by itself: nobody hears that it did.
        pytest.param(
            f"SELECT FROM customers_customer WHERE id / {BUCKET} = {MIDDLE} FOR UPDATE", 1, id="as it commits"
        ),
    ],
)
def test_a_killed_worker_loses_nothing_and_does_nothing_twice(
    today: date, hold: str, lands: int, start_worker: Programs, start_program: Programs
) -> None:
    def celery(*arguments: str) -> None:
        assert start_program("-m", "celery", "-A", "portal", *arguments).wait(60) == 0

    # We hold what a shard in the middle needs, so that the worker provably stands in the midst of it.
    with psycopg.connect(database_url()) as holder:
        holder.execute(hold)
        worker = start_worker()
        celery("call", "tiers.start_run")
        until_waiting(1)
        run = Run.objects.get(state=RunState.ACTIVE)
        assert done(run) == SHARDS // 2
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        holder.rollback()

    # Nobody remembers the run but the database: the broker forgets its messages too, and the sweeper asks again.
    celery("purge", "-f")
    eventually(waiting_runs)
    assert done(run) == SHARDS // 2 + lands
    start_worker()
    celery("call", "tiers.sweep_runs")
    eventually(has_finished(run))

    found = outcome(Run.objects.get(pk=run.pk))
    assert found == clean(today)


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
        settlement = settle(who=runs.Range(shard.first_id, shard.last_id), ladder=ladder(run.scheme), as_of=run.as_of)
        write_measures(settlement)
        if place == SHARDS // 2:
            # Killed after the old standings were closed; begun again, it takes these customers for new ones.
            moved = settlement.known.standing[settlement.decisions.has_moved]
            execute("UPDATE tiers_standing SET valid_until = %s WHERE id = ANY(%s)", run.effective_at, moved.tolist())
    runs.work_run(run_id=run.pk)
    run.refresh_from_db()
    found, expected = outcome(run), clean(today)
    assert found["measures"] == expected["measures"]
    assert found["moves"] != expected["moves"]


def decide_without_transaction(run: Run, shard: Shard) -> None:
    settlement = settle(who=runs.Range(shard.first_id, shard.last_id), ladder=ladder(run.scheme), as_of=run.as_of)
    write_measures(settlement)
    write_standings(settlement)
    write_moves(settlement, run)
