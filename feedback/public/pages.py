"""What the pages behind links have in common: methods, headers, language, and the page for a link that is none."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi
from django.views.decorators.csrf import csrf_exempt

from feedback.evidence import fingerprint_of
from feedback.models import Link

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


def gone() -> HttpResponse:
    """The one page for every link that opens nothing, whatever the reason."""
    return render_page("feedback/gone.html", {}, 404)


def render_page(template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
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


def visitor_of(request: HttpRequest, link: Link) -> str:
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
