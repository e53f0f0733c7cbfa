"""The page of promises, one promise with its story, and handing it over."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from customers.models import Promise
from customers.services.promises import hand_over_promise, may_take_back_promise
from customers.zones import zone_of
from portal import dates
from portal.audit import note_reading
from portal.board import WHICH, Wanted
from portal.contact.page import Done, answer
from portal.contact.parts.promises import colleagues_who_promise
from portal.desk.access import DeskRequest, desk_required, press_required
from portal.mending.forms import HandOverForm
from portal.models import Reading, User
from portal.promises.rates import rate_lines, read_rates
from portal.promises.selectors import find_promise, read_board, steps_of

# From where somebody comes, and goes back to.
_CONTACT, _BOARD, _DESK = "contact", "promises", "desk"


def _see_all(request: DeskRequest) -> None:
    if not request.user.has_perm("customers.view_all_promises"):
        raise PermissionDenied


@require_safe
@desk_required
def promises(request: DeskRequest) -> HttpResponse:
    """What is due and late, by owner, and how many are kept."""
    _see_all(request)
    context = {"board": read_board(Wanted.read(request.GET)), "rates": read_rates(), "which": WHICH}
    context["may_export"] = request.user.has_perm("feedback.export_insight")
    return render(request, "promises/page.html", context)


@require_safe
@desk_required
def rates_file(request: DeskRequest) -> HttpResponse:
    """The rates as a file."""
    _see_all(request)
    if not request.user.has_perm("feedback.export_insight"):
        raise PermissionDenied
    name = f"promises-{timezone.localdate():%Y-%m-%d}.csv"
    return HttpResponse(
        "".join(rate_lines(read_rates())),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
@desk_required
def one(request: DeskRequest, pk: int) -> HttpResponse:
    """What was promised, its story, and handing it over; to a page with script the form alone."""
    promise = _get_promise(request, pk)
    if not request.htmx:
        note_reading(user=request.user, customers=[promise.customer], door=Reading.Door.CONTACT_VIEW)
    return _one(request, promise, _form(request, promise))


def _get_promise(request: DeskRequest, pk: int) -> Promise:
    promise = find_promise(user=request.user, pk=pk)
    if promise is None:
        raise Http404
    return promise


def _form(request: DeskRequest, promise: Promise, data: Any = None) -> HandOverForm | None:
    """The form for somebody else; None where there is nothing to hand over, or it is not this colleague's to do."""
    if not promise.is_open or not request.user.has_perm("customers.change_promise"):
        return None
    mine = [] if promise.owner_id == request.user.pk else [(str(request.user.pk), _("Me"))]
    others = [(str(one.pk), one.display_name) for one in colleagues_who_promise(request.user)]
    people = mine + [one for one in others if one[0] != str(promise.owner_id)]
    return HandOverForm(data, people=people, owner_id=promise.owner_id, name=f"hand-{promise.pk}")


def _one(request: DeskRequest, promise: Promise, form: HandOverForm | None) -> HttpResponse:
    back = request.GET.get("from", "")
    zone = zone_of(promise.customer.time_zone)
    context = {
        "promise": promise,
        "customer": promise.customer,
        "form": form,
        "back": back if back in (_CONTACT, _BOARD, _DESK) else _CONTACT,
        "due": dates.both_clocks(promise.due_at, now=timezone.now(), zone=zone),
        "is_late": promise.is_late(timezone.now()),
        "may_take_back": may_take_back_promise(promise=promise, by=request.user),
    }
    status = 422 if form and form.is_bound else 200
    if request.htmx:
        response = render(request, "promises/_hand_over.html", context, status=status)
        focus = form.first_wrong if form and form.is_bound else f"hand-{promise.pk}-to"
        response["HX-Trigger-After-Settle"] = json.dumps({"house:focus": {"id": focus}})
        return response
    return render(request, "promises/one.html", context | {"steps": steps_of(promise)}, status=status)


@press_required
def handed_over(request: DeskRequest, pk: int) -> HttpResponse:
    """Somebody else keeps it from now on."""
    if not request.user.has_perm("customers.change_promise"):
        raise PermissionDenied
    promise = _get_promise(request, pk)
    form = _form(request, promise, request.POST)
    if form is None:
        return _done(request, promise, _("That promise was settled already."))
    if form.data.get("to") == str(promise.owner_id):
        return _done(request, promise, _("It is with %(name)s already.") % {"name": promise.owner})
    if not form.is_valid():
        return _one(request, promise, form)
    to = get_object_or_404(User, pk=form.cleaned_data["to"])
    try:
        given = hand_over_promise(
            promise=promise, to=to, by=request.user, words=form.cleaned_data["words"], held_by=form.held_by
        )
    except ValidationError as error:
        form.look_again(promise.owner_id)
        form.refuse(error)
        return _one(request, promise, form)
    said = _("%(name)s keeps it now, and knows.") if to != request.user else _("It is yours now.")
    said = said if given else _("It is with %(name)s already.")
    return _done(request, promise, said % {"name": to.display_name})


def _done(request: DeskRequest, promise: Promise, said: str) -> HttpResponse:
    """Say what was done, where it was pressed."""
    back = request.GET.get("from", "")
    if back == _CONTACT and request.htmx:
        return answer(request, promise.customer.public_id, Done(said, ("speak", "timeline"), focus="speak-title"))
    messages.success(request, said)
    places = {_CONTACT: reverse("contact", args=[promise.customer.public_id])}
    places |= {_BOARD: reverse("promises"), _DESK: reverse("desk")}
    return redirect(places.get(back) or reverse("promise_one", args=[promise.pk]))
