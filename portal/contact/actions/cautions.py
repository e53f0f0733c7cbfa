"""Noting what is better not said, and letting it go."""

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from customers.models import Caution, Customer
from customers.services import cautions
from portal.contact.actions.deed import Outcome, action, open_talk
from portal.contact.page import Done
from portal.contact.parts.cautions import CautionForm
from portal.desk.access import DeskRequest


@action("customers.add_caution")
def note_caution(request: DeskRequest, customer: Customer) -> Outcome:
    form = CautionForm(request.POST)
    if not form.is_valid():
        return form
    try:
        _caution, is_new = cautions.note_caution(
            customer=customer, noted_by=request.user, interaction=open_talk(request, customer), **form.cleaned_data
        )
    except ValidationError as error:
        form.refuse(error)
        return form
    said = _("Noted. Nobody will say it.") if is_new else _("That is noted already.")
    return Done(said, ("speak",), form="caution", focus="form-caution-summary")


@action("customers.change_caution")
def retire_caution(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    caution = get_object_or_404(Caution, pk=pk, customer=customer)
    if caution.is_private and not request.user.has_perm("customers.view_private"):
        raise Http404
    retired = cautions.retire_caution(caution=caution, by=request.user)
    said = _("That may be said again.") if retired else _("That was let go already.")
    return Done(said, ("speak",), focus="speak-title")
