"""What managers set up: where customers meet the house, who is alike, and which money it takes."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customers.admin.base import HouseAdmin
from customers.models import Currency, Segment, TouchPoint


@admin.register(TouchPoint)
class TouchPointAdmin(HouseAdmin):
    """Places where customers meet the house."""

    list_display = ("name", "slug", "runner", "is_active")
    list_filter = ("runner", "is_active")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012


@admin.register(Segment)
class SegmentAdmin(HouseAdmin):
    """Segments. Who is in them comes by import."""

    list_display = ("name", "slug", "kind", "member_count", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012

    def get_queryset(self, request: HttpRequest) -> QuerySet[Segment]:
        """Count the members along."""
        return super().get_queryset(request).annotate(members_in_all=Count("members"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("member_count",)

    @admin.display(description=_("customers"), ordering="members_in_all")
    def member_count(self, segment: Any) -> int:
        """How many customers are in it."""
        return int(segment.members_in_all)


@admin.register(Currency)
class CurrencyAdmin(HouseAdmin):
    """Currencies and their rates. A new rate does not move old orders."""

    list_display = ("code", "rate", "updated_at")
    search_fields = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Another code would be another currency.
        return ("updated_at",) if obj is None else ("code", "updated_at")
