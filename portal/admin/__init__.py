"""The site's own part of the admin: colleagues, tokens, readings, schedules, and the way in."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

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
