"""The match as a page, and what stands on the desk: as a stream, or by a plain GET."""

from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from customers.enums import ContactKind, MatchOutcome
from customers.phones import format_phone
from customers.selectors.match import Match
from customers.selectors.search import find_customers
from portal.contact.page import look, page
from portal.desk.access import DeskRequest, bad_request, desk_required
from portal.desk.forms import AddCustomerForm
from portal.desk.selectors import with_tiers
from portal.pops.forms import Asked
from portal.pops.selectors import choices_of, match_for
from portal.pops.signs import Line, end_lines, exchange
from portal.pops.streams import EventStream, drawn, let_go, session_name

# More than this nobody reads in the middle of a call.
_MOST_FOUND = 8
# A desk that found no room asks by itself, and tries again after so many seconds.
_TRY_AGAIN = 30
_LONGEST_NAME = 64


@require_safe
@desk_required
def pop(request: DeskRequest) -> HttpResponse:
    """What a phone system opens: the customer, a chooser, or somebody unknown to add or to attach."""
    try:
        asked = Asked.read(request.GET, request.user)
        match = match_for(user=request.user, kind=asked.kind, text=asked.text)
    except ValueError as error:
        # The sentences of the match are for the one who wrote the number; here the phone system has to be told.
        return bad_request(request, _(str(error)))
    if match.customer is not None:
        return called(request, match.customer.public_id, asked.kind)
    return match_page(request, asked, match)


def called(request: DeskRequest, public_id: UUID, how: str) -> HttpResponse:
    """The contact view at once, without a second way to the house, and with the address where it stands otherwise."""
    address = f"{reverse('contact', args=[public_id])}?match={how}"
    try:
        contact = look(user=request.user, public_id=public_id)
    except Http404:
        # Merged into somebody at this moment: the contact view leads on.
        return redirect(address)
    return page(request, contact, match=how, stands_at=address)


def match_page(request: DeskRequest, asked: Asked, match: Match, status: int = 200) -> HttpResponse:
    """The chooser, or “somebody new”; each with a search for somebody to attach the number to."""
    found = find_customers(user=request.user, text=asked.q, limit=_MOST_FOUND + 1) if asked.q else []
    shown = format_phone(match.normalised) if asked.kind == ContactKind.PHONE else asked.text
    context: dict[str, Any] = {
        "asked": asked,
        "match": match,
        "shown": shown,
        "found": with_tiers(found[:_MOST_FOUND]),
        "has_more": len(found) > _MOST_FOUND,
        "may_attach": request.user.has_perm("customers.add_contactpoint"),
    }
    if match.outcome == MatchOutcome.MAYBE:
        return render(request, "pops/choose.html", context | {"choices": choices_of(match)}, status=status)
    # With its country code: whoever is added may live elsewhere.
    form = AddCustomerForm(initial={asked.kind: shown})
    return render(request, "pops/unknown.html", context | {"form": form}, status=status)


@require_safe
@desk_required
def standing(request: DeskRequest) -> HttpResponse:
    """What stands on one's own desk, once: for a desk whose stream found no room."""
    return JsonResponse(drawn(request.user, get_token(request)))


@require_GET
@desk_required
def stream(request: DeskRequest) -> HttpResponseBase:
    """What stands on one's own desk, and again whenever that changes, as server-sent events.

    `page` names the page that reads, `after` the one that it follows: lines of these names end, so that whoever
    walks through the pages quickly does not leave a line behind with each.
    """
    page, after = (request.GET.get(name, "")[:_LONGEST_NAME] for name in ("page", "after"))
    line = Line(request.user.pk, (page or str(uuid4()), session_name(request.session.session_key)))
    end_lines(user_id=request.user.pk, names=(page, after), but=line.number)
    if not exchange.join(line):
        refused = HttpResponse(_("Too many desks are open here."), status=503, content_type="text/plain")
        refused["Retry-After"] = str(_TRY_AGAIN)
        return refused
    answer = EventStream(request, request.user, line)
    let_go()
    return answer
