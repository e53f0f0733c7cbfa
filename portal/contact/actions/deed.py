"""How a press on the contact view becomes a deed, and the deed an answer."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from customers.models import Customer, Interaction, TouchPoint
from customers.selectors.merged import moved_to
from portal.contact.actions.once import OtherWords, Outcome, once
from portal.contact.page import Done, answer
from portal.desk.access import DeskRequest, View, press_required
from portal.forms import HouseForm, Places

Deed = Callable[..., Outcome]


def action(permission: str) -> Callable[[Deed], View]:
    """Make a view of a deed: POST only, for those with the permission, on a customer that they may see."""

    def decorate(deed: Deed) -> View:
        @press_required
        @wraps(deed)
        def view(request: HttpRequest, public_id: UUID, **ids: int) -> HttpResponse:
            assert isinstance(request, HttpRequest)  # noqa: S101 - narrows for the checker
            asked: Any = request
            if not asked.user.has_perm(permission):
                raise PermissionDenied
            # Whoever has the page of somebody open who was merged meanwhile loses nothing that they typed.
            found = Customer.objects.visible_to(asked.user).filter(public_id=public_id).first()
            customer = found or moved_to(user=asked.user, public_id=public_id)
            if customer is None:
                raise Http404
            try:
                outcome = once(asked, partial(deed, asked, customer, **ids))
            except (IntegrityError, Http404):
                # Merged at this very moment: what was pressed is theirs by now, or known of them already.
                who = moved_to(user=asked.user, public_id=public_id)
                if who is None or who == customer:
                    raise
                customer = who
                outcome = once(asked, partial(deed, asked, customer, **ids))
            if isinstance(outcome, OtherWords):
                return _refuse(asked, outcome.sentence)
            return answer(asked, customer.public_id, outcome)

        return view

    return decorate


def _refuse(request: DeskRequest, sentence: str) -> HttpResponse:
    """Say that these are other words than those that were saved; the form stays, with a key for another press."""
    if not request.htmx:
        return render(request, "400.html", {"sentence": sentence}, status=409)
    return HttpResponse(sentence, status=409, content_type="text/plain; charset=utf-8", headers={"Press-Key": uuid4()})


def overtaken(request: DeskRequest, form: HouseForm, sentence: str, words: str, done: Done) -> Outcome:
    """Say that a colleague was faster, and what they wrote; what was written here is not lost.

    With script the form stays, with its words. Without, its place on the page is gone: they stand beside the sentence.
    """
    if request.htmx:
        form.add_error(None, sentence)
        return form
    return replace(done, said=with_words(sentence, words), is_saved=False)


def with_words(sentence: str, words: str) -> str:
    """Say a sentence, with the words that went nowhere: the page that follows has an empty form, or none."""
    if not words.strip():
        return sentence
    return _("%(sentence)s You had written: “%(words)s”") % {"sentence": sentence, "words": words}


def places() -> Places:
    return list(TouchPoint.objects.filter(is_active=True).order_by("name").values_list("slug", "name"))


def open_talk(request: DeskRequest, customer: Customer) -> Interaction | None:
    """The contact that this is part of, where there is one."""
    return Interaction.objects.open().filter(customer=customer, agent=request.user).first()
