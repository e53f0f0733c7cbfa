"""The house's pages, and among them the yardstick: a page with session, user and one indexed query."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import include, path

from customers.models import Customer


def with_own_session(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Have a view read the session as Django does, not as the house does (portal.sessions).

    Who signed in by Django's own backend (desk_settings) is read as Django does, too.
    """

    @wraps(view)
    def read(request: HttpRequest, **ids: Any) -> HttpResponse:
        request.session = SessionStore(request.session.session_key)
        return view(request, **ids)

    return read


@login_required
def plain_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever is signed in sees a name."""
    customer = get_object_or_404(Customer.objects.only("full_name"), pk=pk)
    return render(request, "bench/bare.html", {"customer": customer})


bare_page = with_own_session(plain_page)

urlpatterns = [
    path("bare/<int:pk>/", bare_page),
    path("plain/<int:pk>/", plain_page),
    path("", include("portal.urls")),
]
