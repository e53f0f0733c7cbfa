"""Promising, keeping, and owning up."""

from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from customers.deadlines import read_deadline
from customers.models import Customer, Promise, TouchPoint
from customers.services import promises
from customers.zones import house_zone, zone_of
from portal import dates
from portal.contact.actions.deed import Outcome, action, open_talk, places
from portal.contact.page import Done
from portal.contact.parts.promises import PromiseForm, colleagues_who_promise, explain
from portal.desk.access import DeskRequest, desk_required


@action("customers.add_promise")
def make_promise(request: DeskRequest, customer: Customer) -> Outcome:
    others = colleagues_who_promise(request.user)
    form = PromiseForm(
        request.POST,
        now=timezone.now(),
        zone=zone_of(customer.time_zone),
        places=places(),
        people=[(str(one.pk), one.display_name) for one in others],
        read_url=reverse("promise_read", args=[customer.public_id]),
    )
    if not form.is_valid():
        return form
    told, talk = form.cleaned_data, open_talk(request, customer)
    place = TouchPoint.objects.get(slug=told["touch_point"]) if told["touch_point"] else None
    try:
        _promise, is_new = promises.make_promise(
            customer=customer,
            text=told["text"],
            due_at=told["due_at"],
            owner=others.get(pk=told["owner"]) if told["owner"] else request.user,
            touch_point=place or (talk.touch_point if talk else None),
            interaction=talk,
        )
    except ValidationError as error:
        form.refuse(error)
        return form
    said = _("Promised by %(moment)s.") if is_new else _("That is promised already, by %(moment)s.")
    said %= {"moment": dates.both_clocks(told["due_at"], now=timezone.now(), zone=form.zone)}
    return Done(said, ("speak", "timeline"), form="promise", focus="form-promise-summary")


@require_safe
@desk_required
def read_due(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Say at once what was understood of the words for a time, while somebody types."""
    if not request.user.has_perm("customers.add_promise"):
        raise PermissionDenied
    customer = get_object_or_404(Customer.objects.visible_to(request.user).only("time_zone"), public_id=public_id)
    now, zone, text = timezone.now(), zone_of(customer.time_zone), request.GET.get("due", "").strip()
    reading = read_deadline(text, now=now, zone=zone, here=house_zone())
    said = dates.both_clocks(reading.at, now=now, zone=zone) if reading.at else ""
    asked = explain(reading, now=now, zone=zone) if text and not reading.at else ""
    return render(request, "contact/_understood.html", {"said": said, "asked": asked})


@action("customers.change_promise")
def keep_promise(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    promise = get_object_or_404(Promise, pk=pk, customer=customer)
    kept = promises.keep_promise(promise=promise, by=request.user)
    said = _("Kept. Thank you.") if kept else _("That promise was settled already.")
    return Done(said, ("speak", "timeline"), focus="speak-title")


@action("customers.change_promise")
def break_promise(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    promise = get_object_or_404(Promise, pk=pk, customer=customer)
    broken = promises.break_promise(promise=promise, by=request.user)
    said = _("We will not keep that one. Do tell them.") if broken else _("That promise was settled already.")
    return Done(said, ("speak", "timeline"), focus="speak-title")


@action("customers.change_promise")
def take_back_promise(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    """It was never promised, or to somebody else."""
    promise = get_object_or_404(Promise, pk=pk, customer=customer)
    try:
        taken_back = promises.take_back_promise(promise=promise, by=request.user)
    except ValidationError as error:
        return Done(" ".join(error.messages), ("speak",), focus="speak-title", is_saved=False)
    said = _("Taken back. It does not count any more.") if taken_back else _("That promise was settled already.")
    return Done(said, ("speak", "timeline"), focus="speak-title")
