"""Customers, and what they allow."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from customers.admin.base import ReadOnlyAdmin, ReadOnlyInline
from customers.models import (
    Caution,
    Consent,
    ContactPoint,
    Customer,
    Person,
    Preference,
    Rating,
    Relationship,
    SegmentMember,
)
from customers.services.erasing import erase_customer

if TYPE_CHECKING:
    from portal.models import User


class ContactPointInline(ReadOnlyInline):
    """Shown to those who may see phones and addresses in clear."""

    model = ContactPoint
    fields = ("kind", "value", "label", "is_preferred", "is_active")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_see = request.user.has_perm("customers.view_contact_points")
        return may_see and bool(super().has_view_permission(request, obj))


class ConsentInline(ReadOnlyInline):
    """Every yes and no, the newest first."""

    model = Consent
    fields = ("purpose", "is_given", "source", "noted_at")
    ordering = ("-noted_at",)


class PreferenceInline(ReadOnlyInline):
    """What they like, and what no longer holds."""

    model = Preference
    fields = (
        "text",
        "provenance",
        "is_ask_first",
        "is_private",
        "category",
        "touch_point",
        "noted_by",
        "noted_at",
        "confirmed_at",
        "retired_at",
    )
    ordering = ("-noted_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Preference]:
        """Leave out what this reader may not see."""
        found: Any = super().get_queryset(request)
        shown: QuerySet[Preference] = found.visible(
            private=request.user.has_perm("customers.view_private"),
            special=request.user.has_perm("customers.view_special"),
        )
        return shown


class CautionInline(ReadOnlyInline):
    """What not to say, and what may be said again."""

    model = Caution
    fields = ("text", "reason", "is_private", "noted_by", "noted_at", "retired_at")
    ordering = ("-noted_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Caution]:
        """Leave out what this reader may not see."""
        found: QuerySet[Caution] = super().get_queryset(request)
        return found if request.user.has_perm("customers.view_private") else found.filter(is_private=False)


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

    list_display = ("full_name", "known_as", "firm", "city", "country", "source", "external_id", "customer_since")
    list_filter = ("source", "country", "capacity")
    search_fields = ("full_name__istartswith", "external_id__exact", "contact_points__normalised__exact")
    masked: ClassVar = {"contact_points__normalised__exact": "customers.view_contact_points"}
    ordering = ("pk",)
    change_form_outer_after_template = "customers/erase_link.html"
    inlines = (ContactPointInline, PreferenceInline, CautionInline, MembershipInline, RatingInline, ConsentInline)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """In a field of a form nobody is offered who was merged into another; in the list they are found."""
        found, may_be_twice = super().get_search_results(request, queryset, search_term)
        is_field = request.resolver_match is not None and request.resolver_match.view_name == "admin:autocomplete"
        return (found.present() if is_field else found), may_be_twice

    def get_urls(self) -> list[URLPattern]:
        own = [path("<int:pk>/erase/", self.admin_site.admin_view(self.erase), name="customers_customer_erase")]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {"may_erase": request.user.has_perm("customers.erase_customer")}
        response: HttpResponse = super().change_view(request, object_id, form_url, shown | (extra_context or {}))
        return response

    def erase(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what forgetting a customer means, and do it on a press."""
        user = cast("User", request.user)
        if not user.has_perm("customers.erase_customer"):
            raise PermissionDenied
        customer = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
        if request.method != "POST":
            context = {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Forget this customer"),
                "customer": customer,
                "back": reverse("admin:customers_customer_change", args=[pk]),
            }
            return TemplateResponse(request, "customers/erase.html", context)
        try:
            is_new = erase_customer(customer=customer, by=user)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        else:
            said = _("They are forgotten.") if is_new else _("They were forgotten before; nothing of them is left.")
            self.message_user(request, said)
        return HttpResponseRedirect(reverse("admin:customers_customer_change", args=[pk]))


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """All consents. The newest stands."""

    list_display = ("customer", "purpose", "is_given", "source", "noted_at")
    list_filter = ("purpose", "is_given")
    list_select_related = ("customer",)
    search_fields = ("customer__full_name__istartswith",)
    ordering = ("-noted_at",)


class SelfInline(ReadOnlyInline):
    """The customers that one person is."""

    model = Customer
    fields = ("full_name", "capacity", "firm", "source", "external_id")
    ordering = ("pk",)
    show_change_link = True


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    """People who are customers in several roles. They are linked at the desk, where roles are checked."""

    list_display = ("__str__", "created_at")
    search_fields = ("selves__full_name__istartswith", "selves__firm__istartswith")
    ordering = ("-pk",)
    inlines = (SelfInline,)


@admin.register(Relationship)
class RelationshipAdmin(ReadOnlyAdmin):
    """What customers are to each other, and were."""

    list_display = ("customer", "kind", "other", "may_act", "source", "noted_by", "noted_at", "ended_at")
    list_filter = ("kind", "may_act")
    list_select_related = ("customer", "other", "noted_by")
    search_fields = ("customer__full_name__istartswith", "other__full_name__istartswith")
    ordering = ("-noted_at",)
