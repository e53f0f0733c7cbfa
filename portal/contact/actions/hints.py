"""Saying what became of a hint: used, not relevant, wrong, or none of these after all."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from customers.models import Customer
from portal.contact.actions.deed import Outcome, action, open_talk
from portal.contact.page import Done
from portal.desk.access import DeskRequest
from portal.hints.pressing import press_hint
from portal.models import HintOutcome, HintShown


@action("portal.add_hintpress")
def press(request: DeskRequest, customer: Customer, key: str) -> Outcome:
    outcome = request.POST.get("outcome", "")
    if outcome not in HintOutcome.values or "\0" in key:
        raise Http404
    talk = open_talk(request, customer)
    if talk is None:
        return Done(_("Open a contact first: what became of a hint is kept with it."), ("hints",), focus="hints-title")
    shown = get_object_or_404(HintShown, interaction=talk, key=key)
    is_new = press_hint(shown=shown, outcome=outcome, by=request.user)
    said = {
        HintOutcome.USED: _("Noted: you made use of it."),
        HintOutcome.NOT_RELEVANT: _("Noted: not relevant this time."),
        HintOutcome.WRONG: _("Noted: wrong. It will not be shown for them again."),
        HintOutcome.TAKEN_BACK: _("Taken back."),
    }[HintOutcome(outcome)]
    return Done(said if is_new else _("That is noted already."), ("hints", "tier"), focus="hints-title")
