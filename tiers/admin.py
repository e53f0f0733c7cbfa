"""Tiers and schemes, which managers edit; runs, standings and moves, which everybody only looks at."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError
from unfold.admin import TabularInline
from unfold.decorators import action

from customers.admin.base import HouseAdmin, ReadOnlyAdmin, ReadOnlyInline
from tiers import tasks
from tiers.enums import SchemeState
from tiers.models import Bar, Measures, Move, Perk, Run, Scheme, Shard, Standing, Tier, ValueFit
from tiers.selectors.value_page import page_of
from tiers.services.drafts import copy_scheme, next_version
from tiers.services.schemes import publish_scheme

if TYPE_CHECKING:
    from portal.models import User


class PerkInline(TabularInline):
    """What a tier is entitled to."""

    model = Perk
    extra = 1
    fields = ("text", "position")


@admin.register(Tier)
class TierAdmin(HouseAdmin):
    """How closely customers are looked after."""

    list_display = ("name", "rank", "slug", "shape", "recovery_hours")
    search_fields = ("name", "slug")
    inlines = (PerkInline,)


class BarInline(TabularInline):
    """What each measure must reach. Those of a published scheme are only looked at."""

    model = Bar
    extra = 1
    fields = ("tier", "rule", "measure", "value")

    def has_add_permission(self, request: HttpRequest, obj: Scheme | None = None) -> bool:
        return _is_draft(obj) and bool(super().has_add_permission(request, obj))

    def has_change_permission(self, request: HttpRequest, obj: Scheme | None = None) -> bool:
        return _is_draft(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Scheme | None = None) -> bool:
        return _is_draft(obj) and bool(super().has_delete_permission(request, obj))


def _is_draft(scheme: Scheme | None) -> bool:
    return scheme is None or scheme.state == SchemeState.DRAFT


@admin.register(Scheme)
class SchemeAdmin(HouseAdmin):
    """Versions of the rules: a draft is edited, and published when it is ready; after that it stays as it is."""

    list_display = ("name", "version", "state", "hold_days", "grace_days", "published_at", "retired_at")
    list_filter = ("state",)
    search_fields = ("name",)
    fields = ("name", "version", "state", "hold_days", "grace_days", "published_at", "published_by", "retired_at")
    readonly_fields = ("state", "published_at", "published_by", "retired_at")
    inlines = (BarInline,)
    # Buttons of forms, so that they are pressed by POST alone: in the list for any scheme, under the form for a draft.
    actions = ("publish", "copy_as_draft")
    actions_submit_line = ("save_and_publish",)

    def has_change_permission(self, request: HttpRequest, obj: Scheme | None = None) -> bool:
        return _is_draft(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Scheme | None = None) -> bool:
        return _is_draft(obj) and bool(super().has_delete_permission(request, obj))

    def has_write_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the role may write schemes at all; which of them, the services say."""
        return request.user.has_perm("tiers.change_scheme")

    def get_actions(self, request: HttpRequest) -> Any:
        # Deleting many at once would not ask of each whether it is a draft.
        return {name: deed for name, deed in super().get_actions(request).items() if name != "delete_selected"}

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        return {"version": next_version()} | super().get_changeform_initial_data(request)

    @admin.action(description=_("Publish"), permissions=["write"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Scheme]) -> None:
        """Publish the one scheme that is ticked."""
        if scheme := self._one(request, queryset):
            self._publish(request, scheme)

    @admin.action(description=_("Copy as a draft"), permissions=["write"])
    def copy_as_draft(self, request: HttpRequest, queryset: QuerySet[Scheme]) -> None:
        """Begin a new version from the one scheme that is ticked."""
        if scheme := self._one(request, queryset):
            draft = copy_scheme(scheme=scheme)
            self.message_user(request, _("Version %d is a draft now.") % draft.version, messages.SUCCESS)

    @action(description=_("Save and publish"), permissions=["write"])
    def save_and_publish(self, request: HttpRequest, obj: Scheme) -> None:
        """Publish the draft in the form, once it is saved with its bars."""
        self._publish(request, obj)

    def _one(self, request: HttpRequest, queryset: QuerySet[Scheme]) -> Scheme | None:
        chosen = list(queryset[:2])
        if len(chosen) == 1:
            return chosen[0]
        self.message_user(request, _("Please tick one scheme."), messages.WARNING)
        return None

    def _publish(self, request: HttpRequest, scheme: Scheme) -> None:
        try:
            publish_scheme(scheme=scheme, by=cast("User", request.user))
        except ValidationError as error:
            for sentence in error.messages:
                self.message_user(request, sentence, messages.ERROR)
        else:
            self.message_user(request, _("“%s” is published.") % scheme.name, messages.SUCCESS)


class ShardInline(ReadOnlyInline):
    """The ranges that a run is done in."""

    model = Shard
    fields = ("first_id", "last_id", "customers", "moves", "done_at")
    ordering = ("first_id",)
    per_page = 50


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Re-tierings, and how far they are."""

    list_display = ("as_of", "kind", "state", "scheme", "customers", "moves", "started_at", "ended_at")
    list_filter = ("kind", "state")
    list_select_related = ("scheme",)
    inlines = (ShardInline,)


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
    """The tier of each customer, now and before."""

    list_display = ("customer", "tier", "earned_tier", "reason", "valid_from", "valid_until", "held_until")
    list_filter = ("tier", "reason")
    list_select_related = ("customer", "tier", "earned_tier")
    search_fields = ("customer__full_name__istartswith",)
    ordering = ("-valid_from",)


@admin.register(Measures)
class MeasuresAdmin(ReadOnlyAdmin):
    """The numbers behind the tiers."""

    list_display = ("customer", "margin", "orders", "last_order_on", "as_of")
    list_select_related = ("customer",)
    search_fields = ("customer__full_name__istartswith",)
    ordering = ("customer",)
    masked: ClassVar = {"margin": "customers.view_margin"}


@admin.register(ValueFit)
class ValueFitAdmin(ReadOnlyAdmin):
    """Versions of predicted value: what was learned, how sure it is, and whether it holds."""

    list_display = ("version", "fitted_at", "model", "last_day", "customers", "horizon_days", "doubts")
    list_filter = ("model",)
    fields = ("version", "fitted_at", "fitted_by", "first_day", "last_day", "horizon_days")
    list_before_template = "tiers/admin/fit_again.html"
    change_form_outer_before_template = "tiers/admin/value_fit.html"

    @admin.display(description=_("warnings"))
    def doubts(self, version: ValueFit) -> str:
        """How many warnings there are: the page of the version says which."""
        count = len(version.warnings)
        return ngettext("%d warning", "%d warnings", count) % count if count else str(_("none"))

    def get_urls(self) -> list[URLPattern]:
        fit = self.admin_site.admin_view(require_POST(self.fit_again))
        return [path("fit/", fit, name="tiers_valuefit_fit"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, self._more(request) | (extra_context or {}))
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        more = self._more(request)
        version = self.get_object(request, object_id)
        if version is not None:
            more["page"] = page_of(version, shows_margin=request.user.has_perm("customers.view_margin"))
        response: HttpResponse = super().change_view(request, object_id, form_url, more | (extra_context or {}))
        return response

    def fit_again(self, request: HttpRequest) -> HttpResponse:
        """Ask for a new version, in the background."""
        if not request.user.has_perm("tiers.add_valuefit"):
            raise PermissionDenied
        try:
            tasks.fit_value.delay(request.user.pk)
        except OperationalError:
            self.message_user(request, _("The queue does not answer, so nothing was begun."), messages.ERROR)
        else:
            told = _("We are learning from the orders in the background. The new version will stand here soon.")
            self.message_user(request, told, messages.SUCCESS)
        return redirect("admin:tiers_valuefit_changelist")

    def _more(self, request: HttpRequest) -> dict[str, Any]:
        return {"can_fit": request.user.has_perm("tiers.add_valuefit")}
