"""Asking: the rules are edited, who was asked is only looked at."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from customers.admin.base import HouseAdmin, ReadOnlyAdmin, ReadOnlyInline
from customers.enums import Channel
from feedback.models import Answer, AskingRules, Invitation, Link
from feedback.selectors.today import look_at_today


class AskingRulesForm(forms.ModelForm):
    """The rules in words; what cannot work together is refused with a sentence."""

    channels_left_out = forms.MultipleChoiceField(
        label=_("Channels left out"),
        choices=Channel.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Nobody is asked about contacts on these."),
    )

    class Meta:
        model = AskingRules
        fields = (
            "is_asking",
            "channels_left_out",
            "touch_points_left_out",
            "asks_if_closed_itself",
            "days_between",
            "answer_days",
            "mending_days",
            "reminder_days",
            "budget",
            "budget_per",
            "quiet_from",
            "quiet_until",
        )
        widgets: ClassVar = {"touch_points_left_out": UnfoldAdminCheckboxSelectMultipleWidget}


@admin.register(AskingRules)
class AskingRulesAdmin(HouseAdmin):
    """How the house asks: one row, which is there from the beginning and stays."""

    form = AskingRulesForm
    list_display = ("__str__", "is_asking", "days_between", "reminder_days", "budget", "quiet_from", "quiet_until")
    fieldsets = (
        (None, {"fields": ("is_asking",)}),
        (
            _("About what"),
            {
                "fields": ("channels_left_out", "touch_points_left_out", "asks_if_closed_itself"),
                "description": _("Each contact is asked about once at most, when it has been closed."),
            },
        ),
        (_("How often"), {"fields": ("days_between", "reminder_days", "answer_days")}),
        (_("Not while something is wrong"), {"fields": ("mending_days",)}),
        (_("How many"), {"fields": (("budget", "budget_per"),)}),
        (_("At what time"), {"fields": (("quiet_from", "quiet_until"),)}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LinkInline(ReadOnlyInline):
    """The links that went out, without what would open them."""

    model = Link
    fields = ("purpose", "minted_at", "expires_at")


class AnswerInline(ReadOnlyInline):
    """What was said."""

    model = Answer
    fields = ("enjoyed", "comment", "doubts", "is_counted", "answered_at")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Who was asked, who was not and why, and who waits. Above the list, today in figures."""

    list_display = ("customer", "interaction", "not_asked", "waits_for", "after_mending", "chance", "created_at")
    list_filter = ("not_asked", "waits_for", "after_mending")
    list_select_related = ("customer", "interaction")
    list_before_template = "feedback/admin/today.html"
    search_fields = ("customer__full_name__istartswith",)
    inlines = (AnswerInline, LinkInline)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"today": look_at_today()}
        response: HttpResponse = super().changelist_view(request, shown | (extra_context or {}))
        return response
