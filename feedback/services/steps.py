"""The steps of a recovery, each written down as it is taken."""

from typing import TYPE_CHECKING

from feedback.enums import Step
from feedback.models import Cause, Recovery, RecoveryStep

if TYPE_CHECKING:
    from portal.models import User


def note_step(
    *,
    recovery: Recovery,
    step: Step,
    by: "User | None" = None,
    to: "User | None" = None,
    cause: Cause | None = None,
    words: str = "",
) -> RecoveryStep:
    """Write a step down, with the database's time. Nobody in `by` is the house itself, or the customer."""
    return RecoveryStep.objects.create(recovery=recovery, step=step, by=by, to=to, cause=cause, words=words)
