"""The contact view, and its timeline a page at a time."""

import json
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from customers.selectors.merged import moved_to
from portal.contact.page import look, page, with_timeline
from portal.contact.timeline import Cursor
from portal.desk.access import DeskRequest, bad_request, desk_required

# How sure we are of the match is said only where the phone system brought us here.
MATCHES = {"phone", "email"}


@require_safe
@desk_required
def contact_view(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Everything about one customer. `?before=` shows an earlier page of the timeline, alone to a page with script."""
    before = None
    if text := request.GET.get("before"):
        before = Cursor.read(text)
        if before is None:
            return bad_request(request, _("This link to earlier entries is broken. Open the customer again."))
    try:
        contact = look(user=request.user, public_id=public_id)
    except Http404:
        # Not for good: a merging can be undone.
        if now := moved_to(user=request.user, public_id=public_id):
            return redirect("contact", now.public_id)
        raise
    timeline = with_timeline(request, contact, before)
    if before and request.htmx:
        response = render(request, "contact/_entries.html", {"customer": contact.customer} | timeline)
        response["HX-Trigger-After-Settle"] = json.dumps({"house:focus": {"id": "earlier-begins"}})
        return response
    match = request.GET.get("match", "")
    return page(request, contact, match=match if match in MATCHES else "", **timeline)
