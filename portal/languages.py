"""Which language a page is in: customers get their own, colleagues the house's.

Django, the admin and the sign-in carry catalogues of their own, and ours says only what customers read. By the
browser's wish a colleague would get a page that is half in one language and half in another.
"""

from collections.abc import Callable

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

View = Callable[[HttpRequest], HttpResponse]
# Customers' pages. What follows the first is in the language that the link's owner, or the visitor, chose.
CUSTOMERS = ("/feedback/", "/video/")


class Languages:
    """In place of Django's LocaleMiddleware: sets the language by the address, and by the browser for customers."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_customers = request.path_info.startswith(CUSTOMERS)
        language = _wanted(request) if is_customers else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        if is_customers:
            patch_vary_headers(response, ("Accept-Language",))
        return response


def language_name(code: str) -> str:
    """“French” for fr; the code itself where Django does not know it."""
    known = code if code in LANG_INFO else code.split("-")[0]
    return str(translation.get_language_info(known)["name_translated"]) if known in LANG_INFO else code


def _wanted(request: HttpRequest) -> str:
    """Return the language of the switch on the page, else the browser's, else most customers'. No cookie is asked."""
    chosen = request.GET.get("lang", "")
    if chosen in dict(settings.LANGUAGES):
        return chosen
    for code, _quality in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.CUSTOMER_LANGUAGE
