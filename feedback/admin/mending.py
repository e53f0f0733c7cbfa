"""Unhappy answers and what was done about them."""

from django.contrib import admin

from customers.admin.base import ReadOnlyAdmin
from feedback.models import Recovery


@admin.register(Recovery)
class RecoveryAdmin(ReadOnlyAdmin):
    """Unhappy answers and what was done about them. They are settled at the desk."""

    list_display = ("customer", "state", "owner", "due_at", "closed_at")
    list_filter = ("state",)
    list_select_related = ("customer", "owner")
    search_fields = ("customer__full_name__istartswith",)
    ordering = ("-due_at",)
