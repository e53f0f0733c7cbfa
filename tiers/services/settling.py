"""Deciding about some customers and writing what changed, inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from tiers import days, engine
from tiers.engine import DEMOTED, FIRST, LOWERED, MEASURES, NEVER, PROMOTED, RAISED, UNKNOWN, Bounds, Decisions, Whole
from tiers.enums import Reason
from tiers.measuring import Numbers, mark, sooner
from tiers.models import Run, ValueFit
from tiers.models.references import LOCKS
from tiers.selectors.facts import failures
from tiers.selectors.measures import Known, bounds, known, measure, values
from tiers.selectors.population import Population, array
from tiers.selectors.rules import Ladder
from tiers.selectors.value import predicted
from tiers.services.copying import Column, Row, write_rows

_REASONS = {
    FIRST: Reason.FIRST,
    PROMOTED: Reason.PROMOTED,
    DEMOTED: Reason.DEMOTED,
    RAISED: Reason.RAISED,
    LOWERED: Reason.LOWERED,
}


@dataclass(frozen=True, slots=True)
class Settlement:
    """What was decided about some customers, and what is to be written.

    `kept`: the columns of the kept numbers as they should be, by name, in the units of the engine.
    """

    as_of: date
    ladder: Ladder
    known: Known
    kept: dict[str, Whole]
    measures: engine.Measures
    bounds: Bounds
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
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, bucket) FROM unnest(%s::int[]) AS bucket", [LOCKS, who.buckets]
        )


def settle(*, who: Population, ladder: Ladder, as_of: date, fit: ValueFit | None = None) -> Settlement:
    """Decide as of the end of a day. Only reads; call it with the customers locked, in the transaction that writes.

    `fit`: what margin is predicted by; without one it is unknown.
    """
    with connection.cursor() as cursor:
        # Workers share the machine already, and helpers of the database would bring the rows out of order.
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    now = known(who, as_of)
    day = as_of.toordinal()
    numbers = measure(who, now.ids, as_of)
    kept = _kept(numbers, predicted(numbers, fit, day))
    found = values(kept, day)
    found["score"] = engine.score(found, ladder.rules.weights, len(now.ids))
    is_frozen, frozen_days = failures(who, now.ids, as_of)
    measures = engine.Measures(values=found, is_frozen=is_frozen, frozen_days=frozen_days)
    bound = bounds(who, now.ids, ladder, as_of)
    standing = engine.Standing(level=ladder.levels(now.tier), held_until=now.held_until, below_since=now.below_since)
    decisions = engine.decide(measures, ladder.rules, standing, day, bound)
    look = engine.next_look(measures, ladder.rules, decisions, day, bound)
    kept["look_on"] = sooner(look, numbers.ages_on)
    return Settlement(
        as_of=as_of, ladder=ladder, known=now, kept=kept, measures=measures, bounds=bound, decisions=decisions
    )


def write_measures(settlement: Settlement) -> int:
    """Write the kept numbers that differ from what is recorded, and return how many rows.

    Which ones do is told by their mark: a row is never changed, only replaced, so the mark is the row's own.
    """
    before, kept = settlement.known, settlement.kept
    marks = mark(kept)
    differs = before.mark != marks
    old = before.ids[differs & (before.mark != 0)]
    if len(old):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM tiers_measures WHERE customer_id = ANY(%s::bigint[])", [array(old.tolist())])
    as_of = np.full(int(differs.sum()), settlement.as_of.toordinal(), dtype=np.int64)
    return write_rows(
        "tiers_measures",
        {
            "customer_id": Column(before.ids[differs]),
            **{name: _column(name, values[differs]) for name, values in kept.items()},
            "mark": Column(marks[differs]),
            "as_of": Column(as_of, "date"),
        },
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
    before, after, ladder = settlement.known, settlement.decisions, settlement.ladder
    begins = np.maximum(days.microseconds(run.effective_at), before.valid_from + 1)[moved]
    had_one = before.standing[moved] > 0
    _execute(
        """
        UPDATE tiers_standing AS standing
        SET valid_until = TIMESTAMPTZ '2000-01-01+00' + new.ends * INTERVAL '1 microsecond'
        FROM unnest(%s::bigint[], %s::bigint[]) AS new (id, ends)
        WHERE standing.id = new.id
        """,
        [before.standing[moved][had_one], begins[had_one]],
    )
    customers, tiers = before.ids[moved], ladder.keys(after.level[moved])
    reason = Column(after.reason[moved].astype(np.int64), "label", labels=["", *(r.value for r in _REASONS.values())])
    write_rows(
        "tiers_move",
        {
            "customer_id": Column(customers),
            "run_id": Column(np.full(len(customers), run.pk, dtype=np.int64)),
            "from_tier_id": Column(before.tier[moved], nulls=~had_one),
            "to_tier_id": Column(tiers),
            "reason": reason,
            "numbers": Row(np.stack([settlement.measures[name][moved] for name in MEASURES], axis=1)),
            "moved_at": Column(begins, "moment"),
        },
    )
    return write_rows(
        "tiers_standing",
        {
            "customer_id": Column(customers),
            "tier_id": Column(tiers),
            "earned_tier_id": Column(ladder.keys(after.earned[moved])),
            "reason": reason,
            "valid_from": Column(begins, "moment"),
            "held_until": _date(after.held_until[moved]),
            "below_since": _date(after.below_since[moved]),
        },
    )


def _kept(numbers: Numbers, predicted: Whole) -> dict[str, Whole]:
    """Return the columns to be kept by name; when to look again comes later."""
    return {
        "margin": numbers.margin,
        "orders": numbers.orders,
        "returns": numbers.returns,
        "first_order_on": numbers.first_order,
        "last_order_on": numbers.last_order,
        "purchase_days": numbers.purchase_days,
        "repeat_margin": numbers.repeat_margin,
        "predicted_margin": predicted,
        "cost_to_serve": numbers.cost,
        "engagement": numbers.engagement,
        "influence": numbers.influence,
        "advocacy": numbers.advocacy,
    }


def _column(name: str, values: Whole) -> Column:
    """Return a kept column as the table takes it."""
    if name.endswith("_on"):
        return _date(values)
    if name in ("margin", "repeat_margin", "cost_to_serve"):
        return Column(values, "cents")
    if name == "predicted_margin":
        return Column(values, "cents", nulls=values == UNKNOWN)
    if name in ("influence", "advocacy"):
        return Column(values, "int2", nulls=values == UNKNOWN)
    return Column(values, "int4")


def _date(values: Whole) -> Column:
    return Column(values, "date", nulls=values == NEVER)


def _execute(sql: str, columns: Sequence[Whole], more: Sequence[Any] = ()) -> int:
    """Run a statement on columns of equal length, unless they are empty; return the number of rows."""
    if not len(columns[0]):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(array(column.tolist()) for column in columns), *more])
        return int(cursor.rowcount)
