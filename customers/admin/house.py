"""What managers set up: where customers meet the house, and which money it takes."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from customers.admin.base import HouseAdmin
from customers.models import Currency, TouchPoint


@admin.register(TouchPoint)
class TouchPointAdmin(HouseAdmin):
    """Places where customers meet the house."""

    list_display = ("name", "slug", "runner", "is_active")
    list_filter = ("runner", "is_active")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012


@admin.register(Currency)
class CurrencyAdmin(HouseAdmin):
    """Currencies and their rates. A new rate does not move old orders."""

    list_display = ("code", "rate", "updated_at")
    search_fields = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Another code would be another currency.
        return ("updated_at",) if obj is None else ("code", "updated_at")
