"""What managers decide about hints."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import ManyToManyField
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from customers.admin.base import HouseAdmin
from portal.models import HintOffer, HintRule


@admin.register(HintRule)
class HintRuleAdmin(HouseAdmin):
    """Which kinds of hint take part: one row for each, there from the beginning."""

    list_display = ("__str__", "mode", "most")
    fields = ("mode", "most")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(HintOffer)
class HintOfferAdmin(HouseAdmin):
    """What to offer for what was bought, or broke."""

    list_display = ("text", "kind", "words", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("words", "text")
    fields = ("kind", "words", "text", "tiers", "is_active")
    formfield_overrides: ClassVar = {ManyToManyField: {"widget": UnfoldAdminCheckboxSelectMultipleWidget}}
