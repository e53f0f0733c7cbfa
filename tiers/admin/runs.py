"""Runs: how far they are, what they moved and why; and the buttons that begin and stop them."""

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from customers.admin.base import ReadOnlyAdmin
from tiers import tasks
from tiers.enums import RunState
from tiers.models import Run
from tiers.selectors.progress import moved_by, movers, progress_of
from tiers.services import runs

if TYPE_CHECKING:
    from portal.models import User

_PAGE = 50
# The page of a run under way looks again after so many seconds.
_REFRESH = 5


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Re-tierings: the list with the buttons that begin one, and a page for each."""

    list_display = ("as_of", "kind", "state", "scheme", "customers", "moves", "started_at", "ended_at", "requested_by")
    list_filter = ("kind", "state")
    list_select_related = ("scheme", "requested_by")
    list_before_template = "tiers/run_begin.html"

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("start/", self.admin_site.admin_view(self.start), name="tiers_run_start"),
            path("<int:pk>/cancel/", self.admin_site.admin_view(self.cancel), name="tiers_run_cancel"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"may_start": request.user.has_perm("tiers.add_run"), "active": runs.active_run()}
        response: HttpResponse = super().changelist_view(request, shown | (extra_context or {}))
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one run: how far it is, what it moved from where to where, and who moved (a page of `?page=`)."""
        run: Run | None = self.get_object(request, object_id)
        if not self.has_view_permission(request, run) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        if run is None:
            raise Http404
        is_active = run.state == RunState.ACTIVE
        pages = Paginator(movers(run), _PAGE)
        # What a run under way has moved so far is counted by its shards; the list waits until it has ended.
        page = None if is_active or not run.moves else pages.get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(run),
            "run": run,
            "is_active": is_active,
            "is_measuring": is_active and run.cutoffs is None,
            "progress": progress_of(run),
            "moved": [] if is_active else moved_by(run),
            "page": page,
            "refresh": _REFRESH,
            "may_cancel": is_active and request.user.has_perm("tiers.change_run"),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "tiers/run.html", context)

    def start(self, request: HttpRequest) -> HttpResponse:
        """Begin a run: of those who are due, or with `full` of everybody from the facts alone."""
        self._check(request, "tiers.add_run")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            run = runs.start_run(is_full="full" in request.POST, by=cast("User", request.user))
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:tiers_run_changelist"))
        if run is None:
            active = runs.active_run()
            self.message_user(request, _("A re-tiering is under way already. This is how far it is."), messages.WARNING)
            return _page_of(active) if active else HttpResponseRedirect(reverse("admin:tiers_run_changelist"))
        # Where the broker does not take the message, the sweeper finds the run within half a minute.
        transaction.on_commit(partial(tasks.share_run, run.pk), robust=True)
        self.message_user(request, _("The re-tiering has begun."), messages.SUCCESS)
        return _page_of(run)

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop a run; what it moved so far stays."""
        self._check(request, "tiers.change_run")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        run = Run.objects.filter(pk=pk).first()
        if run is None:
            raise Http404
        if runs.cancel_run(run=run):
            self.message_user(request, _("The re-tiering is cancelled. What it moved so far stays."), messages.SUCCESS)
        else:
            self.message_user(request, _("That re-tiering had ended already."), messages.WARNING)
        return _page_of(run)

    def _check(self, request: HttpRequest, permission: str) -> None:
        if not request.user.has_perm(permission):
            raise PermissionDenied


def _page_of(run: Run) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:tiers_run_change", args=[run.pk]))
