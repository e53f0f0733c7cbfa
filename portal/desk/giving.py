"""What a lead is asked for, answered on their own desk."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from feedback.enums import RequestState
from feedback.models import GestureRequest
from feedback.services.giving import LONGEST_WORDS
from feedback.services.giving_requests import decline_request, grant_request
from portal.contact.actions.deed import with_words
from portal.desk.access import DeskRequest, bad_request, press_required

_ANSWERS = ("yes", "no")


@press_required
def answer_request(request: DeskRequest, pk: int) -> HttpResponse:
    """Grant or decline; whoever comes second is told what the answer was, and keeps their own words."""
    if not request.user.has_perm("feedback.change_gesturerequest"):
        raise PermissionDenied
    asked = get_object_or_404(GestureRequest.objects.answerable_by(request.user), pk=pk)
    answer = request.POST.get("answer", "")
    if answer not in _ANSWERS:
        return bad_request(request, _("Say yes or no, please."))
    words = request.POST.get("words", "").replace("\0", "")[:LONGEST_WORDS]
    answered: dict[str, Any] = {"request": asked, "by": request.user, "words": words}
    try:
        done = grant_request(**answered) if answer == "yes" else decline_request(**answered)
    except ValidationError as error:
        messages.error(request, with_words(" ".join(error.messages), words))
        return redirect("desk")
    if not done:
        messages.info(request, _answered_already(asked, words))
    elif answer == "yes":
        messages.success(request, _("Given. %(agent)s sees it now.") % {"agent": asked.agent.display_name})
    else:
        messages.success(request, _("Declined. %(agent)s sees it now.") % {"agent": asked.agent.display_name})
    return redirect("desk")


def _answered_already(asked: GestureRequest, words: str) -> str:
    """Say what became of it, and give back words that nobody will read."""
    asked.refresh_from_db(fields=["state", "answer", "answered_by"])
    if asked.was_asked_twice:
        return with_words(_(asked.answer), words)
    said = {
        RequestState.GRANTED: _("That was answered already: %(by)s said yes."),
        RequestState.DECLINED: _("That was answered already: %(by)s said no."),
        RequestState.WITHDRAWN: _("%(by)s has withdrawn it meanwhile."),
        RequestState.LAPSED: _("Nobody answered in time."),
    }[RequestState(asked.state)] % {"by": asked.answered_by and asked.answered_by.display_name}
    said = f"{said} “{asked.answer}”" if asked.answer else said
    # The same press twice has lost nothing.
    return said if " ".join(words.split()) == asked.answer else with_words(said, words)
