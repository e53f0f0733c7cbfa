"""How far runs are, and what became of them."""

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Abs, Coalesce, Greatest

from tiers.enums import Reason, RunKind, RunState
from tiers.models import Move, Run, Shard


def waiting_runs() -> list[int]:
    """Return the active runs that nobody works on: no shard of theirs is claimed, or all are done but not noted."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH open AS (
                SELECT shard.id, shard.run_id FROM tiers_shard AS shard JOIN tiers_run AS run ON run.id = shard.run_id
                WHERE shard.done_at IS NULL AND run.state = %s AND run.kind <> %s
            ), free AS (
                SELECT id, run_id FROM tiers_shard WHERE id IN (SELECT id FROM open) AND done_at IS NULL
                FOR KEY SHARE SKIP LOCKED
            )
            SELECT run.id FROM tiers_run AS run
            WHERE run.state = %s AND run.kind <> %s
              AND (SELECT count(*) FROM open WHERE run_id = run.id) = (SELECT count(*) FROM free WHERE run_id = run.id)
            """,
            [RunState.ACTIVE, RunKind.TOUCHED] * 2,
        )
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, counted in its ranges. `customers` and `moves` are those of the ranges that are done.

    `measured`: ranges whose customers were measured before anybody is decided on; 0 where a run needs no such look.
    """

    shards: int
    measured: int
    done: int
    customers: int
    moves: int


@dataclass(frozen=True, slots=True)
class Moved:
    """So many customers went from one tier (None: they had none yet) to another, for one reason."""

    from_tier: str | None
    to_tier: str
    reason: Reason
    count: int


def progress_of(run: Run) -> Progress:
    """Return how far a run is (1 query)."""
    counted = Shard.objects.filter(run=run).aggregate(
        shards=Count("pk"),
        measured=Count("measured_at"),
        done=Count("done_at"),
        customers=Coalesce(Sum("customers"), 0),
        moves=Coalesce(Sum("moves"), 0),
    )
    return Progress(**counted)


def counts() -> dict[str, Any]:
    """Return what the shards of a run come to, as expressions for its fields."""
    shards = Shard.objects.filter(run=OuterRef("pk")).order_by().values("run")
    return {
        name: Coalesce(Subquery(shards.annotate(count=Sum(name)).values("count")), 0) for name in ("customers", "moves")
    }


def miscounted_runs() -> QuerySet[Run]:
    """Return the cancelled runs whose counts are not those of their shards: whoever cancelled died before counting."""
    sums = {f"sum_of_{name}": sum_ for name, sum_ in counts().items()}
    return (
        Run.objects.filter(state=RunState.CANCELLED)
        .annotate(**sums)
        .exclude(customers=F("sum_of_customers"), moves=F("sum_of_moves"))
    )


def runs_to_tell() -> QuerySet[Run]:
    """Return the finished runs that moved somebody and that managers have not been written to about."""
    return (
        Run.objects.filter(state=RunState.FINISHED, told_at=None, moves__gt=0)
        .exclude(kind=RunKind.TOUCHED)
        .order_by("ended_at")
    )


def moved_by(run: Run) -> list[Moved]:
    """Return where a run moved customers to, the most first (1 query)."""
    rows = (
        Move.objects.filter(run=run)
        .order_by()
        .values_list("from_tier__name", "to_tier__name", "reason")
        .annotate(count=Count("pk"))
        .order_by("-count", "from_tier__rank", "to_tier__rank", "reason")
    )
    return [Moved(before, after, Reason(reason), count) for before, after, reason, count in rows]


def movers(run: Run) -> QuerySet[Move]:
    """Return the moves of a run with customer and tiers, in the order in which they were decided."""
    # By two columns without an index: the run's few pages are read and sorted, never the whole table.
    return (
        Move.objects.filter(run=run).select_related("customer", "from_tier", "to_tier").order_by("moved_at", "customer")
    )


def notable(run: Run, most: int = 10) -> list[Move]:
    """Return the moves that somebody should hear of: the farthest first, then those of the highest tiers."""
    ranks = {"before": F("from_tier__rank"), "after": F("to_tier__rank")}
    return list(
        Move.objects.filter(run=run)
        .exclude(from_tier=None)
        .select_related("customer", "from_tier", "to_tier")
        .annotate(**ranks, steps=Abs(F("from_tier__rank") - F("to_tier__rank")))
        .annotate(highest=Greatest("before", "after"))
        .order_by("-steps", "-highest", "customer")[:most]
    )
