"""The question, the press that answers it, and the customer's own words."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from customers.models import Customer, Interaction
from feedback.emails import about, lead_question, served_by
from feedback.enums import ANSWERS, Enjoyed, LinkPurpose
from feedback.forms import BLANK, AnswerForm, MoreForm
from feedback.models import Link, Question, Survey
from feedback.public.pages import form_sent, gone, language_for, public_page, query_of, render_page, visitor_of
from feedback.public.telling import FollowUp, follow_ups, thanks_of
from feedback.selectors.answers import Told, standing_answer
from feedback.selectors.evidence import Evidence, find_pressed
from feedback.selectors.links import find_link
from feedback.selectors.surveys import questions_after, replies_to, survey_of
from feedback.services.answers import Pressed, reconsider, record_answer
from feedback.services.replies import tell_more
from feedback.services.visits import note_visit


@public_page
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show the question, and record the answer that is pressed. GET and HEAD record nothing but that they came."""
    if request.method == "POST":
        pressed = find_pressed(token=token)
        if pressed is None:
            return gone()
        return _take(request, pressed[0], token, pressed[1])
    link = find_link(token=token, purpose=LinkPurpose.ANSWER)
    if link is None:
        return gone()
    with translation.override(language_for(request, link)):
        hint, then = request.GET.get("a", ""), request.GET.get("then", "")
        note_visit(
            link=link,
            method=str(request.method),
            hint=hint,
            fingerprint=visitor_of(request, link),
            is_again=then == "again" and not hint,
        )
        if hint:
            reconsider(link=link)
        return _answer_page(request, link, chosen=hint, then=then)


def _take(request: HttpRequest, link: Link, token: str, evidence: Evidence) -> HttpResponse:
    """Take what was posted: an answer, or else words, or what is none of both."""
    posted = form_sent(request)
    enjoyed = posted.get("enjoyed", "") if posted else ""
    if enjoyed not in ANSWERS or not posted or not posted.get("confirm") or "comment" in posted:
        whole = find_link(token=token, purpose=LinkPurpose.ANSWER)
        if whole is None:
            return gone()
        with translation.override(language_for(request, whole)):
            return _take_other(request, whole, posted)
    pressed = record_answer(link=link, enjoyed=enjoyed, fingerprint=visitor_of(request, link), evidence=evidence)[1]
    more = {
        Pressed.COUNTED: "thanks",
        Pressed.CHANGED: "thanks",
        # With no answer chosen: a person chooses once more, a program only presses (feedback.evidence).
        Pressed.DOUBTFUL: "again",
        Pressed.CONFLICTING: "noted",
    }.get(pressed, "")
    return _see_other(request, query_of(request, then=more))


def _take_other(request: HttpRequest, link: Link, posted: QueryDict | None) -> HttpResponse:
    """Take what follows the answer that stands, or say what is missing."""
    if posted is not None and "comment" in posted:
        return _take_more(request, link, posted)
    note_visit(link=link, method="POST", fingerprint=visitor_of(request, link))
    if posted is None:
        return _answer_page(request, link, error=_("We could not read that. Please try once more."), status=400)
    chosen = posted.get("enjoyed", "")
    return _answer_page(request, link, chosen=chosen, error=_first_error(AnswerForm(posted).errors), status=422)


def _take_more(request: HttpRequest, link: Link, posted: QueryDict) -> HttpResponse:
    """Take what follows the answer: replies to the follow-ups, and words."""
    note_visit(link=link, method="POST", fingerprint=visitor_of(request, link))
    told = standing_answer(invitation=link.invitation)
    form = MoreForm(posted, questions=_questions(link, survey_of(link.invitation), told))
    if not form.is_valid():
        return _answer_page(request, link, posted=posted, error=_first_error(form.errors), status=422)
    try:
        tell_more(
            invitation=link.invitation,
            comment=form.words,
            given=form.given,
            language=language_for(request, link),
        )
    except ValidationError as refusal:
        return _answer_page(request, link, posted=posted, error=refusal.messages[0], status=422)
    return _see_other(request, query_of(request, then="words"))


def _answer_page(
    request: HttpRequest,
    link: Link,
    *,
    chosen: str = "",
    then: str = "",
    posted: QueryDict | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the question, or, once there is an answer, what was answered and what may follow."""
    invitation = link.invitation
    told = standing_answer(invitation=invitation)
    survey = survey_of(invitation)
    chosen = chosen if chosen in ANSWERS else ""
    context = lead_context(invitation.customer, invitation.interaction, survey) | {
        "error": error,
        "then": then,
        "action": query_of(request) or "?",
        "keep": {"a": chosen, "then": then},
    }
    if told is None:
        return render_page("feedback/ask.html", context | {"chosen": chosen}, status)
    questions = _questions(link, survey, told)
    replies = replies_to(told.answer) if questions else {}
    context |= told_context(told, survey, follow_ups(questions, replies, posted), chosen)
    if posted is not None:
        context |= {"words": str(posted.get("comment", "")), "was_blank": "comment" in posted.getlist(BLANK)}
    return render_page("feedback/told.html", context, status)


def lead_context(customer: Customer, interaction: Interaction, survey: Survey | None) -> dict[str, Any]:
    """What the page says about the contact, and the one question about it."""
    agent = interaction.agent.display_name if survey and survey.names_agent and interaction.agent else ""
    return {
        "about": about(channel=interaction.channel, at=interaction.opened_at, time_zone=customer.time_zone),
        "served_by": served_by(agent),
        "question": lead_question(),
        "answers": Enjoyed.choices,
    }


def told_context(told: Told, survey: Survey | None, asked: list[FollowUp], chosen: str) -> dict[str, Any]:
    """What the page says once there is an answer."""
    standing = told.answer
    return {
        "standing": standing,
        "thanks": thanks_of(survey, standing.enjoyed),
        "follow_ups": asked,
        "can_change": told.can_change,
        "chosen": chosen or standing.enjoyed,
        "is_other": bool(chosen and chosen != standing.enjoyed),
        "words": standing.comment,
        "was_blank": not standing.comment,
    }


def _questions(link: Link, survey: Survey | None, told: Told | None) -> list[Question]:
    if survey is None or told is None:
        return []
    touch_point_id = link.invitation.interaction.touch_point_id
    return questions_after(survey=survey, enjoyed=told.answer.enjoyed, touch_point_id=touch_point_id)


def _see_other(request: HttpRequest, query: str) -> HttpResponse:
    """Lead back to the page that was pressed, by GET: it is the one that these forms are sent to."""
    return HttpResponse(status=303, headers={"Location": request.path + query})


def _first_error(errors: Any) -> str:
    return str(next(iter(errors.values()))[0])
