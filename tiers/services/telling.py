"""Telling managers what a re-tiering moved: once for each run, whatever ends the process that does it."""

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models.functions import Now

from customers.services.colleagues import write_to_colleague
from tiers.emails import SUMMARY, write_summary
from tiers.enums import RunState
from tiers.models import Run
from tiers.selectors.progress import moved_by, notable, runs_to_tell

# The role that decides about tiers, as the site names it.
_MANAGER = "manager"


def tell_managers() -> int:
    """Write to every manager about each finished run that moved somebody; return how many letters were queued.

    A run over touched customers is not told: it happens all day.
    """
    return sum(_tell(run_id) for run_id in list(runs_to_tell().values_list("pk", flat=True)))


@transaction.atomic
def _tell(run_id: int) -> int:
    """Note that a run is told and queue its letters, both or neither; 0 where somebody else was quicker."""
    untold = Run.objects.filter(pk=run_id, state=RunState.FINISHED, told_at=None)
    if not untold.update(told_at=Now()):
        return 0
    run = Run.objects.get(pk=run_id)
    note = write_summary(run=run, moved=moved_by(run), notable=notable(run))
    managers = get_user_model().objects.filter(is_active=True, role=_MANAGER).order_by("pk")
    return sum(
        write_to_colleague(colleague=manager, kind=SUMMARY, subject_key=f"{run.pk}:{manager.pk}", note=note)
        for manager in managers
    )
