"""Pinning entries of the timeline."""

import json
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from customers.models import Customer
from portal.contact.actions.deed import Outcome, action
from portal.contact.branches import BY_KIND
from portal.contact.page import Done, answer
from portal.contact.parts.pins import PinForm
from portal.contact.pins import pin_entry, unpin_entry
from portal.contact.timeline import find_entry
from portal.desk.access import DeskRequest, desk_required
from portal.models import Pin


@require_http_methods(["GET", "HEAD", "POST"])
@desk_required
def pin(request: DeskRequest, public_id: UUID, key: str) -> HttpResponse:
    """The form for a reason, in place of the link or as a page; a POST pins the entry."""
    if not request.user.has_perm("portal.add_pin"):
        raise PermissionDenied
    customer = get_object_or_404(Customer.objects.visible_to(request.user), public_id=public_id)
    entry = find_entry(user=request.user, customer=customer, key=key)
    if entry is None:
        raise Http404
    form = PinForm(request.POST if request.method == "POST" else None, name=f"pin-{key}")
    if not form.is_valid():
        return _ask(request, customer, key, form)
    kind, row = entry
    try:
        present, is_new = pin_entry(customer=customer, kind=kind, row=row, by=request.user, **form.cleaned_data)
    except ValidationError as error:
        form.refuse(error)
        return _ask(request, customer, key, form)
    if not is_new and " ".join(form.cleaned_data["reason"].split()) not in ("", present.reason):
        # A colleague was faster; what was written here is not lost.
        form.add_error(
            None,
            _("That is pinned already. Load the page again and unpin it first, if your reason is to stand there."),
        )
        return _ask(request, customer, key, form)
    said = _("Pinned. It stands first for everybody.") if is_new else _("That is pinned already.")
    return answer(request, public_id, Done(said, ("timeline",), focus="timeline-title"))


def _ask(request: DeskRequest, customer: Customer, key: str, form: PinForm) -> HttpResponse:
    """The form alone to a page with script, or as a page; a 422 where something is to be mended."""
    template = "contact/_pin.html" if request.htmx else "contact/pin.html"
    context = {"customer": customer, "form": form, "key": key}
    response = render(request, template, context, status=422 if form.is_bound else 200)
    response["HX-Trigger-After-Settle"] = json.dumps({"house:focus": {"id": form.first_wrong or f"pin-{key}-reason"}})
    return response


@action("portal.change_pin")
def unpin(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    pin = get_object_or_404(Pin, pk=pk, customer=customer)
    if not request.user.has_perm(BY_KIND[pin.kind].permission):
        raise Http404
    ended = unpin_entry(pin=pin, by=request.user)
    said = _("No longer pinned. It is in its place below.") if ended else _("That was let go already.")
    return Done(said, ("timeline",), focus="timeline-title")
