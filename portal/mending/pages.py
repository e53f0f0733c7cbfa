"""The board and the page of one recovery, as whole pages; with script only their middle is taken."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from feedback.models import Recovery
from feedback.selectors.causes import cause_tree
from portal.board import Wanted
from portal.desk.access import DeskRequest
from portal.forms import HouseForm
from portal.mending.forms import HandOverForm, MendForm
from portal.mending.selectors import WHICH, colleagues_who_mend, find_recovery, read_board, steps_of


def get_recovery(request: DeskRequest, pk: int) -> Recovery:
    """Return a recovery that this colleague may see.

    Raises:
        Http404: there is none, for them.
    """
    recovery = find_recovery(user=request.user, pk=pk)
    if recovery is None:
        raise Http404
    return recovery


def wanted(request: DeskRequest) -> Wanted:
    """Return what the address asks to see of the board."""
    return Wanted.read(request.GET, WHICH)


def board_page(request: DeskRequest) -> HttpResponse:
    """The board, by what the address asks for."""
    board = read_board(user=request.user, wanted=wanted(request))
    may_mend = request.user.has_perm("feedback.change_recovery")
    return render(request, "mending/board.html", {"board": board, "may_mend": may_mend, "which": WHICH})


def one_page(request: DeskRequest, recovery: Recovery, wrong: HouseForm | None = None) -> HttpResponse:
    """The page of one recovery; with a form to mend it is a 422."""
    context: dict[str, Any] = {
        "recovery": recovery,
        "steps": steps_of(recovery),
        "wanted": wanted(request),
    }
    tree = cause_tree()
    context["causes"] = {pk: tree.name_of(pk) for pk in tree.causes}
    if recovery.closed_at is None and request.user.has_perm("feedback.change_recovery"):
        context["close"] = MendForm(name="close", causes=tree.choices(), language=recovery.customer.language)
        context["hand_over"] = HandOverForm(people=people(recovery), owner_id=recovery.owner_id)
    if wrong is not None:
        context["close" if isinstance(wrong, MendForm) else "hand_over"] = wrong
    response = render(request, "mending/one.html", context, status=422 if wrong else 200)
    if wrong is not None and request.htmx:
        response["HX-Trigger-After-Settle"] = json.dumps({"house:focus": {"id": wrong.first_wrong}})
    return response


def people(recovery: Recovery) -> list[tuple[str, str]]:
    """Those to whom a recovery may be handed over."""
    return [(str(one.pk), one.display_name) for one in colleagues_who_mend() if one.pk != recovery.owner_id]


def done(request: DeskRequest, said: str, pk: int) -> HttpResponse:
    """Say what was done and show the page from which it was pressed."""
    messages.success(request, said)
    back = request.GET.get("from") == "board"
    if not request.htmx:
        query = wanted(request).query
        return redirect((reverse("mending") if back else reverse("mending_one", args=[pk])) + (query and f"?{query}"))
    response = board_page(request) if back else one_page(request, get_recovery(request, pk))
    response["HX-Trigger-After-Settle"] = json.dumps({"house:focus": {"id": "title"}})
    return response
