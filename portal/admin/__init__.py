"""The site's own part of the admin: colleagues, tokens, readings, schedules, and the way in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from portal.admin.hints import HintOfferAdmin, HintRuleAdmin
from portal.admin.outside import OutsideSourceAdmin
from portal.admin.people import ApiTokenAdmin, ReadCustomerAdmin, ReadingAdmin, ReadStandingAdmin, UserAdmin
from portal.admin.previews import ReadPreviewAdmin
from portal.admin.schedules import CrontabAdmin, IntervalAdmin, PeriodicTaskAdmin

__all__ = [
    "ApiTokenAdmin",
    "CrontabAdmin",
    "HintOfferAdmin",
    "HintRuleAdmin",
    "IntervalAdmin",
    "OutsideSourceAdmin",
    "PeriodicTaskAdmin",
    "ReadCustomerAdmin",
    "ReadPreviewAdmin",
    "ReadStandingAdmin",
    "ReadingAdmin",
    "UserAdmin",
]

# The one sign-in of the site, with its second factor and its limits, is the admin's too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

_admin_view = admin.site.admin_view


def _without_nul(view: Callable[..., HttpResponse], *args: Any, **kwargs: Any) -> Callable[..., HttpResponse]:
    """Refuse an address with a NUL in it: a filter would hand it to the database, which has no such text."""

    @wraps(view)
    def refusing(request: HttpRequest, *of_path: Any, **parts: Any) -> HttpResponse:
        if any("\0" in text for name, values in request.GET.lists() for text in (name, *values)):
            raise BadRequest
        return view(request, *of_path, **parts)

    return _admin_view(refusing, *args, **kwargs)


admin.site.admin_view = _without_nul  # type: ignore[method-assign, assignment]
