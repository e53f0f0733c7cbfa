"""Overrides: which hold, which are about to end, and the forms that set and end them."""

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.admin.base import HouseAdmin
from tiers.models import Override
from tiers.selectors.overrides import SOON
from tiers.services.overrides import end_override, set_override

if TYPE_CHECKING:
    from portal.models import User


class StateFilter(admin.SimpleListFilter):
    """Live, about to end, or ended."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("live", _("Live")), ("soon", _("About to end, within 30 days")), ("ended", _("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Override]) -> QuerySet[Override]:
        today = timezone.localdate()
        if self.value() == "live":
            return queryset.filter(ended_at=None)
        if self.value() == "soon":
            return queryset.filter(ended_at=None, ends_on__range=(today, today + SOON)).order_by("ends_on")
        if self.value() == "ended":
            return queryset.filter(ended_at__isnull=False)
        return queryset


class OverrideForm(forms.ModelForm):
    """What is decided. The service decides whether it may be, and it is set as the form is checked."""

    class Meta:
        model = Override
        fields = ("customer", "kind", "tier", "ends_on", "reason")

    # The colleague who has the form before them; the admin sets it.
    owner: "User"

    def clean(self) -> dict[str, Any]:
        """Set the override, so that what the service refuses stands beside the field it speaks of."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            self.instance = set_override(owner=self.owner, **cleaned)
        except ValidationError as error:
            for field, faults in _by_field(error).items():
                self.add_error(field if field in self.fields else None, ValidationError(faults))
        return cleaned

    def _post_clean(self) -> None:
        """Nothing: the service has checked all of it, and the database has it."""


def _by_field(error: ValidationError) -> dict[str | None, Any]:
    if hasattr(error, "error_dict"):
        return {None if name == NON_FIELD_ERRORS else name: faults for name, faults in error.error_dict.items()}
    return {None: error.error_list}


@admin.register(Override)
class OverrideAdmin(HouseAdmin):
    """What colleagues decided against the numbers. It is set and ended, never changed: the past stays as it was."""

    form = OverrideForm
    list_display = ("customer", "kind", "tier", "ends_on", "owner", "reason", "created_at", "ended_at", "ended_by")
    list_filter = (StateFilter, "kind", "tier")
    list_select_related = ("customer", "tier", "owner", "ended_by")
    search_fields = ("customer__full_name__istartswith", "customer__public_id__exact")
    autocomplete_fields = ("customer",)
    change_form_outer_before_template = "tiers/override_end.html"

    def has_change_permission(self, request: HttpRequest, obj: Override | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Override | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Override | None = None) -> Any:
        asked = ("customer", "kind", "tier", "ends_on", "reason")
        return asked if obj is None else (*asked, "owner", "created_at", "ended_at", "ended_by")

    def get_form(self, request: HttpRequest, obj: Override | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is not None:
            return form
        ends_on = form.base_fields["ends_on"]
        ends_on.required = not request.user.has_perm("tiers.add_openended_override")
        ends_on.help_text = _("It holds to the end of this day.")
        form.base_fields["reason"].help_text = _("Colleagues who may see margin read it beside the tier.")
        # A class of this request's own: the admin makes one for each.
        form.owner = request.user
        return form

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Override:
        override: Override = form.instance
        return override

    def save_model(self, request: HttpRequest, obj: Override, form: Any, change: bool) -> None:
        """Nothing: the form has set it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: nothing hangs on it."""

    def get_urls(self) -> list[URLPattern]:
        own = [path("<int:pk>/end/", self.admin_site.admin_view(self.end), name="tiers_override_end")]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {"may_end": request.user.has_perm("tiers.change_override")}
        response: HttpResponse = super().change_view(request, object_id, form_url, shown | (extra_context or {}))
        return response

    def end(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End an override now."""
        if not request.user.has_perm("tiers.change_override"):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        override = Override.objects.select_related("customer").filter(pk=pk).first()
        if override is None:
            raise Http404
        if end_override(override=override, by=cast("User", request.user)):
            words = _("Ended. From now on the numbers decide about %(customer)s again.")
            self.message_user(request, words % {"customer": override.customer}, messages.SUCCESS)
        else:
            self.message_user(request, _("It had ended already."), messages.WARNING)
        return HttpResponseRedirect(reverse("admin:tiers_override_change", args=[pk]))
