"""Answers and what speaks for them: links, visits. Only looked at."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from customers.admin.base import ReadOnlyAdmin
from feedback.admin.surveys import ReplyInline
from feedback.models import Answer, Link, Visit
from feedback.selectors.story import evidence_story, state_of


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
    """Each opening and pressing of a link. Who it was tells the story of the answer, without the fingerprint."""

    list_display = ("visited_at", "method", "hint", "link", "is_decoy", "outcome")
    list_filter = ("method", "hint", "is_decoy", "outcome")
    list_select_related = ("link",)
    ordering = ("-visited_at",)
    exclude = ("fingerprint",)


class ConflictFilter(admin.SimpleListFilter):
    """Answers about which two people, or one at two times, did not say the same."""

    title = _("conflict")
    parameter_name = "conflict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("With a conflict")), ("no", _("Without"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        is_in_conflict = Q(is_disputed=True) | ~Q(conflict="")
        if self.value() == "yes":
            return queryset.filter(is_in_conflict)
        return queryset.exclude(is_in_conflict) if self.value() == "no" else queryset


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin):
    """What customers said, and what speaks for and against it."""

    list_display = ("enjoyed", "invitation", "state", "answered_at")
    list_filter = ("enjoyed", "is_counted", ConflictFilter)
    list_select_related = ("invitation",)
    inlines = (ReplyInline,)
    fields = ("invitation", "enjoyed", "comment", "language", "state", "answered_at", "story")
    readonly_fields = ("state", "story")

    def get_queryset(self, request: HttpRequest) -> Any:
        answers: Any = super().get_queryset(request)
        return answers.with_state()

    @admin.display(description=_("state"))
    def state(self, answer: Answer) -> str:
        """Counted, disputed, doubtful or conflicting."""
        return state_of(answer)

    @admin.display(description=_("how we know"))
    def story(self, answer: Answer) -> str:
        """Tell what happened to the letter's links, in the order of time."""
        return render_to_string("feedback/admin/story.html", {"lines": evidence_story(answer=answer)})
