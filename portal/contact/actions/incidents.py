"""Writing down what went wrong, and that it was put right."""

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from customers.models import Customer, Incident, TakenBackIncident, TouchPoint
from customers.services import incidents
from portal.contact.actions.deed import Outcome, action, open_talk, overtaken, places
from portal.contact.page import Done
from portal.contact.parts.incidents import IncidentForm, ResolveForm
from portal.contact.pins import unpin_row
from portal.desk.access import DeskRequest
from portal.models import Pin

_CHANGED = ("speak", "timeline")


@action("customers.add_incident")
def record_incident(request: DeskRequest, customer: Customer) -> Outcome:
    talk = open_talk(request, customer)
    form = IncidentForm(request.POST, places=places(), is_talking=talk is not None)
    if not form.is_valid():
        return form
    chosen = form.cleaned_data.pop("touch_point")
    place = TouchPoint.objects.get(slug=chosen) if chosen or talk is None else talk.touch_point
    try:
        _incident, is_new = incidents.record_incident(
            customer=customer,
            touch_point=place,
            recorded_by=request.user,
            interaction=talk,
            **form.cleaned_data,
        )
    except ValidationError as error:
        form.refuse(error)
        return form
    said = _("Written down, so that it can be put right.") if is_new else _("That is written down already.")
    return Done(said, _CHANGED, form="incident", focus="form-incident-summary")


@action("customers.change_incident")
def resolve_incident(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    """Put it right; with the other button, take it back."""
    if "mistake" in request.POST:
        return _take_back(request, customer, pk)
    incident = get_object_or_404(Incident, pk=pk, customer=customer)
    form = ResolveForm(request.POST, name=f"resolve-{pk}")
    if not form.is_valid():
        return form
    words = " ".join(form.cleaned_data["resolution"].split())
    resolved = incidents.resolve_incident(incident=incident, resolution=words)
    said = _("Put right.") if resolved else _("That was put right already.")
    done = Done(said, _CHANGED, focus="speak-title", is_saved=resolved)
    if resolved or not words:
        return done
    incident.refresh_from_db(fields=["resolution"])
    if words == incident.resolution:
        return done
    form.about = incident
    theirs = _("That was put right already: “%(theirs)s”.") % {"theirs": incident.resolution}
    return overtaken(request, form, theirs if incident.resolution else said, words, done)


def _take_back(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    incident = Incident.objects.filter(pk=pk, customer=customer).first()
    if incident is None:
        get_object_or_404(TakenBackIncident, number=pk, customer=customer)
        return Done(_("That was taken back already."), _CHANGED, focus="speak-title", is_saved=False)
    try:
        taken_back = incidents.take_back_incident(incident=incident, by=request.user)
    except ValidationError as error:
        form = ResolveForm(request.POST, name=f"resolve-{pk}")
        form.refuse(error)
        return form
    unpin_row(kind=Pin.Kind.INCIDENT, row=pk, by=request.user)
    said = _("Taken back. It does not count any more.") if taken_back else _("That was taken back already.")
    return Done(said, _CHANGED, focus="speak-title", is_saved=taken_back)
