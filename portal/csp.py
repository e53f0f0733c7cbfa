"""The content security policy: the wider one of the admin's own pages, and no work for pages that bring their own."""

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class SitePolicy(CSPMiddleware):
    """django-csp's middleware, spared where a page has a policy already: it puts one together and throws it away."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if HEADER in response and not getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None):
            return response
        return super().process_response(request, response)


class AdminPolicy:
    """Middleware that widens the policy below `/admin/`; it stands inside django-csp's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_replace = settings.ADMIN_CSP  # type: ignore[attr-defined]
        return response
