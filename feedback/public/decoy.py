"""The link that no person sees. To whoever opens it, it is like any link that opens nothing."""

from django.http import HttpRequest, HttpResponse

from feedback.enums import LinkPurpose
from feedback.public.pages import gone, public_page, visitor_of
from feedback.selectors.links import find_link
from feedback.services.answers import reconsider
from feedback.services.visits import note_visit


@public_page
def decoy(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the visit, and show the page of a link that opens nothing."""
    link = find_link(token=token, purpose=LinkPurpose.DECOY)
    if link is not None:
        note_visit(link=link, method=str(request.method), fingerprint=visitor_of(request, link))
        reconsider(link=link)
    return gone()
