"""The rules by which trouble and preferences fade."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customers.admin.base import HouseAdmin
from customers.models import SpeakingRules


@admin.register(SpeakingRules)
class SpeakingRulesAdmin(HouseAdmin):
    """How trouble and preferences fade: one row, which is there from the beginning and stays."""

    list_display = ("__str__", "half_life_days", "real", "promise", "unhappy", "wait", "stated_days", "confirmed_days")
    fieldsets = (
        (
            _("What we put a customer through"),
            {
                "fields": ("half_life_days", ("slight", "real", "serious")),
                "description": _(
                    "The page of a customer says in words how much went wrong lately. Behind the words is a sum: the "
                    "weight of each trouble, halved with each half-life since. From 0.25 it is a little, from 2 some "
                    "trouble, from 4 much, from 8 very much."
                ),
            },
        ),
        (_("Promises"), {"fields": ("promise", "promise_late_hours")}),
        (_("Answers and waits"), {"fields": ("unhappy", ("wait", "wait_minutes"))}),
        (
            _("What they like"),
            {
                "fields": ("stated_days", "observed_days", "confirmed_days"),
                "description": _(
                    "What nobody confirms fades. After these days the page asks “Still so?”, and after twice as many "
                    "it folds the preference away. Nothing is deleted."
                ),
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
