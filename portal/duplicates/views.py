"""Duplicates as pages, and what may be pressed there. Each press is a POST, checked, and harmless twice."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from customers.enums import DuplicateState
from customers.models import Customer, Duplicate, Merge
from customers.selectors.merged import survivor
from customers.services import duplicates
from customers.services.merges import merge_customers, undo_merge
from portal.audit import note_reading
from portal.desk.access import DeskRequest, desk_required, press_required
from portal.duplicates.forms import MergeForm
from portal.duplicates.selectors import list_pairs, read_sides
from portal.models import Reading

_VIEW, _APART, _MERGE = "customers.view_duplicate", "customers.tell_apart_customer", "customers.merge_customer"


def _needs(request: DeskRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


@require_safe
@desk_required
def pairs(request: DeskRequest) -> HttpResponse:
    """Who may be the same as whom, and what was merged lately."""
    _needs(request, _VIEW)
    shown = {"listed": list_pairs(request.user), "may_merge": request.user.has_perm(_MERGE)}
    return render(request, "duplicates/list.html", shown)


@require_safe
@desk_required
def pair(request: DeskRequest, pk: int) -> HttpResponse:
    """Two customers side by side; a pair that was merged leads to whom they are now."""
    _needs(request, _VIEW)
    return _side_by_side(request, _pair(pk))


@press_required
def merge(request: DeskRequest, pk: int) -> HttpResponse:
    """They are one."""
    _needs(request, _MERGE)
    found = _pair(pk)
    sides = read_sides(user=request.user, duplicate=found)
    if sides is None:
        return _over(request, pk)
    form = MergeForm(request.POST, sides=sides)
    if not form.is_valid():
        return _side_by_side(request, found, form)
    goes_on, goes_in = (found.one, found.other) if form.survivor == "one" else (found.other, found.one)
    try:
        merged, _is_new = merge_customers(survivor=goes_on, absorbed=goes_in, by=request.user, taken=form.taken)
    except ValidationError as error:
        form.refuse(error)
        return _side_by_side(request, found, form)
    messages.success(request, _("They are one customer now. It can be undone on the page “Duplicates”."))
    return redirect("contact", merged.survivor.public_id)


@press_required
def apart(request: DeskRequest, pk: int) -> HttpResponse:
    """They are not the same."""
    _needs(request, _APART)
    done = duplicates.tell_apart(duplicate=_pair(pk), by=request.user)
    said = _("Noted: they are not the same.") if done else _("Something was said of these two already.")
    messages.success(request, said)
    return redirect("duplicates")


@press_required
def undo(request: DeskRequest, pk: int) -> HttpResponse:
    """They were not one after all."""
    _needs(request, _MERGE)
    merged = get_object_or_404(Merge, pk=pk)
    try:
        done = undo_merge(merge=merged, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        said = _("They are two customers again, each with what was theirs.") if done else _("That is undone already.")
        messages.success(request, said)
    return redirect("duplicates")


def _pair(pk: int) -> Duplicate:
    return get_object_or_404(Duplicate.objects.select_related("one", "other"), pk=pk)


def _over(request: DeskRequest, pk: int) -> HttpResponse:
    """One of them was merged, perhaps just now: there is no pair to look at any more."""
    found = _pair(pk)
    merged: Customer = found.one if found.one.merged_into_id else found.other
    if found.state == DuplicateState.MERGED:
        messages.success(request, _("They are one customer already."))
    else:
        messages.info(request, _("One of them was merged into somebody else: this is who they are now."))
    return redirect("contact", survivor(merged).public_id)


def _side_by_side(request: DeskRequest, found: Duplicate, wrong: MergeForm | None = None) -> HttpResponse:
    sides = read_sides(user=request.user, duplicate=found)
    if sides is None:
        return _over(request, found.pk)
    note_reading(user=request.user, customers=[found.one, found.other], door=Reading.Door.CONTACT_VIEW)
    form = wrong or MergeForm(sides=sides)
    context = {
        "sides": sides,
        "pair": found,
        "form": form,
        "rows": [{"line": line, "field": form[line.name] if line in sides.choices else None} for line in sides.lines],
        "may_merge": request.user.has_perm(_MERGE),
        "may_tell_apart": request.user.has_perm(_APART) and found.state == DuplicateState.OPEN,
    }
    return render(request, "duplicates/pair.html", context, status=422 if wrong else 200)
