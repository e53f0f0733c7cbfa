"""Asking: the rules are edited, who was asked is only looked at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from customers.admin.base import HouseAdmin, ReadOnlyAdmin, ReadOnlyInline
from feedback.models import Answer, AskingRules, Invitation, Link


@admin.register(AskingRules)
class AskingRulesAdmin(HouseAdmin):
    """How the house asks: one row, which is there from the beginning and stays."""

    list_display = ("__str__", "is_asking", "days_between", "answer_days")

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
    """Who was asked, and who was not and why."""

    list_display = ("customer", "interaction", "not_asked", "created_at")
    list_filter = ("not_asked",)
    list_select_related = ("customer", "interaction")
    search_fields = ("customer__full_name__istartswith",)
    inlines = (AnswerInline, LinkInline)
