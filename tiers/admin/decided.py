"""Standings, moves and measures, which everybody only looks at; and why somebody has their tier."""

from datetime import date
from typing import TYPE_CHECKING, ClassVar, cast
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from customers.admin.base import ReadOnlyAdmin
from customers.models import Customer
from tiers.models import Measures, Move, Standing
from tiers.selectors.standings import explain

if TYPE_CHECKING:
    from portal.models import User


@admin.register(Move)
class MoveAdmin(ReadOnlyAdmin):
    """Each change of standing, with the numbers it was decided on."""

    list_display = ("customer", "from_tier", "to_tier", "reason", "moved_at")
    list_filter = ("reason", "to_tier")
    list_select_related = ("customer", "from_tier", "to_tier")
    search_fields = ("customer__full_name__istartswith",)
    fields = ("customer", "run", "from_tier", "to_tier", "reason", "numbers", "moved_at")
    # The numbers hold the margin.
    masked: ClassVar = {"numbers": "customers.view_margin"}


@admin.register(Standing)
class StandingAdmin(ReadOnlyAdmin):
    """The tier of each customer, now and before; and why, on any day."""

    list_display = ("customer", "tier", "earned_tier", "reason", "valid_from", "valid_until", "held_until", "why")
    list_filter = ("tier", "reason")
    list_select_related = ("customer", "tier", "earned_tier")
    search_fields = ("customer__full_name__istartswith",)
    ordering = ("-valid_from",)

    @admin.display(description=_("Why?"))
    def why(self, standing: Standing) -> str:
        """Lead to the explanation."""
        return why_link(standing.customer)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_safe(self.why_view))
        return [path("why/<uuid:public_id>/", page, name="tiers_standing_why"), *super().get_urls()]

    def note_read(self, request: HttpRequest, customer: Customer) -> None:
        """Take note that somebody looked; the site knows where."""

    def why_view(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """Show why a customer has their tier, on the day that `?on=` names."""
        user = cast("User", request.user)
        if not (self.has_view_permission(request) and user.has_perm("customers.view_customer")):
            raise PermissionDenied
        customer = Customer.objects.visible_to(user).filter(public_id=public_id).first()
        if customer is None:
            raise Http404
        self.note_read(request, customer)
        today = timezone.localdate()
        wrong, found, on = "", None, today
        try:
            on = _day(request.GET.get("on", "")) or today
            found = explain(customer=customer, shows_margin=user.has_perm("customers.view_margin"), on=on)
        except ValidationError as error:
            wrong = " ".join(error.messages)
        context = {
            **self.admin_site.each_context(request),
            "title": say("Why this tier? %(name)s") % {"name": customer.full_name},
            "opts": self.opts,
            "customer": customer,
            "explained": found,
            "on": on,
            "asked": request.GET.get("on", "") or on.isoformat(),
            "today": today,
            "wrong": wrong,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "tiers/admin/why.html", context, status=400 if wrong else 200)


def why_link(customer: Customer) -> str:
    """Return a link to the explanation of a customer's tier."""
    words = say("Why this tier?")
    address = reverse("admin:tiers_standing_why", args=[customer.public_id])
    return format_html(
        '<a class="text-link" href="{}" aria-label="{} {}">{}</a>', address, words, customer.full_name, words
    )


def _day(text: str) -> date | None:
    """Return the day that somebody asked about. Raises `ValidationError` for what is no day."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValidationError(say("Write the day like 2026-03-31.")) from None


@admin.register(Measures)
class MeasuresAdmin(ReadOnlyAdmin):
    """The numbers behind the tiers."""

    list_display = ("customer", "margin", "orders", "last_order_on", "as_of")
    list_select_related = ("customer",)
    search_fields = ("customer__full_name__istartswith",)
    ordering = ("customer",)
    masked: ClassVar = dict.fromkeys(
        ("margin", "repeat_margin", "predicted_margin", "cost_to_serve"), "customers.view_margin"
    )
