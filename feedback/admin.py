"""Asking and mending: the rules are edited, everything else is evidence and only looked at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from customers.admin.base import HouseAdmin, ReadOnlyAdmin, ReadOnlyInline
from feedback.models import Answer, AskingRules, Invitation, Link, Recovery, Visit


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


@admin.register(Link)
class LinkAdmin(ReadOnlyAdmin):
    """Links in letters."""

    list_display = ("invitation", "purpose", "minted_at", "expires_at")
    list_filter = ("purpose",)
    list_select_related = ("invitation",)
    fields = ("invitation", "purpose", "minted_at", "expires_at")
    ordering = ("-minted_at",)


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    """Each opening and pressing of a link."""

    list_display = ("visited_at", "method", "hint", "link", "fingerprint")
    list_filter = ("method", "hint")
    list_select_related = ("link",)
    ordering = ("-visited_at",)


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin):
    """What customers said."""

    list_display = ("enjoyed", "invitation", "is_counted", "answered_at")
    list_filter = ("enjoyed", "is_counted")
    list_select_related = ("invitation",)


@admin.register(Recovery)
class RecoveryAdmin(ReadOnlyAdmin):
    """Unhappy answers and what was done about them. They are settled at the desk."""

    list_display = ("customer", "state", "owner", "due_at", "closed_at")
    list_filter = ("state",)
    list_select_related = ("customer", "owner")
    search_fields = ("customer__full_name__istartswith",)
    ordering = ("-due_at",)
