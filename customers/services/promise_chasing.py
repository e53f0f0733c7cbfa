"""Seeing that promises are kept: the owner is reminded, and told when one is late; whoever has left passes theirs on.

Each letter is written once, whatever the number of clocks: the promise is locked, and the step that says so is unique
and in the transaction that queues the letter.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import BooleanField, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import Now

from customers.enums import PromiseStepKind
from customers.models import Promise, PromiseStep
from customers.models.promise import PromiseQuerySet
from customers.reminding import PROMISE, write_late, write_reminder
from customers.services.colleagues import write_to_colleague
from customers.services.promises import hand_over_promise

if TYPE_CHECKING:
    from portal.models import User

_BATCH = 500
# So long before it is due, or when half of its time is gone, whichever is later.
REMIND = timedelta(hours=4)
# What has been late for longer than this is on the desk, and gets no letter any more.
STALE = timedelta(days=7)
_LATE = Q(due_at__lte=Now())


def chase_promises(*, limit: int = _BATCH) -> int:
    """Do what is to be done for each open promise; return how many letters were queued."""
    return sum(_chase(pk) for pk in list(_wanting().values_list("pk", flat=True)[:limit]))


def _told(*steps: PromiseStepKind) -> Exists:
    return Exists(PromiseStep.objects.filter(promise=OuterRef("pk"), step__in=steps))


def _wanting() -> PromiseQuerySet:
    """Open ones for which something is to be done, the soonest due first."""
    gone = ExpressionWrapper(Now() - F("made_at"), DurationField())
    left = ExpressionWrapper(F("due_at") - Now(), DurationField())
    to_tell = _LATE & ~Q(_told(PromiseStepKind.TOLD_LATE)) & Q(due_at__gt=Now() - STALE)
    to_remind = ~_LATE & Q(due_at__lte=Now() + REMIND, gone__gte=F("left")) & ~Q(_told(PromiseStepKind.REMINDED))
    return (
        Promise.objects.open()
        .filter(owner__isnull=False)
        .annotate(gone=gone, left=left)
        .filter(Q(owner__is_active=False) | to_tell | to_remind)
        .order_by("due_at", "pk")
    )


@transaction.atomic
def _chase(pk: int) -> int:
    """Do what is due for one; 0 where somebody else is at it or was."""
    promise = (
        _wanting()
        .annotate(is_late_=ExpressionWrapper(_LATE, BooleanField()))
        .filter(pk=pk)
        .select_related("customer", "owner__lead")
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .first()
    )
    if promise is None or promise.owner is None:
        return 0
    if not promise.owner.is_active:
        return _pass_on(promise, promise.owner)
    step = PromiseStepKind.TOLD_LATE if promise.is_late_ else PromiseStepKind.REMINDED
    note = write_late(promise=promise) if promise.is_late_ else write_reminder(promise=promise)
    PromiseStep.objects.create(promise=promise, step=step, to=promise.owner)
    return write_to_colleague(
        colleague=promise.owner, kind=PROMISE, subject_key=f"{promise.pk}:{step.value}", note=note
    )


def _pass_on(promise: Promise, owner: "User") -> int:
    """Give it to whoever led them; without anybody it is nobody's, and says so on the page of promises."""
    heir = _heir(owner)
    PromiseStep.objects.create(promise=promise, step=PromiseStepKind.OWNER_LEFT, to=heir, words=owner.display_name)
    if heir is None:
        Promise.objects.filter(pk=promise.pk).update(owner=None)
        return 0
    return int(hand_over_promise(promise=promise, to=heir, by=None))


def _heir(owner: "User") -> "User | None":
    """Return their lead, or the next one above who is still here and keeps promises."""
    seen, above = {owner.pk}, owner.lead
    while above is not None and above.pk not in seen:
        if above.has_perm("customers.change_promise"):
            return above
        seen.add(above.pk)
        above = above.lead
    return None
