"""Prevention as a page, and what a lead may press on it. Each press is a POST, checked, and harmless twice."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from customers.models import TouchPoint
from feedback.enums import Base
from feedback.models import PreventionAction
from feedback.services.prevention import begin_action, finish_action, open_action
from portal.desk.access import DeskRequest, desk_required
from portal.forms import HouseForm
from portal.mending.selectors import colleagues_who_mend
from portal.models import User
from portal.prevention.forms import ActionForm, DayForm
from portal.prevention.selectors import Page, read_page


@require_safe
@desk_required
def prevention(request: DeskRequest) -> HttpResponse:
    """What goes wrong by month, place and cause; what is done about it, before and after."""
    if not request.user.has_perm("feedback.view_preventionaction"):
        raise PermissionDenied
    return _page(request)


def _page(request: DeskRequest, wrong: HouseForm | None = None) -> HttpResponse:
    page = read_page(asked=request.GET, today=timezone.localdate())
    context: dict[str, Any] = {"page": page, "bases": Base.choices, "wrong": wrong}
    context["may_change"] = request.user.has_perm("feedback.change_preventionaction")
    if request.user.has_perm("feedback.add_preventionaction"):
        context["form"] = wrong if isinstance(wrong, ActionForm) else _form(page)
    context["today"] = timezone.localdate()
    return render(request, "prevention/page.html", context, status=422 if wrong else 200)


def _form(page: Page, data: Any = None) -> ActionForm:
    return ActionForm(
        data,
        causes=page.tree.choices(),
        places=[(str(place.pk), place.name) for place in page.places if place.is_active],
        people=[(str(one.pk), one.display_name) for one in colleagues_who_mend()],
    )


@require_POST
@desk_required
def open_one(request: DeskRequest) -> HttpResponse:
    """Somebody will change something."""
    if not request.user.has_perm("feedback.add_preventionaction"):
        raise PermissionDenied
    page = read_page(asked=request.GET, today=timezone.localdate())
    form = _form(page, request.POST)
    if not form.is_valid():
        return _page(request, form)
    told = form.cleaned_data
    place = told["touch_point"]
    try:
        _action, is_new = open_action(
            what_will_change=told["what_will_change"],
            cause=page.tree.causes[int(told["cause"])],
            touch_point=TouchPoint.objects.get(pk=place) if place else None,
            base=told["base"],
            owner=User.objects.get(pk=told["owner"]),
            due_on=told["due_on"],
            by=request.user,
        )
    except ValidationError as error:
        form.refuse(error)
        return _page(request, form)
    messages.success(request, _("Written down.") if is_new else _("That is written down already."))
    return redirect("prevention")


@require_POST
@desk_required
def begin(request: DeskRequest, pk: int) -> HttpResponse:
    """The change has begun."""
    return _note_day(request, pk, "begin")


@require_POST
@desk_required
def finish(request: DeskRequest, pk: int) -> HttpResponse:
    """The change is done."""
    return _note_day(request, pk, "done")


def _note_day(request: DeskRequest, pk: int, what: str) -> HttpResponse:
    if not request.user.has_perm("feedback.change_preventionaction"):
        raise PermissionDenied
    action = get_object_or_404(PreventionAction, pk=pk)
    form = DayForm(request.POST, name=f"{what}-{pk}")
    if not form.is_valid():
        return _page(request, form)
    note = begin_action if what == "begin" else finish_action
    try:
        noted = note(action=action, on=form.cleaned_data["on"])
    except ValidationError as error:
        form.refuse(error)
        return _page(request, form)
    said = _("Noted. We will see whether it helped.") if noted else _("That was noted already.")
    messages.success(request, said)
    return redirect("prevention")
