"""Prevention: opening an action, beginning it, and saying that it is done."""

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import TouchPoint
from feedback.enums import Base
from feedback.models import Cause, PreventionAction

if TYPE_CHECKING:
    from portal.models import User


def open_action(
    *,
    what_will_change: str,
    cause: Cause,
    touch_point: TouchPoint | None,
    base: str,
    owner: "User",
    due_on: date,
    by: "User",
) -> tuple[PreventionAction, bool]:
    """Open an action and return it with True, or return the same one that is under way already with False.

    Raises:
        ValidationError: nothing is said about what will change, the owner does not work here, or the day is over.
    """
    words = " ".join(what_will_change.split())
    if not words:
        raise ValidationError({"what_will_change": _("Please say what will change.")})
    if len(words) > 300:
        raise ValidationError({"what_will_change": _("Please say it in at most 300 characters.")})
    if not owner.is_active:
        raise ValidationError({"owner": _("Please choose a colleague who works here.")})
    if due_on < timezone.localdate():
        raise ValidationError({"due_on": _("That day is over.")})
    return PreventionAction.objects.get_or_create(
        what_will_change=words,
        cause=cause,
        touch_point=touch_point,
        done_on=None,
        defaults={"base": Base(base), "owner": owner, "due_on": due_on, "opened_by": by},
    )


def begin_action(*, action: PreventionAction, on: date) -> bool:
    """Record on which day the change began; return False where that is known.

    Raises:
        ValidationError: the day is still to come.
    """
    if on > timezone.localdate():
        raise ValidationError({"on": _("That day is still to come.")})
    return bool(PreventionAction.objects.filter(pk=action.pk, started_on=None).update(started_on=on))


def finish_action(*, action: PreventionAction, on: date) -> bool:
    """Record on which day the change was done; return False where that is known or it has not begun.

    Raises:
        ValidationError: the day is still to come, or before the beginning.
    """
    if on > timezone.localdate():
        raise ValidationError({"on": _("That day is still to come.")})
    if action.started_on and on < action.started_on:
        raise ValidationError({"on": _("It cannot be done before it began.")})
    begun = PreventionAction.objects.filter(pk=action.pk, done_on=None, started_on__lte=on)
    return bool(begun.update(done_on=on))
