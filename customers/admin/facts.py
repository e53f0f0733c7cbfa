"""What happened between a customer and the house."""

from typing import ClassVar

from django.contrib import admin

from customers.admin.base import ReadOnlyAdmin
from customers.models import Gesture, Incident, Interaction, Order, Promise, Rating, TakenBackIncident


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """Orders and returns."""

    list_display = ("external_id", "source", "customer", "kind", "placed_at", "amount", "margin", "currency")
    list_filter = ("kind", "is_our_fault", "source")
    list_select_related = ("customer", "currency")
    search_fields = ("external_id__exact", "customer__full_name__istartswith")
    ordering = ("-placed_at",)
    masked: ClassVar = {
        "amount": "customers.view_money",
        "house_amount": "customers.view_money",
        "margin": "customers.view_margin",
        "house_margin": "customers.view_margin",
    }


@admin.register(Interaction)
class InteractionAdmin(ReadOnlyAdmin):
    """Contacts on every channel."""

    list_display = ("subject", "customer", "channel", "touch_point", "agent", "opened_at", "closed_at")
    list_display_links = ("subject", "customer")
    list_filter = ("channel", "touch_point", "is_mistaken")
    list_select_related = ("customer", "touch_point", "agent")
    search_fields = ("subject", "external_id__exact", "customer__full_name__istartswith")
    ordering = ("-opened_at",)


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    """What went wrong."""

    list_display = ("text", "customer", "kind", "touch_point", "severity", "happened_at", "resolved_at")
    list_filter = ("kind", "touch_point", "severity", "is_our_fault")
    list_select_related = ("customer", "touch_point")
    search_fields = ("text", "customer__full_name__istartswith")
    ordering = ("-happened_at",)


@admin.register(TakenBackIncident)
class TakenBackIncidentAdmin(ReadOnlyAdmin):
    """What was written down as gone wrong by mistake."""

    list_display = ("text", "customer", "kind", "touch_point", "recorded_by", "taken_back_by", "taken_back_at")
    list_filter = ("kind", "touch_point")
    list_select_related = ("customer", "touch_point", "recorded_by", "taken_back_by")
    search_fields = ("text", "customer__full_name__istartswith")
    ordering = ("-taken_back_at",)


@admin.register(Promise)
class PromiseAdmin(ReadOnlyAdmin):
    """What we said we would do."""

    list_display = ("text", "customer", "owner", "due_at", "kept_at", "broken_at", "is_mistaken")
    list_filter = ("touch_point", "is_mistaken")
    list_select_related = ("customer", "owner")
    search_fields = ("text", "customer__full_name__istartswith")
    ordering = ("-due_at",)


@admin.register(Gesture)
class GestureAdmin(ReadOnlyAdmin):
    """What we gave or did."""

    list_display = ("what", "customer", "cost", "given_by", "given_at", "source")
    list_filter = ("source",)
    list_select_related = ("customer", "given_by")
    search_fields = ("what", "external_id__exact", "customer__full_name__istartswith")
    ordering = ("-given_at",)
    masked: ClassVar = {"cost": "customers.view_money"}


@admin.register(Rating)
class RatingAdmin(ReadOnlyAdmin):
    """Influence and advocacy, as the business told us."""

    list_display = ("customer", "kind", "value", "as_of", "source")
    list_filter = ("kind", "source")
    list_select_related = ("customer",)
    search_fields = ("customer__full_name__istartswith",)
    ordering = ("-as_of", "-pk")
