"""Versions of predicted value, which everybody looks at and the clock or a manager makes."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError

from customers.admin.base import ReadOnlyAdmin
from tiers import tasks
from tiers.models import ValueFit
from tiers.selectors.value_page import page_of


@admin.register(ValueFit)
class ValueFitAdmin(ReadOnlyAdmin):
    """Versions of predicted value: what was learned, how sure it is, and whether it holds."""

    list_display = ("version", "fitted_at", "model", "last_day", "customers", "horizon_days", "doubts")
    list_filter = ("model",)
    fields = ("version", "fitted_at", "fitted_by", "first_day", "last_day", "horizon_days")
    list_before_template = "tiers/admin/fit_again.html"
    change_form_outer_before_template = "tiers/admin/value_fit.html"

    class Media:
        css: ClassVar = {"all": ("tiers/admin.css",)}

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
