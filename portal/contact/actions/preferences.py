"""Noting what they like, hearing that it is still so, and letting it go."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from customers.enums import ConsentPurpose
from customers.models import Customer, Preference
from customers.sensitive import BELIEF, HEALTH, looks_like
from customers.services import preferences
from customers.services.consents import note_consent
from portal.contact.actions.deed import Outcome, action, open_talk
from portal.contact.page import Done
from portal.contact.parts.preferences import NoteForm
from portal.desk.access import DeskRequest, press_required


@action("customers.add_preference")
def note_preference(request: DeskRequest, customer: Customer) -> Outcome:
    form = NoteForm(request.POST)
    if not form.is_valid():
        return form
    said = dict(form.cleaned_data)
    has_agreed = said.pop("has_agreed") and bool(said["category"]) and request.user.has_perm("customers.add_consent")
    try:
        with transaction.atomic():
            if has_agreed:
                _agree(customer, is_given=True)
            noted, is_new = preferences.note_preference(
                customer=customer, noted_by=request.user, interaction=open_talk(request, customer), **said
            )
    except ValidationError as error:
        form.refuse(error)
        return form
    # Whoever may not see that it is noted does not learn it by noting it again.
    is_hidden = (noted.is_private and not request.user.has_perm("customers.view_private")) or (
        noted.category and not request.user.has_perm("customers.view_special")
    )
    words = _("Noted. We will remember.") if is_new or is_hidden else _("We know that already.")
    if is_new and not said["category"] and (question := ask_about(said["text"])):
        words = f"{words} {question}"
    return Done(words, ("preferences", *(("speak",) if has_agreed else ())), form="note", focus="form-note-summary")


def ask_about(text: str) -> str:
    """Ask whether a text is about health or belief; nothing where it does not look like it."""
    asked = {
        HEALTH: _("Is this about health? Then mark it as sensitive."),
        BELIEF: _("Is this about belief? Then mark it as sensitive."),
    }
    return asked.get(looks_like(text), "")


@press_required
def hint_at_category(request: DeskRequest) -> HttpResponse:
    """While somebody writes: the question, if there is one. Nothing is kept of what they write."""
    return render(request, "contact/_hint.html", {"question": ask_about(request.POST.get("text", "")[:300])})


def _agree(customer: Customer, *, is_given: bool) -> bool:
    source = _("Said so to a colleague")
    return note_consent(customer=customer, purpose=ConsentPurpose.SPECIAL, is_given=is_given, source=source) is not None


@action("customers.change_preference")
def confirm_preference(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    preference = _visible(request, customer, pk)
    confirmed = preferences.confirm_preference(preference=preference, by=request.user)
    said = _("“%(text)s” is still so.") if confirmed else _("“%(text)s”: we know.")
    if not confirmed and preference.retired_at:
        said = _("“%(text)s” was let go meanwhile. Note it anew if it is so after all.")
    return Done(said % {"text": preference.text}, ("preferences",), focus=f"preference-{pk}")


@action("customers.change_preference")
def retire_preference(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    preference = _visible(request, customer, pk)
    try:
        retired = preferences.retire_preference(preference=preference, by=request.user, seen=_seen(request))
    except ValidationError as error:
        return Done(" ".join(error.messages), ("preferences",), focus=f"preference-{pk}")
    said = _("“%(text)s” is no longer shown.") if retired else _("“%(text)s” was let go already.")
    return Done(said % {"text": preference.text}, ("preferences",), focus="preferences-title")


def _seen(request: DeskRequest) -> datetime | None:
    """When the preference was last confirmed, as far as the page knew; nothing where nobody had confirmed it."""
    try:
        return parse_datetime(request.POST.get("seen", ""))
    except ValueError:
        return None


@action("customers.add_consent")
def withdraw_consent(request: DeskRequest, customer: Customer) -> Outcome:
    withdrawn = _agree(customer, is_given=False)
    said = _("We keep nothing sensitive about them any more.") if withdrawn else _("They had said so already.")
    return Done(said, ("speak", "preferences"), focus="preferences-title")


def _visible(request: DeskRequest, customer: Customer, pk: int) -> Preference:
    """One that this colleague may see."""
    private, special = (request.user.has_perm(f"customers.view_{name}") for name in ("private", "special"))
    return get_object_or_404(Preference.objects.visible(private=private, special=special), pk=pk, customer=customer)
