"""The question some days after something was mended: did we put it right?"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from feedback.amends import put_right_question
from feedback.emails import about
from feedback.enums import LinkPurpose, YesNo
from feedback.forms import PutRightForm
from feedback.models import Link
from feedback.public.pages import form_sent, gone, language_for, public_page, query_of, render_page, visitor_of
from feedback.selectors.links import find_link
from feedback.services.answers import Pressed
from feedback.services.put_right import put_right_of, record_put_right
from feedback.services.visits import note_visit


@public_page
def mended(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, and record what is pressed. GET and HEAD record nothing but that they came."""
    link = find_link(token=token, purpose=LinkPurpose.MENDED)
    if link is None:
        return gone()
    with translation.override(language_for(request, link)):
        if request.method == "POST":
            return _take(request, link, token)
        hint, then = request.GET.get("a", ""), request.GET.get("then", "")
        note_visit(
            link=link,
            method=str(request.method),
            hint=hint,
            fingerprint=visitor_of(request, link),
            is_again=then == "again" and not hint,
        )
        return _page(request, link, chosen=hint, then=then)


def _take(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    visitor = visitor_of(request, link)
    posted: Any = form_sent(request)
    if posted is None:
        note_visit(link=link, method="POST", fingerprint=visitor)
        return _page(request, link, error=_("We could not read that. Please try once more."), status=400)
    form = PutRightForm(posted)
    if not form.is_valid():
        note_visit(link=link, method="POST", fingerprint=visitor)
        error = str(next(iter(form.errors.values()))[0])
        return _page(
            request, link, chosen=posted.get("said", ""), words=posted.get("words", ""), error=error, status=422
        )
    said, words = form.cleaned_data["said"], form.cleaned_data["words"]
    asked, pressed = record_put_right(link=link, said=said, words=words, fingerprint=visitor)
    if asked is None:
        return gone()
    if pressed is Pressed.DOUBTFUL:
        # Not by a redirect: the words would be lost.
        return _page(request, link, words=words, then="again")
    query = query_of(request, then="thanks" if pressed is Pressed.COUNTED else "")
    return HttpResponse(status=303, headers={"Location": reverse("feedback:mended", args=[token]) + query})


def _page(
    request: HttpRequest,
    link: Link,
    *,
    chosen: str = "",
    words: str = "",
    then: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    asked = put_right_of(link)
    if asked is None:
        return gone()
    invitation = link.invitation
    context = {
        "about": about(
            channel=invitation.interaction.channel,
            at=invitation.interaction.opened_at,
            time_zone=invitation.customer.time_zone,
        ),
        "question": put_right_question(),
        "answers": YesNo.choices,
        "chosen": chosen,
        "words": words,
        "asked": asked,
        "then": then,
        "error": error,
        "action": query_of(request) or "?",
        "keep": {"a": chosen if chosen in YesNo.values else "", "then": then},
    }
    return render_page("feedback/put_right.html", context, status)
