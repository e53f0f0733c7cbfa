"""Mending: a low answer gets an owner and a deadline, and is closed by saying what was done."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pghistory
from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from feedback.enums import RecoveryState
from feedback.models import Answer, Recovery
from tiers.models import Standing

if TYPE_CHECKING:
    from portal.models import User

# For customers whose tier is not known yet.
HOURS_WITHOUT_TIER = 48


def open_recovery(*, answer: Answer) -> tuple[Recovery, bool]:
    """Open the recovery of an answer and return it with True, or return the one it has with False.

    The owner is the lead of the agent, else the agent, else nobody yet; the deadline is the present tier's.
    """
    customer = answer.invitation.customer
    standing = Standing.objects.filter(customer=customer, valid_until=None)
    hours = standing.values_list("tier__recovery_hours", flat=True).first() or HOURS_WITHOUT_TIER
    return Recovery.objects.get_or_create(
        answer=answer,
        defaults={
            "customer": customer,
            "owner": _owner_for(answer.invitation.interaction.agent),
            "due_at": Now() + timedelta(hours=hours),
        },
    )


def contact_recovery(*, recovery: Recovery, by: "User") -> bool:
    """Record that a colleague has been in touch; return False where that was known or the recovery is closed."""
    with pghistory.context(user=by.pk):
        return bool(
            Recovery.objects.filter(pk=recovery.pk, state=RecoveryState.OPEN).update(state=RecoveryState.CONTACTED)
        )


def close_recovery(*, recovery: Recovery, state: str, what_was_done: str, by: "User") -> bool:
    """Close a recovery as mended or not; return False where it was closed already (its words then stay).

    Raises:
        ValidationError: the state does not close, or nothing is said about what was done.
    """
    words = " ".join(what_was_done.split())
    if state not in (RecoveryState.MENDED, RecoveryState.NOT_MENDED):
        raise ValidationError({"state": _("Was it mended, or could it not be mended?")})
    if not words:
        raise ValidationError({"what_was_done": _("Please say what was done for the customer.")})
    if len(words) > 500:
        raise ValidationError({"what_was_done": _("Please say it in at most 500 characters.")})
    with pghistory.context(user=by.pk):
        return bool(
            Recovery.objects.open()
            .filter(pk=recovery.pk)
            .update(state=state, what_was_done=words, closed_at=Now(), closed_by=by)
        )


def _owner_for(agent: "User | None") -> "User | None":
    """Return who answers for it: the first of lead and agent who still works here."""
    people = [agent.lead, agent] if agent else []
    return next((one for one in people if one and one.is_active), None)
