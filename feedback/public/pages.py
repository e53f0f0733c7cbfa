"""What the pages behind links have in common: methods, headers, language, and the page for a link that is none."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi, get_language_info
from django.views.decorators.csrf import csrf_exempt

from feedback.emails import language_of
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


def form_sent(request: HttpRequest) -> QueryDict | None:
    """Return the form that was sent, or None where it cannot be read, in whatever encoding it says it is.

    Nor where it holds halves of pairs, which some encodings let through and no database takes.
    """
    try:
        "".join(map(str, request.POST.values())).encode()
        return request.POST
    except (BadRequest, SuspiciousOperation, MultiPartParserError, LookupError, UnicodeError):
        return None


def public_page(view: View) -> View:
    """Give a view what these pages have in common: methods, headers, and a policy that lets in nothing but our CSS."""

    @csrf_exempt
    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token) if request.method in _METHODS else HttpResponseNotAllowed(_METHODS)
        for name, value in _HEADERS.items():
            response[name] = value
        # The site's policy would be put together and thrown away.
        response._csp_exempt = True  # type: ignore[attr-defined]
        return response

    return page


def language_chosen(request: HttpRequest) -> str:
    """Return the language that the visitor switched to, or nothing. It travels in the address: there is no cookie."""
    wanted = request.GET.get("lang", "")
    return wanted if wanted in dict(settings.LANGUAGES) else ""


def language_for(request: HttpRequest, link: Link) -> str:
    """Return the language of a page: the one switched to, else the customer's own."""
    return language_chosen(request) or language_of(link.invitation.customer.language)


def query_of(request: HttpRequest, **more: str) -> str:
    """Return the query that keeps the language, with more in front of it where it says something."""
    parts = {name: value for name, value in (*more.items(), ("lang", language_chosen(request))) if value}
    return f"?{urlencode(parts)}" if parts else ""


def gone() -> HttpResponse:
    """The one page for every link that opens nothing, whatever the reason."""
    return render_page("feedback/gone.html", {}, 404)


def render_page(template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render without the request, so that nothing here can reach for a session or a cookie.

    `keep` in the context is what the links to other languages keep of the query.
    """
    language = get_language() or settings.LANGUAGE_CODE
    everywhere = {
        "language": language,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "site_name": settings.SITE_NAME,
        "languages": _languages(context.get("keep", {})),
    }
    response = HttpResponse(render_to_string(template, everywhere | context), status=status)
    response["Content-Language"] = language
    return response


def _languages(keep: dict[str, str]) -> list[dict[str, str]]:
    """Return the languages by their own names, each with the link that shows this page in it."""
    kept = {name: value for name, value in keep.items() if value}
    return [
        {
            "code": code,
            "name": get_language_info(code)["name_local"].capitalize(),
            "direction": direction_of(code),
            "query": "?" + urlencode({**kept, "lang": code}),
        }
        for code, _name in settings.LANGUAGES
    ]


def direction_of(language: str) -> str:
    """Return which way a language is written, as HTML says it."""
    return "rtl" if get_language_info(language)["bidi"] else "ltr"


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
