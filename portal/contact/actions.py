"""What a colleague does in the middle of a conversation. Each is a POST, checked, and harmless when pressed twice."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.models import Customer, Incident, Interaction, Preference, Promise, TouchPoint
from customers.services import conversations, incidents, preferences, promises
from feedback.enums import RecoveryState
from feedback.models import Recovery
from feedback.selectors.causes import cause_tree
from feedback.services.recoveries import close_recovery, contact_recovery
from portal import dates
from portal.contact import forms
from portal.contact.page import Done, answer
from portal.desk.access import DeskRequest, View, desk_required
from tiers.models import Override, Tier
from tiers.services import overrides

Outcome = Done | forms.HouseForm
Deed = Callable[..., Outcome]


def action(permission: str) -> Callable[[Deed], View]:
    """Make a view of a deed: POST only, for those with the permission, on a customer that they may see."""

    def decorate(deed: Deed) -> View:
        @require_POST
        @desk_required
        @wraps(deed)
        def view(request: HttpRequest, public_id: UUID, **ids: int) -> HttpResponse:
            assert isinstance(request, HttpRequest)  # noqa: S101 - narrows for the checker
            asked: Any = request
            if not asked.user.has_perm(permission):
                raise PermissionDenied
            customer = get_object_or_404(Customer.objects.visible_to(asked.user), public_id=public_id)
            return answer(asked, public_id, deed(asked, customer, **ids))

        return view

    return decorate


def _places() -> forms.Places:
    return list(TouchPoint.objects.filter(is_active=True).order_by("name").values_list("slug", "name"))


def _open_talk(request: DeskRequest, customer: Customer) -> Interaction | None:
    """The contact that this is part of, where there is one."""
    return Interaction.objects.open().filter(customer=customer, agent=request.user).first()


@action("customers.add_interaction")
def open_interaction(request: DeskRequest, customer: Customer) -> Outcome:
    form = forms.OpenForm(request.POST, places=_places())
    if not form.is_valid():
        return form
    place = TouchPoint.objects.get(slug=form.cleaned_data.pop("touch_point"))
    try:
        _talk, is_new = conversations.open_interaction(
            customer=customer, touch_point=place, agent=request.user, **form.cleaned_data
        )
    except ValidationError as error:
        form.refuse(error)
        return form
    said = _("The contact is open.") if is_new else _("You have a contact open with them already.")
    return Done(said, ("matter", "timeline"), focus="close-note")


@action("customers.change_interaction")
def close_interaction(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    talk = get_object_or_404(Interaction, pk=pk, customer=customer, agent=request.user)
    form = forms.CloseForm(request.POST)
    if not form.is_valid():
        return form
    closed = conversations.close_interaction(interaction=talk, note=form.cleaned_data["note"])
    said = _("The contact is closed. Well done.") if closed else _("The contact was closed already.")
    return Done(said, ("matter", "timeline"), focus="matter-title")


@action("customers.add_preference")
def note_preference(request: DeskRequest, customer: Customer) -> Outcome:
    form = forms.NoteForm(request.POST)
    if not form.is_valid():
        return form
    try:
        _preference, is_new = preferences.note_preference(
            customer=customer,
            noted_by=request.user,
            interaction=_open_talk(request, customer),
            **form.cleaned_data,
        )
    except ValidationError as error:
        form.refuse(error)
        return form
    said = _("Noted. We will remember.") if is_new else _("We know that already.")
    return Done(said, ("preferences",), form="note", focus="form-note-summary")


@action("customers.change_preference")
def retire_preference(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    preference = get_object_or_404(Preference, pk=pk, customer=customer)
    retired = preferences.retire_preference(preference=preference)
    said = _("“%(text)s” is no longer shown.") if retired else _("“%(text)s” was let go already.")
    return Done(said % {"text": preference.text}, ("preferences",), focus="preferences-title")


@action("customers.add_promise")
def make_promise(request: DeskRequest, customer: Customer) -> Outcome:
    form = forms.PromiseForm(request.POST, now=timezone.now())
    if not form.is_valid():
        return form
    due_at = form.cleaned_data["due_at"]
    try:
        _promise, is_new = promises.make_promise(
            customer=customer,
            text=form.cleaned_data["text"],
            due_at=due_at,
            owner=request.user,
            interaction=_open_talk(request, customer),
        )
    except ValidationError as error:
        form.refuse(error)
        return form
    said = _("Promised by %(moment)s.") if is_new else _("That is promised already, by %(moment)s.")
    said %= {"moment": dates.moment(due_at, now=timezone.now())}
    return Done(said, ("speak", "timeline"), form="promise", focus="form-promise-summary")


@action("customers.change_promise")
def keep_promise(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    promise = get_object_or_404(Promise, pk=pk, customer=customer)
    kept = promises.keep_promise(promise=promise)
    said = _("Kept. Thank you.") if kept else _("That promise was settled already.")
    return Done(said, ("speak", "timeline"), focus="speak-title")


@action("customers.change_promise")
def break_promise(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    promise = get_object_or_404(Promise, pk=pk, customer=customer)
    broken = promises.break_promise(promise=promise)
    said = _("We will not keep that one. Do tell them.") if broken else _("That promise was settled already.")
    return Done(said, ("speak", "timeline"), focus="speak-title")


@action("customers.add_incident")
def record_incident(request: DeskRequest, customer: Customer) -> Outcome:
    form = forms.IncidentForm(request.POST, places=_places())
    if not form.is_valid():
        return form
    place = TouchPoint.objects.get(slug=form.cleaned_data.pop("touch_point"))
    try:
        _incident, is_new = incidents.record_incident(
            customer=customer,
            touch_point=place,
            recorded_by=request.user,
            interaction=_open_talk(request, customer),
            **form.cleaned_data,
        )
    except ValidationError as error:
        form.refuse(error)
        return form
    said = _("Written down, so that it can be put right.") if is_new else _("That is written down already.")
    return Done(said, ("speak", "timeline"), form="incident", focus="form-incident-summary")


@action("customers.change_incident")
def resolve_incident(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    incident = get_object_or_404(Incident, pk=pk, customer=customer)
    form = forms.ResolveForm(request.POST, name=f"resolve-{pk}")
    if not form.is_valid():
        return form
    resolved = incidents.resolve_incident(incident=incident, resolution=form.cleaned_data["resolution"])
    said = _("Put right.") if resolved else _("That was put right already.")
    return Done(said, ("speak", "timeline"), focus="speak-title")


@action("feedback.change_recovery")
def contact_owed(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    recovery = get_object_or_404(Recovery.objects.visible_to(request.user), pk=pk, customer=customer)
    done = contact_recovery(recovery=recovery, by=request.user)
    said = _("Good: they have heard from us.") if done else _("That was noted already.")
    return Done(said, ("speak", "matter"), focus="matter-title")


@action("feedback.change_recovery")
def close_owed(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    recovery = get_object_or_404(Recovery.objects.visible_to(request.user), pk=pk, customer=customer)
    tree = cause_tree()
    form = forms.MendForm(request.POST, name=f"mend-{pk}", causes=tree.choices(), language=customer.language)
    if not form.is_valid():
        return form
    cause = tree.causes[int(form.cleaned_data.pop("cause"))]
    try:
        closed = close_recovery(recovery=recovery, by=request.user, cause=cause, **form.cleaned_data)
    except ValidationError as error:
        form.refuse(error)
        return form
    if not closed:
        said = _("That was closed already.")
    elif form.cleaned_data["state"] == RecoveryState.MENDED:
        said = _("Mended. Thank you for staying with it.")
    else:
        said = _("Noted: it could not be mended.")
    return Done(said, ("speak", "matter", "timeline"), focus="matter-title")


@action("tiers.add_override")
def set_override(request: DeskRequest, customer: Customer) -> Outcome:
    tiers = {tier.slug: tier for tier in Tier.objects.order_by("-rank")}
    form = forms.OverrideForm(request.POST, tiers=[(tier.slug, tier.name) for tier in tiers.values()])
    if not form.is_valid():
        return form
    tier = tiers[form.cleaned_data.pop("tier")]
    try:
        overrides.set_override(customer=customer, tier=tier, owner=request.user, **form.cleaned_data)
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            # There is one already, perhaps from a moment ago: the page shows it.
            return Done(" ".join(error.messages), ("tier",), focus="standing")
        form.refuse(error)
        return form
    return Done(_("Decided. It holds from now on."), ("tier", "timeline"), focus="standing")


@action("tiers.change_override")
def end_override(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    override = get_object_or_404(Override, pk=pk, customer=customer)
    ended = overrides.end_override(override=override, by=request.user)
    said = _("Ended. From now on the numbers decide again.") if ended else _("That had ended already.")
    return Done(said, ("tier", "timeline"), focus="standing")
