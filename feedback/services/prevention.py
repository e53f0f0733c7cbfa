"""Prevention: opening an action, changing it, beginning it, and saying that it is done; and taking that back."""

import hashlib
from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from customers.models import TouchPoint
from customers.services.fields import FIRST_YEAR
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
    words = _words(what_will_change)
    _check_owner(owner)
    _check_due(due_on)
    told = {"what_will_change": words, "cause": cause, "touch_point": touch_point}
    # Two may stand beside each other, where one was taken for done meanwhile.
    known = PreventionAction.objects.filter(**told, done_on=None).order_by("pk").first()
    if known is not None:
        return known, False
    return PreventionAction.objects.create(**told, base=Base(base), owner=owner, due_on=due_on, opened_by=by), True


@transaction.atomic
def change_action(
    *, action: PreventionAction, what_will_change: str, owner: "User", due_on: date, seen: str = ""
) -> bool:
    """Say otherwise what will change, who sees to it or by when; return False where that is what stands there.

    Against what and where stays: its rates were counted by that. `seen`: the mark of what whoever changes it had before
    them (`mark_of`); left out, nothing is compared.

    Raises:
        ValidationError: it is done, a colleague has changed it since it was seen, nothing is said about what will
            change, another owner does not work here, or another day is over.
    """
    now = PreventionAction.objects.select_for_update(of=("self",)).select_related("owner").get(pk=action.pk)
    words = _words(what_will_change)
    if (now.what_will_change, now.owner_id, now.due_on) == (words, owner.pk, due_on):
        return False
    if now.done_on:
        raise ValidationError(_("That is done meanwhile. Take it back first, if it is not."))
    if seen and seen != mark_of(now):
        message = _("A colleague wrote meanwhile: “%(what)s”, %(owner)s, by %(due)s. Press again to put yours there.")
        names = {"what": now.what_will_change, "owner": now.owner.display_name, "due": date_format(now.due_on, "j F")}
        raise ValidationError(message % names, code="overtaken")
    if owner.pk != now.owner_id:
        _check_owner(owner)
    if due_on != now.due_on:
        _check_due(due_on)
    PreventionAction.objects.filter(pk=now.pk).update(what_will_change=words, owner=owner, due_on=due_on)
    return True


def mark_of(action: PreventionAction) -> str:
    """Return a mark of what may be changed of an action: another one once that has been changed."""
    told = f"{action.what_will_change}\0{action.owner_id}\0{action.due_on.isoformat()}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def begin_action(*, action: PreventionAction, on: date) -> bool:
    """Record on which day the change began; return False where that is known.

    Raises:
        ValidationError: the day is still to come, or absurdly long ago.
    """
    _check_past(on)
    return bool(PreventionAction.objects.filter(pk=action.pk, started_on=None).update(started_on=on))


def finish_action(*, action: PreventionAction, on: date) -> bool:
    """Record on which day the change was done; return False where that is known or it has not begun.

    Raises:
        ValidationError: the day is still to come, absurdly long ago, or before the beginning.
    """
    _check_past(on)
    if action.started_on and on < action.started_on:
        raise ValidationError({"on": _("It cannot be done before it began.")})
    begun = PreventionAction.objects.filter(pk=action.pk, done_on=None, started_on__lte=on)
    return bool(begun.update(done_on=on))


def take_back_done(*, action: PreventionAction) -> bool:
    """Say that the change is not done after all; return False where nobody says that it is."""
    return bool(PreventionAction.objects.filter(pk=action.pk).exclude(done_on=None).update(done_on=None))


def take_back_begun(*, action: PreventionAction) -> bool:
    """Say that the change has not begun after all; return False where nobody says so, or that it is done."""
    begun = PreventionAction.objects.filter(pk=action.pk, done_on=None).exclude(started_on=None)
    return bool(begun.update(started_on=None))


def _words(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise ValidationError({"what_will_change": _("Please say what will change.")})
    if len(words) > 300:
        raise ValidationError({"what_will_change": _("Please say it in at most 300 characters.")})
    return words


def _check_owner(owner: "User") -> None:
    if not owner.is_active:
        raise ValidationError({"owner": _("Please choose a colleague who works here.")})


def _check_past(on: date) -> None:
    if on > timezone.localdate():
        raise ValidationError({"on": _("That day is still to come.")})
    if on.year < FIRST_YEAR:
        raise ValidationError({"on": _("This is too long ago. Please check the year.")})


def _check_due(due_on: date) -> None:
    if due_on < timezone.localdate():
        raise ValidationError({"due_on": _("That day is over.")})
