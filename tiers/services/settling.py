"""Deciding about some customers and writing what changed, inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from tiers import engine
from tiers.engine import DEMOTED, FIRST, PROMOTED, Decisions, Measures, Whole
from tiers.enums import Reason
from tiers.models import Run
from tiers.selectors.measures import Known, known, measure
from tiers.selectors.population import Population
from tiers.selectors.rules import Ladder

# The first key of our advisory locks; the second is the bucket.
LOCKS = 7_283_001
_REASONS = {FIRST: Reason.FIRST, PROMOTED: Reason.PROMOTED, DEMOTED: Reason.DEMOTED}


@dataclass(frozen=True, slots=True)
class Settlement:
    """What was decided about some customers, and what is to be written."""

    as_of: date
    ladder: Ladder
    known: Known
    measures: Measures
    decisions: Decisions

    @property
    def customers(self) -> int:
        """How many customers were looked at."""
        return len(self.known.ids)

    @property
    def moves(self) -> int:
        """How many of them move."""
        return int(self.decisions.has_moved.sum())


def lock(who: Population) -> None:
    """Keep everybody else from deciding about these customers until the transaction ends. Ascending: no circles."""
    with connection.cursor() as cursor:
        for bucket in who.buckets:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, bucket])


def settle(*, who: Population, ladder: Ladder, as_of: date) -> Settlement:
    """Decide as of the end of a day. Only reads; call it with the customers locked, in the transaction that writes."""
    now = known(who, as_of)
    measures = measure(who, now.ids, as_of)
    standing = engine.Standing(level=ladder.levels(now.tier), held_until=now.held_until, below_since=now.below_since)
    decisions = engine.decide(measures, ladder.rules, standing, as_of.toordinal())
    return Settlement(as_of=as_of, ladder=ladder, known=now, measures=measures, decisions=decisions)


def write_measures(settlement: Settlement) -> int:
    """Write the measures that differ from what is recorded, and return how many."""
    before, now = settlement.known, settlement.measures
    differs = (
        (before.measured == 0)
        | (before.margin != now.margin)
        | (before.orders != now.orders)
        | (before.last_order != now.last_order)
    )
    return _execute(
        """
        INSERT INTO tiers_measures (customer_id, margin, orders, last_order_on, as_of)
        SELECT customer_id, margin / 100.0, orders, DATE '0001-01-01' + nullif(last_order, 0)::int - 1, as_of
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
             AS new (customer_id, margin, orders, last_order), CAST(%s AS date) AS as_of
        ON CONFLICT (customer_id) DO UPDATE
        SET margin = EXCLUDED.margin, orders = EXCLUDED.orders, last_order_on = EXCLUDED.last_order_on,
            as_of = EXCLUDED.as_of
        """,
        [column[differs] for column in (before.ids, now.margin, now.orders, now.last_order)],
        [settlement.as_of],
    )


def write_standings(settlement: Settlement) -> int:
    """Note in the standings that go on what changed about them, and return how many."""
    before, after = settlement.known, settlement.decisions
    differs = ~after.has_moved & (
        (settlement.ladder.levels(before.earned) != after.earned)
        | (before.held_until != after.held_until)
        | (before.below_since != after.below_since)
    )
    return _execute(
        """
        UPDATE tiers_standing AS standing
        SET earned_tier_id = new.earned,
            held_until = DATE '0001-01-01' + nullif(new.held_until, 0)::int - 1,
            below_since = DATE '0001-01-01' + nullif(new.below_since, 0)::int - 1
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS new (id, earned, held_until, below_since)
        WHERE standing.id = new.id
        """,
        [
            before.standing[differs],
            settlement.ladder.keys(after.earned[differs]),
            after.held_until[differs],
            after.below_since[differs],
        ],
    )


def write_moves(settlement: Settlement, run: Run) -> int:
    """Close the standings of those who move, add their moves and open the new standings; return how many moved.

    A move holds from the run's moment on, or, where a standing began only then or later, from a microsecond after it.
    """
    moved = settlement.decisions.has_moved
    before, after, measures = settlement.known, settlement.decisions, settlement.measures
    ends = np.maximum(_microseconds(run.effective_at), before.valid_from + 1)[moved]
    had_one = before.standing[moved] > 0
    _execute(
        """
        UPDATE tiers_standing AS standing
        SET valid_until = TIMESTAMPTZ 'epoch' + new.ends * INTERVAL '1 microsecond'
        FROM unnest(%s::bigint[], %s::bigint[]) AS new (id, ends)
        WHERE standing.id = new.id
        """,
        [before.standing[moved][had_one], ends[had_one]],
    )
    return _execute(
        """
        WITH new AS (
            SELECT customer_id, nullif(from_tier, 0) AS from_tier, to_tier, earned, reason,
                   DATE '0001-01-01' + nullif(held_until, 0)::int - 1 AS held_until,
                   DATE '0001-01-01' + nullif(below_since, 0)::int - 1 AS below_since,
                   TIMESTAMPTZ 'epoch' + begins * INTERVAL '1 microsecond' AS begins,
                   jsonb_build_object(
                       'margin', (margin / 100.0)::numeric(14, 2)::text, 'orders', orders,
                       'last_order_on', DATE '0001-01-01' + nullif(last_order, 0)::int - 1
                   ) AS inputs
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
                        %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
                 AS new (customer_id, from_tier, to_tier, earned, held_until, below_since, begins,
                         margin, orders, last_order, reason)
        ), moved AS (
            INSERT INTO tiers_move (customer_id, run_id, from_tier_id, to_tier_id, reason, inputs, moved_at)
            SELECT customer_id, %s, from_tier, to_tier, reason, inputs, begins FROM new ORDER BY customer_id
            RETURNING id, customer_id
        )
        INSERT INTO tiers_standing
               (customer_id, tier_id, earned_tier_id, reason, move_id, valid_from, held_until, below_since)
        SELECT customer_id, to_tier, earned, reason, moved.id, begins, held_until, below_since
        FROM new JOIN moved USING (customer_id)
        """,
        [
            before.ids[moved],
            before.tier[moved],
            settlement.ladder.keys(after.level[moved]),
            settlement.ladder.keys(after.earned[moved]),
            after.held_until[moved],
            after.below_since[moved],
            ends,
            measures.margin[moved],
            measures.orders[moved],
            measures.last_order[moved],
        ],
        [[_REASONS[reason].value for reason in after.reason[moved].tolist()], run.pk],
    )


def _execute(sql: str, columns: Sequence[Whole], more: Sequence[Any] = ()) -> int:
    """Run a statement on columns of equal length, unless they are empty; return the number of rows."""
    if not len(columns[0]):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(column.tolist() for column in columns), *more])
        return int(cursor.rowcount)


def _microseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
