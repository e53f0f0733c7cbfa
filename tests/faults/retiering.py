"""A house of 4,000 customers to be decided about, and every row that deciding leaves behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import psycopg
from django.db import connection

from tests.conftest import database_url
from tiers.enums import RunState
from tiers.models import Run, Shard
from tiers.models.references import BUCKET
from tiers.services.runs import retier

CUSTOMERS, SHARDS = 4_000, 20
# Numbers far from those that other tests use, spread so that the buckets are many and small.
FIRST = 50_000_000
Rows = list[tuple[Any, ...]]
# A range in the middle.
MIDDLE = FIRST // BUCKET + SHARDS // 2

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


def execute(sql: str, *params: Any) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


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
