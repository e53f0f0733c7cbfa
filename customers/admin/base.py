"""What the admins of every app share: rows that are only looked at, and columns that not every role sees."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import flatten
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import ForeignKey
from django.http import HttpRequest
from django.utils.text import capfirst
from unfold.admin import ModelAdmin, TabularInline

from customers.admin.meanwhile import mark_of, refuse_unseen


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


def _in_words(field: "ForeignKey[Any, Any]") -> Any:
    """A column that says who or what a record points to, and does not lead there."""

    def said(record: Any) -> Any:
        return getattr(record, field.name)

    said.short_description = capfirst(field.verbose_name)  # type: ignore[attr-defined]
    said.__name__ = field.name
    return said


class _Picked(AutocompleteSelect):
    """A row picked by its name. What an address or a form hands over in place of its number picks nobody."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        # Django hands it to the database, which has no such number, and ends with an error.
        return super().optgroups(name, [one for one in value if str(one).isdecimal()], attr)


class HouseAdmin(Masked, ModelAdmin):
    """An admin in the house's manner. Nobody overwrites unseen what somebody else has saved meanwhile."""

    list_filter_submit = False
    show_full_result_count = False
    warn_unsaved_form = True
    change_form_before_template = "customers/admin/_seen.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        # A filter would hand it to the database, which has no such text.
        if any("\0" in text for name, values in request.GET.lists() for text in (name, *values)):
            raise BadRequest
        try:
            for ticked in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.model._meta.pk.to_python(ticked.replace("\0", "?"))
        except ValidationError:
            # No row has such a number, and Django would ask for it.
            raise BadRequest from None
        return super().changelist_view(request, extra_context)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        return super().get_search_results(request, queryset, search_term.replace("\0", ""))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if not change or obj is None or request.method != "POST":
            return form

        class SeenForm(form):  # type: ignore[misc, valid-type]
            """The form, refused where somebody has saved the record since it was drawn."""

            def clean(self) -> Any:
                found = super().clean()
                try:
                    refuse_unseen(request, obj)
                except ValidationError as error:
                    self.add_error(None, error)
                return found

        return SeenForm

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", _Picked(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Django leads from each record to those that it points to, whether the reader may open them or not."""
        found = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return found
        closed = {
            field.name: _in_words(field)
            for field in self.model._meta.fields
            if isinstance(field, ForeignKey) and not self._may_open(request, field.related_model)
        }
        if not closed:
            return found
        return [
            (title, {**options, "fields": [closed.get(name, name) for name in flatten(options["fields"])]})
            for title, options in found
        ]

    def _may_open(self, request: HttpRequest, model: Any) -> bool:
        there = self.admin_site._registry.get(model)
        return there is not None and there.has_view_permission(request)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        if "\0" in object_id:
            # The database has no such text, and says so with an error.
            return None
        # Before the record is read: what is saved between the two is told once too often rather than not at all.
        mark = mark_of(self.model, object_id) if self.has_change_permission(request) else None
        record: Any = super().get_object(request, object_id, from_field)
        if record is not None:
            record.mark_seen = mark
        return record


class ReadOnlyAdmin(_LookedAt, HouseAdmin):
    """For records that are only ever added, by the house itself, and for facts that have doors of their own."""


class ReadOnlyInline(_LookedAt, TabularInline):
    """The same, inside another record."""

    extra = 0
    max_num = 0
    show_change_link = False
