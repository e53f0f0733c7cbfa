"""The question, the press that answers it, and the customer's own words."""

from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from feedback.emails import about, language_of, lead_question
from feedback.enums import Enjoyed, LinkPurpose
from feedback.forms import AnswerForm, CommentForm
from feedback.models import Link
from feedback.public.pages import gone, public_page, render_page, visitor_of
from feedback.selectors.answers import standing_answer
from feedback.selectors.links import find_link
from feedback.services.answers import Pressed, add_comment, record_answer
from feedback.services.visits import note_visit


@public_page
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show the question, and record the answer that is pressed. GET and HEAD record nothing but that they came."""
    link = find_link(token=token, purpose=LinkPurpose.ANSWER)
    if link is None:
        return gone()
    with translation.override(language_of(link.invitation.customer.language)):
        if request.method == "POST":
            return _take(request, link, token)
        hint = request.GET.get("a", "")
        note_visit(link=link, method=str(request.method), hint=hint, fingerprint=visitor_of(request, link))
        return _answer_page(link, chosen=hint, then=request.GET.get("then", ""))


def _take(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    """Take what was posted: an answer, or a comment to the one that stands."""
    posted = _posted(request)
    if posted is None:
        note_visit(link=link, method="POST", fingerprint=visitor_of(request, link))
        return _answer_page(link, error=_("We could not read that. Please try once more."), status=400)
    if "comment" in posted:
        return _take_comment(request, link, token, posted)
    form = AnswerForm(posted)
    if not form.is_valid():
        note_visit(link=link, method="POST", fingerprint=visitor_of(request, link))
        chosen = posted.get("enjoyed", "")
        return _answer_page(link, chosen=chosen, error=_first_error(form.errors), status=422)
    enjoyed = form.cleaned_data["enjoyed"]
    pressed = record_answer(link=link, enjoyed=enjoyed, fingerprint=visitor_of(request, link))[1]
    return _see_other(
        token,
        {
            Pressed.COUNTED: "?then=thanks",
            Pressed.CHANGED: "?then=thanks",
            Pressed.DOUBTFUL: f"?a={enjoyed}&then=again",
        }.get(pressed, ""),
    )


def _take_comment(request: HttpRequest, link: Link, token: str, posted: QueryDict) -> HttpResponse:
    note_visit(link=link, method="POST", fingerprint=visitor_of(request, link))
    form = CommentForm(posted)
    if not form.is_valid():
        return _answer_page(link, words=str(posted["comment"]), error=_first_error(form.errors), status=422)
    try:
        add_comment(invitation=link.invitation, comment=form.cleaned_data["comment"])
    except ValidationError as refusal:
        return _answer_page(link, words=str(posted["comment"]), error=refusal.messages[0], status=422)
    return _see_other(token, "?then=words")


def _answer_page(
    link: Link, *, chosen: str = "", then: str = "", words: str | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    """Render the question, or, once there is an answer, what was answered."""
    invitation = link.invitation
    told = standing_answer(invitation=invitation)
    standing = told.answer if told else None
    customer, interaction = invitation.customer, invitation.interaction
    context = {
        "about": about(channel=interaction.channel, at=interaction.opened_at, time_zone=customer.time_zone),
        "question": lead_question(),
        "answers": Enjoyed.choices,
        "chosen": chosen or (standing.enjoyed if standing else ""),
        "is_other": bool(standing and chosen in Enjoyed.values and chosen != standing.enjoyed),
        "standing": standing,
        "can_change": bool(told and told.can_change),
        "words": standing.comment if standing and words is None else words,
        "then": then,
        "error": error,
    }
    return render_page("feedback/told.html" if standing else "feedback/ask.html", context, status)


def _see_other(token: str, query: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": reverse("feedback:answer", args=[token]) + query})


def _posted(request: HttpRequest) -> QueryDict | None:
    """Return the form that was sent, or None where it cannot be read."""
    try:
        return request.POST
    except (BadRequest, SuspiciousOperation, MultiPartParserError):
        return None


def _first_error(errors: Any) -> str:
    return str(next(iter(errors.values()))[0])
