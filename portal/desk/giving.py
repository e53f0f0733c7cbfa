"""What a lead is asked for, answered on their own desk."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from feedback.models import GestureRequest
from feedback.services.giving import LONGEST_WORDS
from feedback.services.giving_requests import decline_request, grant_request
from portal.desk.access import DeskRequest, bad_request, desk_required

_ANSWERS = ("yes", "no")


@require_POST
@desk_required
def answer_request(request: DeskRequest, pk: int) -> HttpResponse:
    """Grant or decline; whoever comes second is told that it is answered."""
    if not request.user.has_perm("feedback.change_gesturerequest"):
        raise PermissionDenied
    asked = get_object_or_404(GestureRequest.objects.answerable_by(request.user), pk=pk)
    answer = request.POST.get("answer", "")
    if answer not in _ANSWERS:
        return bad_request(request, _("Say yes or no, please."))
    answered: dict[str, Any] = {
        "request": asked,
        "by": request.user,
        "words": request.POST.get("words", "").replace("\0", "")[:LONGEST_WORDS],
    }
    try:
        done = grant_request(**answered) if answer == "yes" else decline_request(**answered)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("desk")
    if not done:
        messages.info(request, _("That was answered already."))
    elif answer == "yes":
        messages.success(request, _("Given. %(agent)s sees it now.") % {"agent": asked.agent.display_name})
    else:
        messages.success(request, _("Declined. %(agent)s sees it now.") % {"agent": asked.agent.display_name})
    return redirect("desk")
