"""Letters to look at: samples of every kind in every language, and how a stored one is shown. No link of them lives."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as say

from customers.emails import sample_kinds, without_secrets, write_sample
from customers.services.letters import queue_sample

if TYPE_CHECKING:
    from portal.models import User

_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shown:
    """A letter's text, and its HTML for a frame in which nothing may run and no link opens."""

    text: str
    html: str


def as_shown(*, text: str, html: str) -> Shown:
    """Return a letter as it looks, with dead links in place of live ones."""
    # Links ask for a new window, which a frame with an empty sandbox does not get.
    dead = _HEAD.sub(lambda tag: f'{tag[0]}<base target="_blank">', without_secrets(html), count=1)
    return Shown(without_secrets(text), dead)


class SamplePages:
    """The pages of samples below the list of letters."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        """Add the pages."""
        view = self.admin_site.admin_view
        own = [
            path("samples/", view(self.samples), name="customers_letter_samples"),
            path("samples/<str:kind>/<str:language>/", view(self.sample), name="customers_letter_sample"),
            path("samples/<str:kind>/<str:language>/send/", view(self.send), name="customers_letter_sample_send"),
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def samples(self, request: HttpRequest) -> HttpResponse:
        """List every kind of letter, with a link for each language."""
        self._let_in(request)
        context = {"kinds": sample_kinds(), "title": say("Samples of our letters")}
        return self._page(request, "customers/admin/samples.html", context)

    def sample(self, request: HttpRequest, kind: str, language: str) -> HttpResponse:
        """Show one kind in one language, as HTML and as text."""
        self._let_in(request)
        try:
            sample = write_sample(kind=kind, language=language)
        except LookupError:
            raise Http404 from None
        found = next(one for one in sample_kinds() if one.kind == kind)
        context = {
            "found": found,
            "sample": sample,
            "language": language,
            "languages": found.languages,
            "shown": as_shown(text=sample.text, html=sample.html),
            # One press, one letter.
            "key": uuid4(),
            "title": found.name,
        }
        return self._page(request, "customers/admin/sample.html", context)

    def send(self, request: HttpRequest, kind: str, language: str) -> HttpResponse:
        """Send one kind in one language to the colleague who asks."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self._let_in(request)
        colleague = cast("User", request.user)
        try:
            key = UUID(request.POST.get("key", ""))
            is_new = queue_sample(kind=kind, language=language, colleague=colleague, key=key)
        except (LookupError, ValueError):
            raise Http404 from None
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            told = say("It is on its way to %s.") if is_new else say("It is on its way to %s already.")
            messages.success(request, told % colleague.email)
        return HttpResponseRedirect(reverse("admin:customers_letter_sample", args=[kind, language]))

    def _let_in(self, request: HttpRequest) -> None:
        if not request.user.has_perm("customers.view_letter"):
            raise PermissionDenied

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )
