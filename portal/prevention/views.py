"""Prevention as a page, and what a lead may press on it. Each press is a POST, checked, and harmless twice."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from customers.models import TouchPoint
from feedback.enums import Base
from feedback.models import PreventionAction
from feedback.services.prevention import (
    begin_action,
    change_action,
    finish_action,
    mark_of,
    open_action,
    take_back_begun,
    take_back_done,
)
from portal.desk.access import DeskRequest, desk_required, press_required
from portal.forms import HouseForm, Places
from portal.mending.selectors import colleagues_who_mend
from portal.models import User
from portal.prevention.forms import ActionForm, ChangeForm, DayForm
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
    context["may_change"] = may_change = request.user.has_perm("feedback.change_preventionaction")
    may_add = request.user.has_perm("feedback.add_preventionaction")
    people = _people() if may_change or may_add else []
    forms = [_change_form(looked.action, people) if may_change else None for looked in page.actions]
    context["actions"] = [
        (looked, wrong if wrong and form and wrong.name == form.name else form)
        for looked, form in zip(page.actions, forms, strict=True)
    ]
    if may_add:
        context["form"] = wrong if isinstance(wrong, ActionForm) else _form(page, people)
    context["today"] = timezone.localdate()
    return render(request, "prevention/page.html", context, status=422 if wrong else 200)


def _people() -> Places:
    return [(str(one.pk), one.display_name) for one in colleagues_who_mend()]


def _form(page: Page, people: Places, data: Any = None) -> ActionForm:
    places = [(str(place.pk), place.name) for place in page.places if place.is_active]
    return ActionForm(data, causes=page.tree.choices(), places=places, people=people)


def _change_form(action: PreventionAction, people: Places, data: Any = None) -> ChangeForm:
    told = {"what_will_change": action.what_will_change, "owner": action.owner_id, "due_on": action.due_on}
    return ChangeForm(data, name=f"change-{action.pk}", people=people, initial=told | {"seen": mark_of(action)})


@press_required
def open_one(request: DeskRequest) -> HttpResponse:
    """Somebody will change something."""
    if not request.user.has_perm("feedback.add_preventionaction"):
        raise PermissionDenied
    page = read_page(asked=request.GET, today=timezone.localdate())
    form = _form(page, _people(), request.POST)
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


@press_required
def change(request: DeskRequest, pk: int) -> HttpResponse:
    """What will change, who sees to it or by when is another."""
    if not request.user.has_perm("feedback.change_preventionaction"):
        raise PermissionDenied
    action = get_object_or_404(PreventionAction, pk=pk)
    form = _change_form(action, _people(), request.POST)
    if not form.is_valid():
        return _page(request, form)
    told = form.cleaned_data
    try:
        is_changed = change_action(
            action=action,
            what_will_change=told["what_will_change"],
            owner=User.objects.get(pk=told["owner"]),
            due_on=told["due_on"],
            seen=told["seen"],
        )
    except ValidationError as error:
        if getattr(error, "code", "") == "overtaken":
            # Whoever presses again has read what stands there now.
            action.refresh_from_db()
            again = request.POST.copy()
            again["seen"] = mark_of(action)
            form = _change_form(action, _people(), again)
        form.refuse(error)
        return _page(request, form)
    messages.success(request, _("Changed.") if is_changed else _("That is what stood there."))
    return redirect("prevention")


@press_required
def begin(request: DeskRequest, pk: int) -> HttpResponse:
    """The change has begun."""
    return _note_day(request, pk, "begin")


@press_required
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


@press_required
def not_begun(request: DeskRequest, pk: int) -> HttpResponse:
    """The change has not begun after all."""
    return _take_back(request, pk, take_back_begun)


@press_required
def not_done(request: DeskRequest, pk: int) -> HttpResponse:
    """The change is not done after all."""
    return _take_back(request, pk, take_back_done)


def _take_back(request: DeskRequest, pk: int, deed: Callable[..., bool]) -> HttpResponse:
    if not request.user.has_perm("feedback.change_preventionaction"):
        raise PermissionDenied
    is_taken_back = deed(action=get_object_or_404(PreventionAction, pk=pk))
    messages.success(request, _("Taken back.") if is_taken_back else _("That was taken back already."))
    return redirect("prevention")
