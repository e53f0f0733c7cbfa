"""The link that stops the letters, by a person or by RFC 8058."""

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from feedback.enums import LinkPurpose
from feedback.public.pages import gone, language_for, public_page, query_of, render_page, visitor_of
from feedback.selectors.links import find_link
from feedback.services.stopping import stop_asking
from feedback.services.visits import note_visit


@public_page
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button that stops the letters, and stop them when it is pressed, by a person or by RFC 8058."""
    link = find_link(token=token, purpose=LinkPurpose.STOP)
    if link is None:
        return gone()
    with translation.override(language_for(request, link)):
        note_visit(link=link, method=str(request.method), fingerprint=visitor_of(request, link))
        if request.method == "POST":
            stop_asking(link=link)
        return render_page(
            "feedback/stop.html", {"is_done": request.method == "POST", "action": query_of(request) or "?"}
        )
