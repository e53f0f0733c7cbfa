"""Previews: asking for one, watching it, reading it, paging through who would move, and taking that home as a file."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from customers.admin.base import ReadOnlyAdmin
from customers.models import Customer
from customers.sheets import MARK, csv_line
from tiers.enums import PreviewState, SchemeState
from tiers.models import Preview, PreviewMove, Scheme
from tiers.selectors import preview_page
from tiers.selectors.previews import batches, count_of, mark_of, moves_of, progress
from tiers.services.previews import cancel_preview, request_preview
from tiers.tasks import ask_for_preview

if TYPE_CHECKING:
    from portal.models import User

_PER_PAGE = 50


def begin_preview(model_admin: Any, request: HttpRequest, scheme: Scheme) -> HttpResponse | None:
    """Begin a preview and lead to its page, or say what stands in its way and return None."""
    if not request.user.has_perm("tiers.add_preview"):
        raise PermissionDenied
    try:
        preview = request_preview(scheme=scheme, by=cast("User", request.user))
    except ValidationError as refusal:
        for sentence in refusal.messages:
            model_admin.message_user(request, sentence, messages.ERROR)
        return None
    transaction.on_commit(partial(ask_for_preview, preview.pk))
    return HttpResponseRedirect(reverse("admin:tiers_preview_change", args=[preview.pk]))


class MovesPaginator(Paginator):
    """Pages of moves whose number is known from the matrix, without counting rows."""

    def __init__(self, moves: QuerySet[PreviewMove], count: int) -> None:
        super().__init__(moves, _PER_PAGE)
        self.count = count


@admin.register(Preview)
class PreviewAdmin(ReadOnlyAdmin):
    """What schemes would do to everybody."""

    list_display = ("scheme", "as_of", "state", "customers", "requested_by", "started_at", "ended_at")
    list_filter = ("state",)
    list_select_related = ("scheme", "requested_by")

    def get_urls(self) -> Any:
        pages = [
            ("start/<int:scheme_pk>/", self.start_view, "start"),
            ("<int:pk>/cancel/", self.cancel_view, "cancel"),
            ("<int:pk>/moves/", self.moves_view, "moves"),
            ("<int:pk>/moves.csv", self.export_view, "export"),
        ]
        own = [
            path(where, self.admin_site.admin_view(view), name=f"tiers_preview_{name}") for where, view, name in pages
        ]
        return own + super().get_urls()

    def shown(self, request: HttpRequest, customers: Iterable[Customer], *, is_export: bool = False) -> None:
        """Hear of the customers whom a page or a file names to a reader. Whoever keeps an audit overrides this."""

    @method_decorator(require_POST)
    def start_view(self, request: HttpRequest, scheme_pk: int) -> HttpResponse:
        """Begin a preview of a scheme, or come to the one under way."""
        if not request.user.has_perm("tiers.add_preview"):
            raise PermissionDenied
        scheme = get_object_or_404(Scheme, pk=scheme_pk)
        begun = begin_preview(self, request, scheme)
        return begun or HttpResponseRedirect(reverse("admin:tiers_scheme_change", args=[scheme.pk]))

    @method_decorator(require_POST)
    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop a preview that is under way."""
        if not request.user.has_perm("tiers.add_preview"):
            raise PermissionDenied
        preview = get_object_or_404(Preview, pk=pk)
        if cancel_preview(preview=preview):
            self.message_user(request, _("The preview is cancelled. Nothing of it is kept."), messages.SUCCESS)
        else:
            self.message_user(request, _("This preview had ended already."), messages.WARNING)
        return HttpResponseRedirect(reverse("admin:tiers_preview_change", args=[pk]))

    @method_decorator(never_cache)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        preview = self._seen(request, object_id)
        context = self._context(request, preview)
        if preview.is_under_way:
            context |= {"progress": progress(preview)}
        elif request.headers.get("HX-Request"):
            # It has ended since the page was drawn: there is more to show than the bar.
            return HttpResponse(headers={"HX-Refresh": "true"})
        if preview.state == PreviewState.FINISHED:
            shows_margin = request.user.has_perm("customers.view_margin")
            named = preview_page.customers_near(preview, shows_margin=shows_margin)
            user = cast("User", request.user)
            customers = Customer.objects.visible_to(user).in_bulk(named)
            context["page"] = preview_page.page(preview, customers, shows_margin=shows_margin)
            context["is_stale"] = mark_of(preview.scheme) != preview.digest
            self.shown(request, customers.values())
        return TemplateResponse(request, "tiers/preview.html", context)

    @method_decorator(require_GET)
    @method_decorator(never_cache)
    def moves_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A page of those who would move, by tier before and after."""
        preview = self._seen(request, pk, finished=True)
        start, end = self._ends(request, preview)
        pages = MovesPaginator(
            moves_of(preview, start, end).select_related("customer", "from_tier", "to_tier"),
            count_of(preview, start, end),
        )
        page: Page[PreviewMove] = pages.get_page(request.GET.get("page"))
        rows = list(page.object_list)
        self.shown(request, [row.customer for row in rows])
        tiers = preview.results["tiers"] if preview.results else []
        context = self._context(request, preview) | {
            "pages": page,
            "rows": rows,
            "tiers": tiers[::-1],
            "graces": preview_page.graces(preview.results or {}),
            "start": start,
            "end": end,
            "query": "".join(f"&{name}={value}" for name, value in (("from", start), ("to", end)) if value is not None),
            "links": pages.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        }
        return TemplateResponse(request, "tiers/preview_moves.html", context)

    @method_decorator(require_GET)
    @method_decorator(never_cache)
    def export_view(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """The same as a file, all pages of it, sent while it is read."""
        preview = self._seen(request, pk, finished=True)
        if not request.user.has_perm("tiers.export_preview"):
            raise PermissionDenied
        start, end = self._ends(request, preview)
        name = f"preview-{preview.scheme.version}-{preview.as_of:%Y-%m-%d}.csv"
        return StreamingHttpResponse(
            self._lines(request, moves_of(preview, start, end)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _lines(self, request: HttpRequest, moves: QuerySet[PreviewMove]) -> Iterator[str]:
        yield MARK + csv_line(
            [_("Customer"), _("Source"), _("Number there"), _("Name"), _("Country"), _("From"), _("To"), _("Reason")]
        )
        for batch in batches(moves):
            # Noted before it leaves the house.
            self.shown(request, [move.customer for move in batch], is_export=True)
            yield "".join(csv_line(_cells(move)) for move in batch)

    def _seen(self, request: HttpRequest, pk: Any, *, finished: bool = False) -> Preview:
        """Return a preview to somebody who may see it; one that is not finished has no moves to show."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            preview = Preview.objects.select_related("scheme", "requested_by").get(pk=pk)
        except (Preview.DoesNotExist, ValueError) as error:
            raise Http404 from error
        if finished and preview.state != PreviewState.FINISHED:
            raise Http404
        return preview

    def _context(self, request: HttpRequest, preview: Preview) -> dict[str, Any]:
        return self.admin_site.each_context(request) | {
            "opts": self.opts,
            "original": preview,
            "preview": preview,
            "title": _("Preview of “%s”") % preview.scheme.name,
            "may_start": request.user.has_perm("tiers.add_preview") and preview.scheme.state != SchemeState.RETIRED,
            "may_cancel": request.user.has_perm("tiers.add_preview"),
            "may_export": request.user.has_perm("tiers.export_preview"),
        }

    def _ends(self, request: HttpRequest, preview: Preview) -> tuple[int | None, int | None]:
        """Return the tiers that the reader asks for; what is no tier of this preview is a page that is not there."""
        known = {str(tier["pk"]): tier["pk"] for tier in (preview.results or {})["tiers"]}
        found: list[int | None] = []
        for name, allowed in (("from", known | {"0": 0}), ("to", known)):
            text = request.GET.get(name, "")
            if text and text not in allowed:
                raise Http404
            found.append(allowed[text] if text else None)
        return found[0], found[1]


def _cells(move: PreviewMove) -> list[str]:
    customer = move.customer
    return [
        str(customer.pk),
        customer.source,
        customer.external_id or "",
        customer.full_name,
        customer.country,
        move.from_tier.name if move.from_tier else "",
        move.to_tier.name,
        str(move.get_reason_display()),
    ]
