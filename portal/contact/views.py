"""The contact view, and its timeline a page at a time."""

import json
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from customers.models import Customer
from customers.selectors.merged import moved_to
from portal.contact.branches import branches_for
from portal.contact.page import look, may, page, with_timeline
from portal.contact.parts.others import key_of, read_others
from portal.contact.presence import stay
from portal.contact.timeline import Cursor
from portal.desk.access import DeskRequest, bad_request, desk_required

# How sure we are of the match is said only where the phone system brought us here.
MATCHES = {"phone", "email", "phone-chosen", "email-chosen"}


@require_safe
@desk_required
def contact_view(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Everything about one customer. `?before=` shows an earlier page of the timeline, `?kind=` one kind of entries.

    To a page with script either is shown alone.
    """
    before, kind = None, request.GET.get("kind", "")
    if text := request.GET.get("before"):
        before = Cursor.read(text)
        if before is None:
            return bad_request(request, _("This link to earlier entries is broken. Open the customer again."))
    if kind and not branches_for(request.user, kind):
        return bad_request(request, _("There are no such entries. Open the customer again."))
    is_part = bool(request.htmx and (before or "kind" in request.GET))
    try:
        contact = look(user=request.user, public_id=public_id, draws_hints=not is_part)
    except Http404:
        # Not for good: a merging can be undone.
        if now := moved_to(user=request.user, public_id=public_id):
            return redirect("contact", now.public_id)
        raise
    timeline = with_timeline(request, contact, before, kind)
    if is_part:
        template, focus = ("_entries", "earlier-begins") if before else ("_timeline", "timeline-title")
        shown = {"customer": contact.customer, "may": may(request.user)} | timeline
        response = render(request, f"contact/{template}.html", shown)
        response["HX-Trigger-After-Settle"] = json.dumps({"house:focus": {"id": focus}})
        return response
    match = request.GET.get("match", "")
    return page(request, contact, match=match if match in MATCHES else "", **timeline)


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
    return render(request, "contact/_others.html", {"customer": customer, "others": others})
