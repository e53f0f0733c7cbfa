"""The parts of a run: cut once, then each claimed by a worker and done in one transaction."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from tiers.enums import RunKind, RunState
from tiers.models import Run, Shard
from tiers.models.references import BUCKET
from tiers.selectors.population import Handful, Population, Range, decided_later, due
from tiers.selectors.rules import Ladder, ladder
from tiers.services.claiming import claim
from tiers.services.settling import Settlement, lock, settle, write_measures, write_moves, write_standings

# So many of those who are due make a part: enough to be worth a transaction, few enough that workers share a night.
_DUE = 2_000


@dataclass(slots=True)
class Memory:
    """What a worker has read of the run that it works on: all of it stays as it is, but for the cut-offs' coming."""

    run: Run | None = None
    ladder: Ladder | None = None

    def read(self, run_id: int, *, without_cutoffs: bool) -> tuple[Run, Ladder]:
        """Return a run with its rules, from the database where they are not known yet."""
        if (
            self.run is None
            or self.ladder is None
            or self.run.pk != run_id
            or without_cutoffs != is_measuring(self.run)
        ):
            self.run = Run.objects.select_related("scheme", "value_fit").get(pk=run_id)
            self.ladder = ladder(self.run.scheme, self.run.cutoffs)
        return self.run, self.ladder


@dataclass(frozen=True, slots=True)
class _Seen:
    """Notes of changes as the database wrote them: an array of customers and one of moments, or nothing."""

    customers: str | None
    moments: str | None


def active(run_id: int) -> QuerySet[Run]:
    """Return the run, if it is under way."""
    return Run.objects.filter(pk=run_id, state=RunState.ACTIVE)


def is_measuring(run: Run) -> bool:
    """Whether a run still measures everybody, before its bars by share are known."""
    return run.cutoffs is None


def cut_shards(run: Run) -> None:
    """Open the shards: for a full run each bucket that has customers, else ranges with so many who are due."""
    if run.kind == RunKind.DUE:
        Shard.objects.bulk_create(Shard(run=run, first_id=a, last_id=b) for a, b in _ranges(due(run.as_of)))
        return
    with connection.cursor() as cursor:
        # From each bucket with customers straight to the next one.
        cursor.execute(
            """
            WITH RECURSIVE buckets AS (
                SELECT min(id) / %s AS bucket FROM customers_customer
                UNION ALL
                SELECT (SELECT min(id) / %s FROM customers_customer WHERE id >= (bucket + 1) * %s)
                FROM buckets WHERE bucket IS NOT NULL
            )
            INSERT INTO tiers_shard (run_id, first_id, last_id, customers, moves)
            SELECT %s, bucket * %s, (bucket + 1) * %s - 1, 0, 0 FROM buckets WHERE bucket IS NOT NULL
            """,
            [BUCKET, BUCKET, BUCKET, run.pk, BUCKET, BUCKET],
        )


def _ranges(ids: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of so many, each range with whole buckets: no two wait for the same one."""
    begin = 0
    for place in range(1, len(ids) + 1):
        is_full = place - begin >= _DUE and place < len(ids) and ids[place - 1] // BUCKET != ids[place] // BUCKET
        if is_full or place == len(ids):
            yield ids[begin], ids[place - 1]
            begin = place


def do_shard(*, run_id: int, memory: Memory | None = None) -> bool:
    """Do one open shard of an active run in one transaction; return False where there is none to claim."""
    memory = memory or Memory()
    with transaction.atomic():
        claimed = _claim(run_id)
        if claimed is None:
            return False
        shard, measures_only = claimed
        run, found = memory.read(run_id, without_cutoffs=measures_only)
        who = _whom(run, shard)
        lock(who)
        seen = None if measures_only else _touches(run, who)
        settlement = settle(who=who, ladder=found, as_of=run.as_of, fit=run.value_fit)
        write_measures(settlement)
        if measures_only:
            Shard.objects.filter(pk=shard.pk).update(measured_at=Now())
            return True
        write_standings(settlement)
        write_moves(settlement, run)
        Shard.objects.filter(pk=shard.pk).update(customers=settlement.customers, moves=settlement.moves, done_at=Now())
        if seen is not None:
            _forget_touches(_without_later(seen, settlement))
    return True


def _claim(run_id: int) -> tuple[Shard, bool] | None:
    """Lock an open shard that nobody holds, if its run is still active once the lock is held.

    Return it with whether the run is still measuring.
    """
    before = active(run_id).only("cutoffs").first()
    if before is None:
        return None
    passed = "measured_at" if is_measuring(before) else "done_at"
    shard = claim(Shard.objects.filter(run_id=run_id, **{passed: None}), still=active(run_id))
    return None if shard is None else (shard, is_measuring(before))


def _whom(run: Run, shard: Shard) -> Population:
    """Return whom a shard is about: everybody in its range, or those of them who are due."""
    everybody = Range(shard.first_id, shard.last_id)
    return Handful(due(run.as_of, everybody)) if run.kind == RunKind.DUE else everybody


def _touches(run: Run, who: Population) -> _Seen:
    """Return the notes of changes that this shard is about to count."""
    where, params = who.where("customer_id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT array_agg(customer_id)::text, array_agg(touched_at)::text FROM customers_touch
            WHERE {where} AND (clock_timestamp() AT TIME ZONE %s)::date = %s
            """,  # noqa: S608 (the condition is ours)
            [*params, settings.TIME_ZONE, run.as_of],
        )
        return _Seen(*cursor.fetchone())


def _without_later(seen: _Seen, settlement: Settlement) -> _Seen:
    """Return the notes but those of customers who have been decided on for a later day: they are not counted yet."""
    if seen.customers is None or seen.moments is None:
        return seen
    customers, moments = (np.array(column[1:-1].split(",")) for column in (seen.customers, seen.moments))
    ids = customers.astype(np.int64)
    left_out = ids[~np.isin(ids, settlement.known.ids)]
    if not len(left_out):
        return seen
    is_counted = ~np.isin(ids, decided_later(left_out.tolist(), settlement.as_of))
    return _Seen(*(f"{{{','.join(column[is_counted])}}}" for column in (customers, moments)))


def _forget_touches(seen: _Seen) -> None:
    """Take away the notes that were counted, as the last thing that a shard does.

    One that was written anew meanwhile is of another moment, and one that somebody is writing at this moment is passed
    over: both stay for the next look. And nobody who records something waits for a shard.
    """
    if seen.customers is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM customers_touch WHERE customer_id = ANY(ARRAY(
                SELECT touch.customer_id FROM customers_touch AS touch
                JOIN unnest(%s::bigint[], %s::timestamptz[]) AS seen (customer_id, touched_at)
                    USING (customer_id, touched_at)
                FOR UPDATE OF touch SKIP LOCKED
            ))
            """,
            [seen.customers, seen.moments],
        )
