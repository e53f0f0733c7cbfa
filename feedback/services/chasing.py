"""Seeing that somebody mends it: the owner is told, reminded, told that it is late; then it goes further up.

Each step is taken once, whatever the number of clocks: the row is locked and its mark moved in the transaction that
queues the letters, and a letter is unique for its step and its reader.
"""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Coalesce, Now

from customers.services.colleagues import write_to_colleague
from feedback.amends import CHASE, write_chase
from feedback.enums import Chased, Step
from feedback.models import Recovery
from feedback.selectors.mending import heir_of, people_above, terms_for
from feedback.services.recoveries import hand_over
from feedback.services.steps import note_step

if TYPE_CHECKING:
    from portal.models import User

_BATCH = 500
_STEPS = {
    Chased.TOLD: Step.TOLD,
    Chased.REMINDED: Step.REMINDED,
    Chased.LATE: Step.LATE,
    Chased.ESCALATED: Step.ESCALATED,
}
_TO_REMIND = Q(remind_at__lte=Now())
_LATE = Q(due_at__lte=Now())
# Those that were there before had no time for it worked out.
_TO_ESCALATE = Q(up_at__lte=Now())


def chase_recoveries(*, limit: int = _BATCH) -> int:
    """Take the step that is due for each open recovery; return how many letters were queued."""
    return sum(_chase(pk) for pk in list(_wanting().values_list("pk", flat=True)[:limit]))


def _wanting() -> Any:
    """Open ones for which something is to be done, the soonest due first."""
    return (
        Recovery.objects.open()
        .annotate(up_at=Coalesce("escalate_at", "due_at"))
        .filter(
            Q(chased=Chased.NOT_YET)
            | Q(owner__is_active=False)
            | (Q(chased__lt=Chased.REMINDED) & _TO_REMIND)
            | (Q(chased__lt=Chased.LATE) & _LATE)
            | (Q(chased__lt=Chased.ESCALATED) & _TO_ESCALATE & _LATE)
        )
        .order_by("due_at", "pk")
    )


@transaction.atomic
def _chase(pk: int) -> int:
    """Take the furthest step that is due for one; 0 where somebody else is at it or was."""
    recovery = (
        _wanting()
        .annotate(**{name: ExpressionWrapper(when, BooleanField()) for name, when in _WHEN.items()})
        .filter(pk=pk)
        .select_related("customer", "owner__lead", "answer__invitation__interaction__agent__lead__lead")
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .first()
    )
    if recovery is None:
        return 0
    owner = _present_owner(recovery)
    stage = Chased.TOLD
    if recovery.is_late_:
        stage = Chased.ESCALATED if recovery.is_to_escalate_ else Chased.LATE
    elif recovery.is_to_remind_:
        stage = Chased.REMINDED
    if stage <= recovery.chased:
        return 0
    Recovery.objects.filter(pk=pk).update(chased=stage)
    people = [owner] if owner and stage is not Chased.ESCALATED else []
    people = people or people_above(owner=owner, customer=recovery.customer)
    return sum(_write(recovery, stage, colleague) for colleague in people)


_WHEN = {"is_to_remind_": _TO_REMIND, "is_late_": _LATE, "is_to_escalate_": _TO_ESCALATE}


def _present_owner(recovery: Recovery) -> "User | None":
    """Return the owner; where they have left, hand it to whom the rule names now."""
    owner = recovery.owner
    if owner is None or owner.is_active:
        return owner
    contact_id = recovery.answer.invitation.interaction_id
    heir = heir_of(terms_for(customer_id=recovery.customer_id, interaction_id=contact_id))
    if heir is None or not heir.has_perm("feedback.change_recovery"):
        Recovery.objects.filter(pk=recovery.pk).update(owner=None)
        return None
    hand_over(recovery=recovery, to=heir, by=None)
    return heir


def _write(recovery: Recovery, stage: Chased, colleague: "User") -> bool:
    note_step(recovery=recovery, step=_STEPS[stage], to=colleague)
    key = f"{recovery.pk}:{recovery.times_reopened}:{stage.value}:{colleague.pk}"
    note = write_chase(recovery=recovery, stage=stage)
    return write_to_colleague(colleague=colleague, kind=CHASE, subject_key=key, note=note)
