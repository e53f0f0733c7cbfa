"""Addresses that get no letters, and those that get them again because somebody said why."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as say

from customers.addresses import compared
from customers.admin.base import ReadOnlyAdmin
from customers.enums import SuppressionReason
from customers.models import LiftedSuppression, Suppression
from customers.services.contact_points import erased_form, lift_suppression, suppress_address

if TYPE_CHECKING:
    from portal.models import User

_SEE, _DECIDE = "customers.view_contact_points", "customers.lift_suppression"
_LIST = "admin:customers_suppression_changelist"


class _AddressAdmin(ReadOnlyAdmin):
    """What both lists share: an address is found as a whole one, in any way of writing it, forgotten or not."""

    list_filter = ("reason",)
    search_fields = ("address__exact",)
    masked: ClassVar = dict.fromkeys(("address", "address__exact", "detail", "why"), _SEE)

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)
        return shown if "address" in shown else ["pk", *shown]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        return list_display[:1]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        asked = compared(search_term.replace("\0", "").strip())
        if not asked or not self.get_search_fields(request):
            return queryset, False
        return queryset.filter(address__in=(asked, erased_form(asked))), False


@admin.register(Suppression)
class SuppressionAdmin(_AddressAdmin):
    """Addresses that get no letters. A manager may enter one, and let letters go to one again."""

    list_display = ("address", "reason", "created_at")
    fields = ("address", "reason", "detail", "created_at")
    ordering = ("-created_at",)
    list_before_template = "customers/admin/suppressions_before.html"
    change_form_outer_before_template = "customers/admin/suppression_before.html"

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = [
            path("enter/", guard(self.enter), name="customers_suppression_enter"),
            path("<int:pk>/lift/", guard(self.lift), name="customers_suppression_lift"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"may_decide": self.has_decide_permission(request)}
        response: HttpResponse = super().changelist_view(request, shown | (extra_context or {}))
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        held = Suppression.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        shown = {
            "may_decide": self.has_decide_permission(request),
            "is_their_wish": held is not None and held.reason in SuppressionReason.wishes(),
        }
        response: HttpResponse = super().change_view(request, object_id, form_url, shown | (extra_context or {}))
        return response

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whether the role may enter an address by hand, and let letters go to one again."""
        return request.user.has_perm(_DECIDE) and request.user.has_perm(_SEE)

    def enter(self, request: HttpRequest) -> HttpResponse:
        """Write no more to the address that was typed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self._guard(request)
        address = request.POST.get("address", "").strip()
        try:
            is_new = suppress_address(address=address, reason=SuppressionReason.BY_HAND)
        except ValidationError as error:
            self.message_user(request, f"{address}: {' '.join(error.messages)}", messages.ERROR)
        else:
            if is_new:
                # Who it was is in its history.
                self.log_addition(request, Suppression.objects.get(address=compared(address)), say("Entered by hand."))
            told = say("No more letters go to %s.") if is_new else say("%s gets no letters already.")
            self.message_user(request, told % address)
        return HttpResponseRedirect(reverse(_LIST))

    def lift(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let letters go to an address again, for the reason that was typed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self._guard(request)
        held = Suppression.objects.filter(pk=pk).first()
        why = request.POST.get("why", "")
        try:
            done = held is not None and lift_suppression(suppression=held, why=why, by=cast("User", request.user))
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:customers_suppression_change", args=[pk]))
        self.message_user(request, say("Letters go there again.") if done else say("Somebody has said so already."))
        return HttpResponseRedirect(reverse(_LIST))

    def _guard(self, request: HttpRequest) -> None:
        if not self.has_decide_permission(request):
            raise PermissionDenied


@admin.register(LiftedSuppression)
class LiftedSuppressionAdmin(_AddressAdmin):
    """Who let letters go to an address again, and why."""

    list_display = ("address", "reason", "suppressed_at", "lifted_at", "by", "why")
    fields = ("address", "reason", "detail", "suppressed_at", "lifted_at", "by", "why")
    list_select_related = ("by",)
