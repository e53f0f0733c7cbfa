"""What the admins of every app share: rows that are only looked at, and columns that not every role sees."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline


class Masked:
    """Takes columns, fields and searches away from those whose role may not see what they show."""

    # Column, field or searched path → permission.
    masked: ClassVar[dict[str, str]] = {}

    def seen_by(self, request: HttpRequest, names: Iterable[Any]) -> list[Any]:
        """Return the names that this reader may see."""
        user: Any = request.user
        return [name for name in names if name not in self.masked or user.has_perm(self.masked[name])]

    def get_list_display(self, request: HttpRequest) -> Any:
        return self.seen_by(request, super().get_list_display(request))  # type: ignore[misc]

    def get_search_fields(self, request: HttpRequest) -> Any:
        # To find by what one may not see is to see it.
        return self.seen_by(request, super().get_search_fields(request))  # type: ignore[misc]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.seen_by(request, super().get_fields(request, obj))  # type: ignore[misc]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.seen_by(request, super().get_readonly_fields(request, obj))  # type: ignore[misc]


class _LookedAt:
    """No adding, changing or deleting, whatever the role."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HouseAdmin(Masked, ModelAdmin):
    """An admin in the house's manner."""

    list_filter_submit = False
    show_full_result_count = False
    warn_unsaved_form = True


class ReadOnlyAdmin(_LookedAt, HouseAdmin):
    """For records that are only ever added, by the house itself, and for facts that have doors of their own."""


class ReadOnlyInline(_LookedAt, TabularInline):
    """The same, inside another record."""

    extra = 0
    max_num = 0
    show_change_link = False
