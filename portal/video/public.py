"""The customer's link to a call by video. Looking at it changes nothing; one press opens the call, for one browser."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from customers.tokens import mint
from feedback.emails import language_of
from feedback.public.pages import gone, language_chosen, public_page, query_of, render_page
from portal.video.letter import until
from portal.video.server import address_of, has_server, origin
from tiers.models import VideoRoom
from tiers.selectors.rooms import find_room
from tiers.services.rooms import enter_room

# What a browser is known by when it comes again: a secret of its own, on the path of this link alone.
BROWSER = "video"
_LONGEST = 64


@csrf_exempt
def video(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link, under a policy that lets its one form lead on to the video server."""
    response = _video(request, token)
    policy = response["Content-Security-Policy"]
    response["Content-Security-Policy"] = policy.replace("form-action 'self'", f"form-action 'self' {origin()}".strip())
    return response


@public_page
def _video(request: HttpRequest, token: str) -> HttpResponse:
    browser = request.COOKIES.get(BROWSER, "")
    if not 0 < len(browser) <= _LONGEST:
        browser = mint()
    # Without a server a link leads nowhere, whatever it is: asked for alike, so that it takes as long.
    enters = request.method == "POST" and has_server()
    room = (enter_room if enters else find_room)(token=token, browser=browser)
    if room is None or not has_server():
        return gone()
    if enters:
        return _known_again(HttpResponse(status=303, headers={"Location": _address(room)}), request, room, browser)
    with translation.override(language_chosen(request) or language_of(room.customer.language)):
        return _known_again(_page(request, room), request, room, browser)


def _page(request: HttpRequest, room: VideoRoom) -> HttpResponse:
    context = {
        "agent": room.agent.display_name if room.agent else "",
        "is_back": room.used_at is not None,
        "until": until(room.expires_at, room.customer.time_zone),
        "action": query_of(request) or "?",
    }
    return render_page("video/join.html", context)


def _address(room: VideoRoom) -> str:
    return address_of(room, name=room.customer.address_as, now=room.now)  # type: ignore[attr-defined]


def _known_again(response: HttpResponse, request: HttpRequest, room: VideoRoom, browser: str) -> HttpResponse:
    """Give the browser its secret before it presses: it may never hear the answer to the press that let it in."""
    left = room.expires_at - room.now  # type: ignore[attr-defined]
    response.set_cookie(
        BROWSER,
        browser,
        max_age=max(int(left.total_seconds()), 1),
        path=request.path,
        secure=settings.BEHIND_TLS,
        httponly=True,
        # Not strict: the way back may be the link in the letter.
        samesite="Lax",
    )
    return response
