"""Re-tiering everybody: a run, done shard by shard by whoever has time, and finished when no shard is open."""

import time
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Now
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tiers import days
from tiers.enums import RunKind, RunState, SchemeState
from tiers.exceptions import NoSchemeError, WrongDayError
from tiers.models import Run, Scheme, Shard
from tiers.selectors.population import BUCKET, Handful, Range
from tiers.selectors.rules import ladder
from tiers.services.settling import lock, settle, write_measures, write_moves, write_standings

_ONE_ACTIVE = "run_one_active"


def start_run(*, as_of: date | None = None) -> Run | None:
    """Start a run over everybody as of a business day (today), or return None where one is under way.

    Raises `WrongDayError` for a day to come or one before a day that has been decided, `NoSchemeError` without rules.
    """
    with transaction.atomic():
        now = database_now()
        today = days.day_of(now, settings.TIME_ZONE)
        as_of = as_of or today
        if active_run() is not None:
            return None
        _refuse_wrong_day(as_of, today)
        run = Run(kind=RunKind.FULL, scheme=_published_scheme(), as_of=as_of)
        run.effective_at = now if as_of == today else days.end_of(as_of, settings.TIME_ZONE)
        try:
            with transaction.atomic():
                run.save()
        except IntegrityError as error:
            if _ONE_ACTIVE not in str(error):
                raise
            return None
        _cut_shards(run)
    return run


def work_run(*, run_id: int, seconds: float | None = None) -> bool:
    """Claim and do shards until none is left to claim or the time is up; then finish the run if all are done.

    Return whether shards are left that nobody has claimed. Any number of workers may do this at once.
    """
    until = None if seconds is None else time.monotonic() + seconds
    while do_shard(run_id=run_id):
        if until is not None and time.monotonic() > until:
            return True
    finish_run(run_id=run_id)
    return False


def do_shard(*, run_id: int) -> bool:
    """Do one open shard of an active run in one transaction; return False where there is none to claim."""
    with transaction.atomic():
        shard = _claim(run_id)
        if shard is None:
            return False
        run = shard.run
        who = Range(shard.first_id, shard.last_id)
        lock(who)
        _forget_touches(run, who)
        settlement = settle(who=who, ladder=ladder(run.scheme), as_of=run.as_of)
        write_measures(settlement)
        write_standings(settlement)
        write_moves(settlement, run)
        Shard.objects.filter(pk=shard.pk).update(customers=settlement.customers, moves=settlement.moves, done_at=Now())
    return True


def finish_run(*, run_id: int) -> bool:
    """Mark an active run as finished if no shard is open; return whether this call did."""
    open_shards = Shard.objects.filter(run=OuterRef("pk"), done_at=None)
    return bool(_active(run_id).filter(~Exists(open_shards)).update(**_ending(RunState.FINISHED)))


def cancel_run(*, run: Run) -> bool:
    """Stop an active run. What its shards moved so far stays; return False where it had ended already.

    When it returns, nobody moves any more by this run.
    """
    # Committed first, so that no new shard is claimed while this waits for those being done.
    if not _active(run.pk).update(state=RunState.CANCELLED, ended_at=Now()):
        return False
    with transaction.atomic():
        list(Shard.objects.select_for_update().filter(run=run).values_list("pk"))
        Run.objects.filter(pk=run.pk).update(**_counts())
    return True


def retier(*, as_of: date | None = None) -> Run:
    """Start a run, work it in this process beside any workers, and return it when it has ended.

    Where a run is under way already, that one is helped to its end and returned. Raises as `start_run`.
    """
    run = start_run(as_of=as_of) or active_run()
    return end_run(run=run) if run else retier(as_of=as_of)


def end_run(*, run: Run) -> Run:
    """Work a run until it has ended, waiting for shards that others have claimed."""
    while run.state == RunState.ACTIVE:
        work_run(run_id=run.pk)
        run.refresh_from_db()
        if run.state == RunState.ACTIVE:
            time.sleep(0.1)
    return run


def retier_touched(*, limit: int = 500) -> int:
    """Decide anew about customers whose orders have changed, longest waiting first; return how many were taken.

    The notes of the change go in the transaction that decides: whatever ends this process, none is lost. Without a
    published scheme they wait.
    """
    scheme = Scheme.objects.filter(state=SchemeState.PUBLISHED).first()
    if scheme is None:
        return 0
    with transaction.atomic():
        ids = _take_touches(limit)
        if not ids:
            return 0
        who = Handful(ids)
        lock(who)
        now = database_now()
        as_of = days.day_of(now, settings.TIME_ZONE)
        settlement = settle(who=who, ladder=ladder(scheme), as_of=as_of)
        write_measures(settlement)
        write_standings(settlement)
        if settlement.moves:
            run = Run.objects.create(
                kind=RunKind.TOUCHED,
                scheme=scheme,
                as_of=as_of,
                effective_at=now,
                state=RunState.FINISHED,
                customers=settlement.customers,
                moves=settlement.moves,
                ended_at=Now(),
            )
            write_moves(settlement, run)
    return len(ids)


def active_run() -> Run | None:
    """Return the run over everybody that is under way."""
    return Run.objects.filter(kind=RunKind.FULL, state=RunState.ACTIVE).first()


def database_now() -> datetime:
    """Return the time by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    now: datetime = row[0]
    return now


def _active(run_id: int) -> QuerySet[Run]:
    return Run.objects.filter(pk=run_id, state=RunState.ACTIVE)


def _ending(state: RunState) -> dict[str, Any]:
    """Return the fields of a run that ends, with its counts."""
    return {"state": state, "ended_at": Now(), **_counts()}


def _counts() -> dict[str, Any]:
    shards = Shard.objects.filter(run=OuterRef("pk")).order_by().values("run")
    return {
        name: Coalesce(Subquery(shards.annotate(count=Sum(name)).values("count")), 0) for name in ("customers", "moves")
    }


def _published_scheme() -> Scheme:
    scheme = Scheme.objects.filter(state=SchemeState.PUBLISHED).first()
    if scheme is None:
        raise NoSchemeError(_("No scheme is published, so there are no rules to decide by. Publish one first."))
    return scheme


def _refuse_wrong_day(as_of: date, today: date) -> None:
    """Raise `WrongDayError` for a day that has not come, and for one before a day that has been decided."""
    if as_of > today:
        message = _("%(day)s has not come yet. Choose today or an earlier day.")
        raise WrongDayError(message % {"day": date_format(as_of, "j F Y")})
    # A run that was cancelled before it did anything stands in nobody's way.
    later = Run.objects.filter(as_of__gt=as_of).exclude(state=RunState.CANCELLED, customers=0).order_by("as_of").last()
    if later is not None:
        message = _("Tiers have been decided as of %(later)s already. Choose that day or a later one, not %(day)s.")
        names = {"later": date_format(later.as_of, "j F Y"), "day": date_format(as_of, "j F Y")}
        raise WrongDayError(message % names)


def _cut_shards(run: Run) -> None:
    """Open a shard for each bucket that has customers."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO tiers_shard (run_id, first_id, last_id, customers, moves)
            SELECT %s, bucket * %s, (bucket + 1) * %s - 1, 0, 0
            FROM (SELECT DISTINCT id / %s AS bucket FROM customers_customer) AS buckets ORDER BY bucket
            """,
            [run.pk, BUCKET, BUCKET, BUCKET],
        )


def _claim(run_id: int) -> Shard | None:
    """Lock an open shard that nobody holds, if its run is still active once the lock is held."""
    open_shards = Shard.objects.filter(run_id=run_id, run__state=RunState.ACTIVE, done_at=None).order_by("pk")
    shard = open_shards.select_for_update(skip_locked=True, of=("self",)).first()
    # Asked again: a cancelling that waits for the shards being done must find this one, or this one it.
    if shard is None or not _active(run_id).exists():
        return None
    return shard


def _forget_touches(run: Run, who: Range) -> None:
    """Take away the notes of changed orders that this shard is about to count, if its day is still today."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM customers_touch WHERE customer_id = ANY(ARRAY(
                SELECT customer_id FROM customers_touch WHERE customer_id BETWEEN %s AND %s FOR UPDATE SKIP LOCKED
            )) AND (clock_timestamp() AT TIME ZONE %s)::date = %s
            """,
            [who.first_id, who.last_id, settings.TIME_ZONE, run.as_of],
        )


def _take_touches(limit: int) -> list[int]:
    """Take the notes that have waited longest and that nobody else is taking; return whose they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM customers_touch WHERE customer_id = ANY(ARRAY(
                SELECT customer_id FROM customers_touch ORDER BY touched_at LIMIT %s FOR UPDATE SKIP LOCKED
            )) RETURNING customer_id
            """,
            [limit],
        )
        return sorted(row[0] for row in cursor.fetchall())
