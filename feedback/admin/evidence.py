"""Answers and what speaks for them: links, visits. Only looked at."""

from django.contrib import admin

from customers.admin.base import ReadOnlyAdmin
from feedback.admin.surveys import ReplyInline
from feedback.models import Answer, Link, Visit


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
    inlines = (ReplyInline,)
