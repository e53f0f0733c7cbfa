"""Opening and closing a contact."""

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from customers.models import Customer, Interaction, TouchPoint
from customers.services import conversations
from portal.contact.actions.deed import Outcome, action, overtaken, places
from portal.contact.page import Done
from portal.contact.parts.talks import CloseForm, OpenForm
from portal.desk.access import DeskRequest
from portal.pops.services import unchoose


@action("customers.add_interaction")
def open_interaction(request: DeskRequest, customer: Customer) -> Outcome:
    form = OpenForm(request.POST, places=places())
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
    return Done(said, ("matter", "perks", "timeline"), focus="close-note", is_saved=is_new)


@action("customers.change_interaction")
def close_interaction(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    talk = get_object_or_404(Interaction, pk=pk, customer=customer, agent=request.user)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return form
    note = form.cleaned_data["note"].strip()
    is_mistaken = "mistake" in request.POST
    closed = conversations.close_interaction(interaction=talk, note=note, is_mistaken=is_mistaken)
    if not closed:
        said = _("The contact was closed already.")
    elif is_mistaken:
        unchoose(interaction=talk)
        said = _("Closed as opened by mistake: it does not count, and nobody is asked about it.")
    else:
        said = _("The contact is closed. Well done.")
    done = Done(said, ("matter", "perks", "timeline"), focus="matter-title", is_saved=closed)
    if closed or note in ("", talk.note):
        return done
    form.about = talk
    theirs = _("The contact was closed already, with the note “%(note)s”.") % {"note": talk.note}
    return overtaken(request, form, theirs if talk.note else said, note, done)


@action("customers.change_interaction")
def take_back(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    """It is closed, and it was not with them."""
    talk = get_object_or_404(Interaction, pk=pk, customer=customer)
    try:
        is_news = conversations.mark_mistaken(interaction=talk, by=request.user)
    except ValidationError as error:
        return Done(" ".join(error.messages), ("timeline",), focus="timeline-title", is_saved=False)
    if is_news:
        unchoose(interaction=talk)
    said = _("Taken back. It does not count any more.") if is_news else _("That was taken back already.")
    return Done(said, ("speak", "timeline"), focus="timeline-title")
