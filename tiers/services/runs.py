"""Re-tiering: a run, done shard by shard by whoever has time, and finished when no shard is open.

A full run reckons everybody anew from the facts. A run of what is due takes those about whom something has changed,
whose twelve months have moved on, or whose hold, grace or override is over. Where bars are shares of everybody, a run
first measures, then freezes what the shares come to, then decides.
"""

import time
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from customers.selectors.clock import database_now
from customers.services.fields import FIRST_YEAR
from tiers import days
from tiers.enums import RunKind, RunState, SchemeState
from tiers.exceptions import NoSchemeError, WrongDayError
from tiers.models import Run, Scheme, Shard, ValueFit
from tiers.selectors.cutoffs import cut_offs
from tiers.selectors.population import Handful, Range, decided_later
from tiers.selectors.progress import counts
from tiers.selectors.rules import Ladder, digest, is_restless, ladder
from tiers.selectors.value import latest_fit
from tiers.services.settling import lock, settle, write_measures, write_moves, write_standings
from tiers.services.shards import Memory, active, cut_shards, do_shard

if TYPE_CHECKING:
    from portal.models import User

_ONE_ACTIVE = "run_one_active"


class Deciding(NamedTuple):
    """What decides about single customers: a scheme, its rules with their cut-offs, and a fit of predicted value."""

    scheme: Scheme
    ladder: Ladder
    fit: ValueFit | None
    cutoffs: dict[str, int]


def start_run(*, as_of: date | None = None, is_full: bool = False, by: "User | None" = None) -> Run | None:
    """Start a run as of a business day (today), or return None where one is under way.

    It is a full one when that is asked for, or when anything that decides besides the facts is another than in the
    last full run. Raises `WrongDayError` for a day to come or one before a day that has been decided, `NoSchemeError`
    without rules.
    """
    with transaction.atomic():
        now = database_now()
        today = days.day_of(now, settings.TIME_ZONE)
        as_of = as_of or today
        if active_run() is not None:
            return None
        _refuse_wrong_day(as_of, today)
        run = Run(scheme=_published_scheme(), as_of=as_of, requested_by=by)
        found = ladder(run.scheme)
        run.value_fit = latest_fit()
        run.digest = digest(found, [run.scheme_id, run.value_fit_id])
        run.kind = RunKind.FULL if is_full or _wants_everybody(run, found) else RunKind.DUE
        run.cutoffs = None if found.shares else {}
        run.effective_at = now if as_of == today else days.end_of(as_of, settings.TIME_ZONE)
        try:
            with transaction.atomic():
                run.save()
        except IntegrityError as error:
            if _ONE_ACTIVE not in str(error):
                raise
            return None
        cut_shards(run)
    return run


def work_run(*, run_id: int, seconds: float | None = None) -> bool:
    """Claim and do shards until none is left to claim or the time is up; then finish the run if all are done.

    Return whether there may be something left to do that nobody has claimed. Any number of workers may do this at
    once.
    """
    until = None if seconds is None else time.monotonic() + seconds
    memory = Memory()
    while True:
        while do_shard(run_id=run_id, memory=memory):
            if until is not None and time.monotonic() > until:
                return True
        if not _is_measuring(run_id):
            break
        # Others measure the last shards. Then the cut-offs are frozen, and there are shards to decide.
        if not freeze_cutoffs(run_id=run_id):
            if until is not None and time.monotonic() > until:
                return True
            time.sleep(0.05)
    finish_run(run_id=run_id)
    return False


def freeze_cutoffs(*, run_id: int) -> bool:
    """Work out what the bars by share come to, once everybody is measured; return whether they are known now."""
    with transaction.atomic():
        run = active(run_id).select_for_update().first()
        if run is None or run.cutoffs is not None:
            return True
        shards = list(Shard.objects.filter(run=run).order_by("first_id"))
        if any(shard.measured_at is None for shard in shards):
            return False
        found = cut_offs(ladder(run.scheme), run.as_of, [Range(shard.first_id, shard.last_id) for shard in shards])
        Run.objects.filter(pk=run.pk).update(cutoffs=found)
    return True


def finish_run(*, run_id: int) -> bool:
    """Mark an active run as finished if no shard is open; return whether this call did."""
    open_shards = Shard.objects.filter(run=OuterRef("pk"), done_at=None)
    return bool(active(run_id).filter(~Exists(open_shards)).update(**_ending(RunState.FINISHED)))


def cancel_run(*, run: Run) -> bool:
    """Stop an active run. What its shards moved so far stays; return False where it had ended already.

    When it returns, nobody moves any more by this run.
    """
    # Committed first, so that no new shard is claimed while this waits for those being done.
    if not active(run.pk).update(state=RunState.CANCELLED, ended_at=Now()):
        return False
    with transaction.atomic():
        list(Shard.objects.select_for_update().filter(run=run).values_list("pk"))
        Run.objects.filter(pk=run.pk).update(**counts())
    return True


def retier(*, as_of: date | None = None, is_full: bool = False) -> Run:
    """Start a run, work it in this process beside any workers, and return it when it has ended.

    Where a run is under way already, that one is helped to its end and returned. Raises as `start_run`.
    """
    run = start_run(as_of=as_of, is_full=is_full) or active_run()
    return end_run(run=run) if run else retier(as_of=as_of, is_full=is_full)


def end_run(*, run: Run) -> Run:
    """Work a run until it has ended, waiting for shards that others have claimed."""
    while run.state == RunState.ACTIVE:
        work_run(run_id=run.pk)
        run.refresh_from_db()
        if run.state == RunState.ACTIVE:
            time.sleep(0.1)
    return run


def retier_touched(*, limit: int = 1_000) -> int:
    """Decide anew about customers of whom something has changed, longest waiting first; return about how many.

    The notes of the change go in the transaction that decides: whatever ends this process, none is lost. Without rules
    to decide by they wait, and so do those who have been decided on for a later day.
    """
    if (decided_by := present_rules()) is None:
        return 0
    with transaction.atomic():
        ids = _take_touches(limit)
        return _retier(ids, decided_by)[0] if ids else 0


def retier_customers(*, ids: Sequence[int]) -> Run | None:
    """Decide anew about a few customers at once; return the run where somebody moved.

    Without rules to decide by nobody moves.
    """
    if (decided_by := present_rules()) is None:
        # Whoever looks next finds them: within seconds of there being rules.
        _note_again(sorted(ids))
        return None
    with transaction.atomic():
        return _retier(sorted(ids), decided_by)[1]


def present_rules() -> Deciding | None:
    """Return what decides about single customers now: the rules of the run under way, else of the published scheme.

    So nobody is moved to and fro when a scheme is published in the middle of a run. None without a scheme, and while
    nobody knows what the scheme's bars by share come to.
    """
    run = active_run()
    scheme = run.scheme if run else Scheme.objects.filter(state=SchemeState.PUBLISHED).first()
    if scheme is None:
        return None
    found = ladder(scheme)
    fit = run.value_fit if run else latest_fit()
    if not found.shares:
        return Deciding(scheme, found, fit, {})
    if run is None:
        full = Run.objects.filter(kind=RunKind.FULL, state=RunState.FINISHED, scheme=scheme)
        run = full.order_by("pk").last()
    if run is None or run.cutoffs is None:
        return None
    return Deciding(scheme, ladder(scheme, run.cutoffs), fit, run.cutoffs)


def active_run() -> Run | None:
    """Return the run that is under way."""
    active = Run.objects.filter(state=RunState.ACTIVE).exclude(kind=RunKind.TOUCHED)
    return active.select_related("scheme", "value_fit").first()


def _ending(state: RunState) -> dict[str, Any]:
    """Return the fields of a run that ends, with its counts."""
    return {"state": state, "ended_at": Now(), **counts()}


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
    if as_of.year < FIRST_YEAR:
        message = _("%(day)s is too long ago. Please check the year.")
        raise WrongDayError(message % {"day": as_of.isoformat()})
    # A run that was cancelled before it did anything stands in nobody's way.
    later = Run.objects.filter(as_of__gt=as_of).exclude(state=RunState.CANCELLED, customers=0).order_by("as_of").last()
    if later is not None:
        message = _("Tiers have been decided as of %(later)s already. Choose that day or a later one, not %(day)s.")
        names = {"later": date_format(later.as_of, "j F Y"), "day": date_format(as_of, "j F Y")}
        raise WrongDayError(message % names)


def _wants_everybody(run: Run, found: Ladder) -> bool:
    """Whether somebody may move of whom nothing has changed: bars that depend on others or on each day, new rules."""
    if found.shares or is_restless(found.rules):
        return True
    last = Run.objects.filter(kind=RunKind.FULL, state=RunState.FINISHED).order_by("pk").last()
    return last is None or last.digest != run.digest


def _retier(ids: list[int], by: Deciding) -> tuple[int, Run | None]:
    """Decide about a few customers, in the caller's transaction; return how many, and the run where somebody moved."""
    who = Handful(ids)
    lock(who)
    now = database_now()
    as_of = days.day_of(now, settings.TIME_ZONE)
    settlement = settle(who=who, ladder=by.ladder, as_of=as_of, fit=by.fit)
    if settlement.customers < len(ids):
        _note_again(decided_later(ids, as_of))
    write_measures(settlement)
    write_standings(settlement)
    if not settlement.moves:
        return settlement.customers, None
    run = Run.objects.create(
        kind=RunKind.TOUCHED,
        scheme=by.scheme,
        cutoffs=by.cutoffs,
        value_fit=by.fit,
        as_of=as_of,
        effective_at=now,
        state=RunState.FINISHED,
        customers=settlement.customers,
        moves=settlement.moves,
        ended_at=Now(),
    )
    write_moves(settlement, run)
    return settlement.customers, run


def _note_again(ids: list[int]) -> None:
    """Note once more that something has changed about customers: they wait behind all others."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO customers_touch (customer_id, touched_at)
            SELECT id, clock_timestamp() FROM unnest(%s::bigint[]) AS id ON CONFLICT DO NOTHING
            """,
            [ids],
        )


def _is_measuring(run_id: int) -> bool:
    return active(run_id).filter(cutoffs__isnull=True).exists()


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
