"""The contact view, and its timeline a page at a time."""

import json
from uuid import UUID

from django.db.models.functions import Now
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from customers.models import Customer
from customers.selectors.merged import moved_to
from portal.contact.branches import branches_for
from portal.contact.page import look, page, whose, with_timeline
from portal.contact.parts.others import key_of, read_others
from portal.contact.presence import note_more, stay
from portal.contact.timeline import Cursor
from portal.desk.access import DeskRequest, bad_request, desk_required
from portal.jinja import draw

# How sure we are of the match is said only where the phone system brought us here.
MATCHES = {"phone", "email", "phone-chosen", "email-chosen"}


@require_safe
@desk_required
def contact_view(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Everything about one customer. The timeline comes with the page where it is asked for, otherwise after it.

    `?show=timeline` is its newest page, `?before=` an earlier one, `?kind=` one kind of entries; a page with script
    gets them alone.
    """
    before, kind = None, request.GET.get("kind", "")
    if text := request.GET.get("before"):
        before = Cursor.read(text)
        if before is None:
            return bad_request(request, _("This link to earlier entries is broken. Open the customer again."))
    if kind and not branches_for(request.user, kind):
        return bad_request(request, _("There are no such entries. Open the customer again."))
    is_asked = bool(before or "kind" in request.GET or request.GET.get("show") == "timeline")
    if is_asked and request.htmx:
        return _entries(request, public_id, before, kind)
    try:
        contact = look(user=request.user, public_id=public_id)
    except Http404:
        return _moved(request, public_id)
    timeline = with_timeline(request, contact.customer, before, kind) if is_asked else {}
    match = request.GET.get("match", "")
    return page(request, contact, match=match if match in MATCHES else "", **timeline)


def _moved(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Lead on to whom this one was merged into. Not for good: a merging can be undone."""
    now = moved_to(user=request.user, public_id=public_id)
    if now is None:
        raise Http404
    address = reverse("contact", args=[now.public_id])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _entries(request: DeskRequest, public_id: UUID, before: Cursor | None, kind: str) -> HttpResponse:
    """The timeline alone, or the entries that follow those on the page."""
    customer = Customer.objects.visible_to(request.user).annotate(now=Now()).filter(public_id=public_id).first()
    if customer is None:
        return _moved(request, public_id)
    note_more(customer=customer, colleague=request.user)
    template, focus = ("entries", "earlier-begins") if before else ("timeline", "timeline-title")
    parts = whose(request, customer) | with_timeline(request, customer, before, kind)
    response = HttpResponse(draw(f"contact/{template}.jinja", parts))
    if "show" not in request.GET:
        response["HX-Trigger-After-Settle"] = json.dumps({"house:focus": {"id": focus}})
    return response


@require_safe
@desk_required
def here(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Who else is with the customer; to ask is to say that one's own page is still open."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user), public_id=public_id)
    stay(customer=customer, colleague=request.user)
    others = read_others(user=request.user, customer=customer)
    if request.GET.get("shown") == key_of(others):
        # A screen reader would read the same words again.
        return HttpResponse(status=204)
    return HttpResponse(draw("contact/others.jinja", {"customer": customer, "others": others, "shown": key_of(others)}))
