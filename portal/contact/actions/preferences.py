"""Noting what they like, and letting it go."""

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from customers.models import Customer, Preference
from customers.services import preferences
from portal.contact.actions.deed import Outcome, action, open_talk
from portal.contact.page import Done
from portal.contact.parts.preferences import NoteForm
from portal.desk.access import DeskRequest


@action("customers.add_preference")
def note_preference(request: DeskRequest, customer: Customer) -> Outcome:
    form = NoteForm(request.POST)
    if not form.is_valid():
        return form
    try:
        _preference, is_new = preferences.note_preference(
            customer=customer,
            noted_by=request.user,
            interaction=open_talk(request, customer),
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
