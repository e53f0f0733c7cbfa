"""Letters and the addresses that get none. Uncertain letters are settled here, by somebody who has looked."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from customers.admin.base import ReadOnlyAdmin
from customers.models import Letter, Suppression
from customers.services.letters import confirm_letter, resend_letter


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    """Every letter and how far it came."""

    list_display = ("subject", "customer", "colleague", "kind", "to_address", "state", "due_at", "attempts", "sent_at")
    list_filter = ("state", "kind")
    list_select_related = ("customer", "colleague")
    search_fields = ("to_address__exact", "message_id__exact", "customer__full_name__istartswith")
    ordering = ("-created_at",)
    actions = ("was_delivered", "send_again")
    masked: ClassVar = {
        "to_address": "customers.view_contact_points",
        "to_address__exact": "customers.view_contact_points",
    }

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Whether the role may say what became of an uncertain letter."""
        return request.user.has_perm("customers.change_letter")

    @admin.action(description=_("It was delivered"), permissions=["settle"])
    def was_delivered(self, request: HttpRequest, queryset: QuerySet[Letter]) -> None:
        """Note that uncertain letters arrived."""
        self._settle(request, queryset, confirm_letter)

    @admin.action(description=_("Send it again"), permissions=["settle"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Letter]) -> None:
        """Put uncertain letters back into the outbox."""
        self._settle(request, queryset, resend_letter)

    def _settle(self, request: HttpRequest, letters: QuerySet[Letter], settle: Callable[..., bool]) -> None:
        done = [settle(letter=letter) for letter in letters]
        if settled := sum(done):
            self.message_user(request, ngettext("%d letter is settled.", "%d letters are settled.", settled) % settled)
        if left := len(done) - settled:
            words = ngettext(
                "%d letter was not uncertain, and stays.", "%d letters were not uncertain, and stay.", left
            )
            self.message_user(request, words % left, messages.WARNING)


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    """Addresses that get no letters."""

    list_display = ("address", "reason", "created_at")
    list_filter = ("reason",)
    fields = ("address", "reason", "detail", "created_at")
    search_fields = ("address__exact",)
    ordering = ("-created_at",)
    masked: ClassVar = {
        "address": "customers.view_contact_points",
        "address__exact": "customers.view_contact_points",
        "detail": "customers.view_contact_points",
    }

    def get_list_display(self, request: HttpRequest) -> Any:
        is_shown = request.user.has_perm("customers.view_contact_points")
        return ("address" if is_shown else "pk", "reason", "created_at")

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        return list_display[:1]
