"""Unhappy answers and what was done about them; the rules by which it is done."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customers.admin.base import HouseAdmin, ReadOnlyAdmin, ReadOnlyInline
from feedback.models import (
    Cause,
    Holiday,
    MendingRules,
    NamedOwner,
    PutRight,
    Recovery,
    RecoveryStep,
    WorkingHours,
)
from feedback.selectors.causes import cause_tree


class RecoveryStepInline(ReadOnlyInline):
    """What happened, step by step."""

    model = RecoveryStep
    fields = ("at", "step", "by", "to", "cause", "words")


class PutRightInline(ReadOnlyInline):
    """Whether we put it right, as they say."""

    model = PutRight
    fields = ("created_at", "not_asked", "said", "words", "said_at")


@admin.register(Recovery)
class RecoveryAdmin(ReadOnlyAdmin):
    """Unhappy answers and what was done about them. They are settled at the desk."""

    list_display = ("customer", "state", "owner", "due_at", "cause", "closed_at")
    list_filter = ("state",)
    list_select_related = ("customer", "owner", "cause")
    search_fields = ("customer__full_name__istartswith",)
    ordering = ("-due_at",)
    inlines = (RecoveryStepInline, PutRightInline)


@admin.register(Cause)
class CauseAdmin(HouseAdmin):
    """Why things go wrong. One that was named in a closing stays; take it out of use instead."""

    list_display = ("path", "incident_kind", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)
    list_per_page = 200

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cause]:
        return (
            super()
            .get_queryset(request)
            .select_related("parent__parent")
            .order_by("parent__parent__name", "parent__name", "name")
        )

    @admin.display(description=_("cause"), ordering="name")
    def path(self, cause: Cause) -> str:
        """Its name with those above it."""
        names = [cause.name]
        while (above := cause.parent) is not None:
            names.insert(0, above.name)
            cause = above
        return ": ".join(names)

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "parent" and field is not None:
            tree = cause_tree()
            field.choices = [("", "---------"), *((str(pk), tree.name_of(pk)) for pk in tree.causes)]
        return field


@admin.register(MendingRules)
class MendingRulesAdmin(HouseAdmin):
    """How the house mends: one row, which is there from the beginning and stays."""

    list_display = ("__str__", "includes_partly", "remind_hours", "escalate_hours", "ask_days")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(NamedOwner)
class NamedOwnerAdmin(HouseAdmin):
    """Who looks after a tier in person. Where they have left, the agent's lead takes their place."""

    list_display = ("tier", "owner")
    list_select_related = ("tier", "owner")

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "owner":
            users: Any = get_user_model().objects
            able = [user.pk for user in users.filter(is_active=True) if user.has_perm("feedback.change_recovery")]
            kwargs["queryset"] = users.filter(pk__in=able)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(WorkingHours)
class WorkingHoursAdmin(HouseAdmin):
    """When somebody is there. A day without a line is a day off; with no line at all every hour counts."""

    list_display = ("weekday", "opens_at", "closes_at")


@admin.register(Holiday)
class HolidayAdmin(HouseAdmin):
    """Days on which nobody works: no deadline counts them."""

    list_display = ("on", "name")
    search_fields = ("name",)
