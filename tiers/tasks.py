"""Re-tiering in the background. Messages are hints: what is to be done stands in the database."""

import logging
from functools import partial
from importlib import import_module
from typing import Any

from celery import shared_task
from celery.signals import worker_init
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction

from customers.selectors.clock import database_now
from tiers import days
from tiers.models import Preview, Run
from tiers.selectors.previews import waiting_previews
from tiers.selectors.progress import waiting_runs
from tiers.services import previews, runs, telling, values
from tiers.services.counting import settle_counts
from tiers.services.overrides import end_overdue

log = logging.getLogger(__name__)

# A worker gives way to other work after so many seconds, and queues up again.
_STINT = 2.0
# So many workers are asked to share a run.
_WORKERS = 4


@worker_init.connect
def load_mathematics(**_signal: Any) -> None:
    """Load what values are predicted with before a worker divides itself: its parts share it, and no run waits for it.

    Pages do without, so it is not loaded with them.
    """
    import_module("scipy.special")


@shared_task(name="tiers.start_run")
def start_run() -> None:
    """Start the day's run, unless one is under way."""
    try:
        run = runs.start_run()
    except ValidationError as refusal:
        log.warning("no re-tiering: %s", " ".join(refusal.messages))
        return
    if run is not None:
        transaction.on_commit(partial(share_run, run.pk))


def share_run(run_id: int) -> None:
    """Ask several workers to share a run that is committed."""
    for _ in range(_WORKERS):
        work_run.delay(run_id)


@shared_task(name="tiers.work_run")
def work_run(run_id: int) -> None:
    """Do shards of a run for a while."""
    if not Run.objects.filter(pk=run_id).exists():
        log.warning("run %s is gone", run_id)
    elif runs.work_run(run_id=run_id, seconds=_STINT):
        transaction.on_commit(partial(work_run.delay, run_id))


@shared_task(name="tiers.sweep_runs")
def sweep_runs() -> None:
    """Ask again for runs that nobody works on: the broker forgot, or a worker died."""
    settle_counts()
    for run_id in waiting_runs():
        transaction.on_commit(partial(work_run.delay, run_id))


@shared_task(name="tiers.tell_managers")
def tell_managers() -> None:
    """Write to managers about runs that have finished since the last look."""
    telling.tell_managers()


@shared_task(name="tiers.end_overrides")
def end_overrides() -> None:
    """End the overrides whose last day is over."""
    end_overdue(today=days.day_of(database_now(), settings.TIME_ZONE))


@shared_task(name="tiers.retier_touched")
def retier_touched() -> None:
    """Decide anew about customers whose orders have changed, until none is waiting."""
    while runs.retier_touched():
        pass


@shared_task(name="tiers.fit_value")
def fit_value(by_id: int | None = None) -> None:
    """Fit the models of predicted value anew. `by_id`: the colleague who asked, None for the clock."""
    version = values.fit_value(by=get_user_model().objects.filter(pk=by_id or 0).first())
    log.info("predicted value: version %s, model %s", version.version, version.model)


@shared_task(name="tiers.preview_scheme")
def preview_scheme(preview_id: int) -> None:
    """Work on a preview for a while."""
    if not Preview.objects.filter(pk=preview_id).exists():
        log.warning("preview %s is gone", preview_id)
    elif previews.work_preview(preview_id=preview_id, seconds=_STINT):
        transaction.on_commit(partial(preview_scheme.delay, preview_id))


def ask_for_preview(preview_id: int) -> None:
    """Ask workers to share a preview. For whoever stands at a door and has committed it."""
    for _ in range(_WORKERS):
        preview_scheme.delay(preview_id)


@shared_task(name="tiers.sweep_previews")
def sweep_previews() -> None:
    """Ask again for previews that nobody works on: the broker forgot, or a worker died."""
    for preview_id in waiting_previews():
        transaction.on_commit(partial(preview_scheme.delay, preview_id))


@shared_task(name="tiers.drop_old_previews")
def drop_old_previews() -> None:
    """Delete previews that are a month old."""
    previews.drop_old_previews()
