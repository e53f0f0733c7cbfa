"""The pages that customers open from a letter: no sign-in, no cookie, no script.

The token is the authority. That is why these views are exempt from Django's CSRF check: it guards what a browser
does by itself with a cookie, and here no cookie is read or set; who can forge a press has the token already. It also
lets mail programs stop the letters by RFC 8058, which sends no cookie.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from feedback.emails import about, language_of, lead_question
from feedback.enums import Enjoyed, LinkPurpose
from feedback.evidence import fingerprint_of
from feedback.forms import AnswerForm, CommentForm
from feedback.models import Link
from feedback.selectors.answers import standing_answer
from feedback.selectors.links import find_link
from feedback.services.answers import Pressed, add_comment, record_answer
from feedback.services.stopping import stop_asking
from feedback.services.visits import note_visit

View = Callable[[HttpRequest, str], HttpResponse]
_METHODS = ("GET", "HEAD", "POST")
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    # Narrower than the site's: our own style sheet and our own forms, nothing else.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}


def public_page(view: View) -> View:
    """Give a view what these pages have in common: methods, headers, and a policy that lets in nothing but our CSS."""

    @csrf_exempt
    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token) if request.method in _METHODS else HttpResponseNotAllowed(_METHODS)
        for name, value in _HEADERS.items():
            response[name] = value
        return response

    return page


@public_page
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show the question, and record the answer that is pressed. GET and HEAD record nothing but that they came."""
    link = find_link(token=token, purpose=LinkPurpose.ANSWER)
    if link is None:
        return _gone()
    with translation.override(language_of(link.invitation.customer.language)):
        if request.method == "POST":
            return _take(request, link, token)
        hint = request.GET.get("a", "")
        note_visit(link=link, method=str(request.method), hint=hint, fingerprint=_visitor(request, link))
        return _answer_page(link, chosen=hint, then=request.GET.get("then", ""))


@public_page
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button that stops the letters, and stop them when it is pressed, by a person or by RFC 8058."""
    link = find_link(token=token, purpose=LinkPurpose.STOP)
    if link is None:
        return _gone()
    with translation.override(language_of(link.invitation.customer.language)):
        note_visit(link=link, method=str(request.method), fingerprint=_visitor(request, link))
        if request.method == "POST":
            stop_asking(invitation=link.invitation)
        return _render("feedback/stop.html", {"is_done": request.method == "POST"})


def _take(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    """Take what was posted: an answer, or a comment to the one that stands."""
    posted = _posted(request)
    if posted is None:
        note_visit(link=link, method="POST", fingerprint=_visitor(request, link))
        return _answer_page(link, error=_("We could not read that. Please try once more."), status=400)
    if "comment" in posted:
        return _take_comment(request, link, token, posted)
    form = AnswerForm(posted)
    if not form.is_valid():
        note_visit(link=link, method="POST", fingerprint=_visitor(request, link))
        chosen = posted.get("enjoyed", "")
        return _answer_page(link, chosen=chosen, error=_first_error(form.errors), status=422)
    enjoyed = form.cleaned_data["enjoyed"]
    pressed = record_answer(link=link, enjoyed=enjoyed, fingerprint=_visitor(request, link))[1]
    return _see_other(
        token,
        {
            Pressed.COUNTED: "?then=thanks",
            Pressed.CHANGED: "?then=thanks",
            Pressed.DOUBTFUL: f"?a={enjoyed}&then=again",
        }.get(pressed, ""),
    )


def _take_comment(request: HttpRequest, link: Link, token: str, posted: QueryDict) -> HttpResponse:
    note_visit(link=link, method="POST", fingerprint=_visitor(request, link))
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
    return _render("feedback/told.html" if standing else "feedback/ask.html", context, status)


def _gone() -> HttpResponse:
    """The one page for every link that opens nothing, whatever the reason."""
    return _render("feedback/gone.html", {}, 404)


def _render(template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render without the request, so that nothing here can reach for a session or a cookie."""
    language = get_language() or settings.LANGUAGE_CODE
    everywhere = {
        "language": language,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "site_name": settings.SITE_NAME,
    }
    response = HttpResponse(render_to_string(template, everywhere | context), status=status)
    response["Content-Language"] = language
    return response


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


def _visitor(request: HttpRequest, link: Link) -> str:
    """Return the fingerprint of whoever sends this request. The address itself goes no further."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER:
        # Behind a proxy of ours: the last address is the one that the proxy saw.
        address = request.META.get("HTTP_X_FORWARDED_FOR", address).rpartition(",")[2].strip()
    return fingerprint_of(
        key=settings.SECRET_KEY.encode(),
        agent=request.META.get("HTTP_USER_AGENT", ""),
        address=address,
        invitation_id=link.invitation_id,
    )
