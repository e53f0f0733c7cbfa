"""Customers, and what they allow."""

from typing import ClassVar

from django.contrib import admin

from customers.admin.base import ReadOnlyAdmin, ReadOnlyInline
from customers.models import Consent, ContactPoint, Customer, Preference, Rating, SegmentMember


class ContactPointInline(ReadOnlyInline):
    """Shown to those who may see contact points: their permission to view the rows decides."""

    model = ContactPoint
    fields = ("kind", "value", "label", "is_preferred", "is_active")


class ConsentInline(ReadOnlyInline):
    """Every yes and no, the newest first."""

    model = Consent
    fields = ("purpose", "is_given", "source", "noted_at")
    ordering = ("-noted_at",)


class PreferenceInline(ReadOnlyInline):
    """What they like, and what no longer holds."""

    model = Preference
    fields = ("text", "provenance", "is_ask_first", "noted_by", "noted_at", "retired_at")
    ordering = ("-noted_at",)


class MembershipInline(ReadOnlyInline):
    """The segments that they are in."""

    model = SegmentMember
    fields = ("segment", "source", "added_at")
    ordering = ("segment__name",)


class RatingInline(ReadOnlyInline):
    """What the business told us of their influence and advocacy."""

    model = Rating
    fields = ("kind", "value", "as_of", "source")
    ordering = ("kind",)


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    """Who they are. They are changed at the desk, where names are indexed and numbers made comparable."""

    list_display = ("full_name", "known_as", "city", "country", "source", "external_id", "customer_since")
    list_filter = ("source", "country")
    search_fields = ("full_name__istartswith", "external_id__exact", "contact_points__normalised__exact")
    masked: ClassVar = {"contact_points__normalised__exact": "customers.view_contact_points"}
    ordering = ("pk",)
    inlines = (ContactPointInline, PreferenceInline, MembershipInline, RatingInline, ConsentInline)


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """All consents. The newest stands."""

    list_display = ("customer", "purpose", "is_given", "source", "noted_at")
    list_filter = ("purpose", "is_given")
    list_select_related = ("customer",)
    search_fields = ("customer__full_name__istartswith",)
    ordering = ("-noted_at",)
