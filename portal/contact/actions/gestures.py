"""Giving, asking a lead for more, taking back what was a mistake."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from customers.models import Customer, Gesture
from feedback.giving_letter import Reply
from feedback.models import GestureKind, GestureRequest
from feedback.services import giving, giving_requests
from portal.contact.actions.deed import Outcome, action, open_talk
from portal.contact.page import Done
from portal.contact.parts.gestures import GestureForm, offered
from portal.desk.access import DeskRequest

_CHANGED = ("giving", "timeline")


@action("feedback.add_givingentry")
def give(request: DeskRequest, customer: Customer) -> Outcome:
    """Give it; with the other button, ask a lead for it."""
    form = GestureForm(request.POST, giving=offered(user=request.user, customer=customer))
    if not form.is_valid():
        return form
    wanted: dict[str, Any] = {
        "customer": customer,
        "kind": GestureKind.objects.get(pk=form.cleaned_data["kind"]),
        "by": request.user,
        "cost": form.cleaned_data.get("cost"),
        "words": form.cleaned_data["words"],
        "writes_letter": form.cleaned_data.get("letter", False),
        "interaction": open_talk(request, customer),
    }
    try:
        said = _ask(wanted) if "ask" in request.POST else _give(wanted)
    except ValidationError as error:
        form.refuse(error)
        return form
    return Done(said, _CHANGED, form="gesture", focus="form-gesture-summary")


def _give(wanted: dict[str, Any]) -> str:
    given = giving.give_gesture(**wanted)
    if not given.is_new:
        return _("That is given already.")
    match given.letter:
        case Reply.WRITTEN:
            return _("Given, and a letter to them is on its way.")
        case Reply.NO_ADDRESS:
            return _("Given. There is no address that we may write to, so no letter goes.")
        case Reply.NO_CONSENT:
            return _("Given. They want no news or offers, so no letter goes.")
    return _("Given. How kind.")


def _ask(wanted: dict[str, Any]) -> str:
    _request, is_new = giving_requests.ask_for_gesture(**wanted)
    return _("Asked. The answer comes to your desk, and here.") if is_new else _("That has been asked already.")


@action("feedback.add_givingentry")
def take_back(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    """Book the reverse of what was given by mistake."""
    gesture = get_object_or_404(Gesture, pk=pk, customer=customer)
    try:
        is_taken_back = giving.take_back(gesture=gesture, by=request.user)
    except ValidationError as error:
        return Done(" ".join(error.messages), _CHANGED, focus="form-gesture-summary")
    said = _("Taken back. It does not count any more.") if is_taken_back else _("That was taken back already.")
    return Done(said, _CHANGED, form="gesture", focus="form-gesture-summary")


@action("feedback.add_givingentry")
def withdraw(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    """Take one's own request away."""
    asked = get_object_or_404(GestureRequest, pk=pk, customer=customer)
    if asked.agent_id != request.user.pk:
        raise PermissionDenied
    withdrawn = giving_requests.withdraw_request(request=asked, by=request.user)
    said = _("Withdrawn.") if withdrawn else _("That has been answered already.")
    return Done(said, ("giving",), focus="form-gesture-summary")
