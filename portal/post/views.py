"""Reports of a provider about letters, signed; and the page behind the links of a sample."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, AnymailConfigurationError) as error:
        raise AnymailWebhookValidationFailure("The report cannot be read") from error


class _Strict:
    """What is signed and still cannot be read is refused; the provider need not try it again."""

    def run_validators(self, request: HttpRequest) -> None:
        with _refusing():
            super().run_validators(request)  # type: ignore[misc]

    def parse_events(self, request: HttpRequest) -> Any:
        with _refusing():
            return super().parse_events(request)  # type: ignore[misc]


class _Mailgun(_Strict, MailgunTrackingWebhookView):
    """Signed with the account's key, and behind the house's own secret."""


class _Postmark(_Strict, PostmarkTrackingWebhookView):
    """Behind the house's own secret."""


_PROVIDERS: dict[str, Any] = {"mailgun": _Mailgun, "postmark": _Postmark}


@never_cache
@csrf_exempt
def report(request: HttpRequest, provider: str) -> HttpResponse:
    """Take the reports of the one provider that the house has; 400 where they are not signed."""
    if provider != settings.LETTER_WEBHOOK:
        raise Http404
    answer: HttpResponse = _PROVIDERS[provider].as_view()(request)
    return answer


@csrf_exempt
def sample(request: HttpRequest) -> HttpResponse:
    """Say that the link came from a sample. A mail program that unsubscribes by POST is told the same."""
    return render(request, "post/sample.html")
