"""Promising, keeping, and owning up."""

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Customer, Promise
from customers.services import promises
from portal import dates
from portal.contact.actions.deed import Outcome, action, open_talk
from portal.contact.page import Done
from portal.contact.parts.promises import PromiseForm
from portal.desk.access import DeskRequest


@action("customers.add_promise")
def make_promise(request: DeskRequest, customer: Customer) -> Outcome:
    form = PromiseForm(request.POST, now=timezone.now())
    if not form.is_valid():
        return form
    due_at = form.cleaned_data["due_at"]
    try:
        _promise, is_new = promises.make_promise(
            customer=customer,
            text=form.cleaned_data["text"],
            due_at=due_at,
            owner=request.user,
            interaction=open_talk(request, customer),
        )
    except ValidationError as error:
        form.refuse(error)
        return form
    said = _("Promised by %(moment)s.") if is_new else _("That is promised already, by %(moment)s.")
    said %= {"moment": dates.moment(due_at, now=timezone.now())}
    return Done(said, ("speak", "timeline"), form="promise", focus="form-promise-summary")


@action("customers.change_promise")
def keep_promise(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    promise = get_object_or_404(Promise, pk=pk, customer=customer)
    kept = promises.keep_promise(promise=promise)
    said = _("Kept. Thank you.") if kept else _("That promise was settled already.")
    return Done(said, ("speak", "timeline"), focus="speak-title")


@action("customers.change_promise")
def break_promise(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    promise = get_object_or_404(Promise, pk=pk, customer=customer)
    broken = promises.break_promise(promise=promise)
    said = _("We will not keep that one. Do tell them.") if broken else _("That promise was settled already.")
    return Done(said, ("speak", "timeline"), focus="speak-title")
