"""Who may come to the desk, and what a browser may keep of it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.middleware import get_user
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.views.decorators.http import require_POST
from django_htmx.middleware import HtmxDetails

from customers.models import Customer
from customers.selectors.merged import moved_to
from portal.models import User

View = Callable[..., HttpResponseBase]


class DeskRequest(HttpRequest):
    """A request of somebody who is signed in, as the views here see it."""

    user: User
    htmx: HtmxDetails


def desk_required(view: View) -> View:
    """Let in those who may use the desk; strangers sign in first. Nothing about customers stays in a cache."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Themselves, no longer the promise of them: a page asks them some hundred times.
        request.user = get_user(request)
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        patch_vary_headers(response, ["HX-Request"])
        return response

    allowed: View = permission_required("portal.use_desk", raise_exception=True)(guarded)

    @wraps(view)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked: Any = request
        if asked.htmx and not asked.user.is_authenticated:
            # A page with script would take the page for signing in for the answer. It says what happened itself.
            return HttpResponse(status=401)
        if not asked.user.is_authenticated:
            return redirect_to_login(way_back(request))
        return allowed(request, *args, **kwargs)

    return door


def press_required(view: View) -> View:
    """Let in presses alone, of those who may use the desk. The door says so of itself, for `way_back`."""
    door: Any = require_POST(desk_required(view))
    door.is_for_presses = True
    pressed: View = door
    return pressed


def way_back(request: HttpRequest) -> str:
    """Return the address at which this can be opened: its own, or of the page above it where it can only be pressed."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    path = request.path_info
    while not _is_page(path):
        path = f"{path.rstrip('/').rpartition('/')[0]}/"
    return request.get_full_path() if path == request.path_info else path


def _is_page(path: str) -> bool:
    try:
        return not getattr(resolve(path).func, "is_for_presses", False)
    except Resolver404:
        return False


def needs(request: DeskRequest, *permissions: str) -> None:
    """Refuse whoever lacks one of these permissions."""
    if not request.user.has_perms(list(permissions)):
        raise PermissionDenied


def customer_of(request: DeskRequest, public_id: UUID) -> Customer:
    """Return the customer, or whom they were merged into.

    Raises:
        Http404: there is no such customer, for this colleague.
    """
    found = Customer.objects.visible_to(request.user).filter(public_id=public_id).first()
    customer = found or moved_to(user=request.user, public_id=public_id)
    if customer is None:
        raise Http404
    return customer


def press(*permissions: str) -> Callable[[View], View]:
    """Make a view of a deed: POST only, for those with the permissions, on a customer that they may see."""

    def decorate(deed: View) -> View:
        @press_required
        @wraps(deed)
        def view(request: Any, public_id: UUID, **ids: int) -> HttpResponseBase:
            needs(request, *permissions)
            return deed(request, customer_of(request, public_id), **ids)

        return view

    return decorate


def bad_request(request: HttpRequest, sentence: str) -> HttpResponse:
    """A page that says what to mend, with the search box."""
    return render(request, "400.html", {"sentence": sentence}, status=400)
