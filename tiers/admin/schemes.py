"""Schemes: a draft is a form of sentences, anything later the sentences alone."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from customers.admin.drafts import DraftsAdmin
from tiers.admin.previews import begin_preview
from tiers.forms import SchemeForm
from tiers.models import Scheme, Tier
from tiers.selectors.faults import faults_of
from tiers.selectors.rule_wording import scheme_rules
from tiers.services.drafts import begin_scheme, copy_scheme, write_rules
from tiers.services.schemes import publish_scheme, reuse_scheme

if TYPE_CHECKING:
    from portal.models import User


@admin.register(Scheme)
class SchemeAdmin(DraftsAdmin):
    """Versions of the rules: a draft is edited, and published when it is ready; after that it stays as it is."""

    list_display = ("name", "version", "state", "hold_days", "grace_days", "published_at", "retired_at")
    list_filter = ("state",)
    search_fields = ("name",)
    # Buttons of forms, so that they are pressed by POST alone.
    actions = ("preview", "publish", "copy_as_draft")

    def has_write_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the role may write schemes at all; which of them, the services say."""
        return request.user.has_perm("tiers.change_scheme")

    def has_preview_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the role may ask for previews."""
        return request.user.has_perm("tiers.add_preview")

    # --- the page --------------------------------------------------------------------------------

    def _form(self, scheme: Scheme | None, data: Any = None) -> SchemeForm:
        return SchemeForm(data, tiers=list(Tier.objects.order_by("rank")), scheme=scheme)

    def _pressed(self, request: HttpRequest, scheme: Scheme | None) -> HttpResponse:
        # Also of what is published and retired: nothing of them changes.
        if scheme is not None and "_preview_only" in request.POST:
            return begin_preview(self, request, scheme) or self._to(scheme)
        if scheme is not None and ("_copy" in request.POST or "_again" in request.POST):
            if not self.has_write_permission(request):
                raise PermissionDenied
            return self._copy(request, scheme) if "_copy" in request.POST else self._reuse(request, scheme)
        if not self._may_write(request, scheme):
            return self._closed(request, scheme)
        form = self._form(scheme, request.POST)
        if not form.is_valid():
            return self._page(request, scheme, form)
        try:
            saved = self._saved(
                request,
                scheme,
                begin=lambda: begin_scheme(**form.rules),
                write=lambda draft: write_rules(scheme=draft, **form.rules),
                said=say("Wrote the rules."),
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self._page(request, scheme, form)
        if "_preview" in request.POST:
            return begin_preview(self, request, saved) or self._to(saved)
        if "_publish" in request.POST:
            self._publish(request, saved)
        else:
            self.message_user(request, say("“%s” is saved. It decides nothing until it is published.") % saved.name)
        return self._to(saved)

    def _page(self, request: HttpRequest, scheme: Scheme | None, form: SchemeForm | None) -> TemplateResponse:
        is_ready = scheme is not None and form is not None and not form.is_bound
        context = {
            **self.admin_site.each_context(request),
            "title": scheme.name if scheme else say("A new scheme"),
            "subtitle": None,
            "opts": self.opts,
            "original": scheme,
            "scheme": scheme,
            "form": form,
            "rules": scheme_rules(scheme) if scheme and form is None else None,
            "faults": faults_of(scheme) if scheme and is_ready else [],
            "may_write": self.has_write_permission(request),
            "may_preview": self.has_preview_permission(request),
            "may_delete": scheme is not None and self.has_delete_permission(request, scheme),
            "has_add_permission": self.has_add_permission(request),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "tiers/admin/scheme.html", context)

    # --- buttons ---------------------------------------------------------------------------------

    @admin.action(description=_("Preview"), permissions=["preview"])
    def preview(self, request: HttpRequest, queryset: QuerySet[Scheme]) -> HttpResponse | None:
        """Work out what the one scheme that is ticked would do to everybody."""
        scheme = self._one(request, queryset)
        return begin_preview(self, request, scheme) if scheme else None

    @admin.action(description=_("Publish"), permissions=["write"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Scheme]) -> None:
        """Publish the one scheme that is ticked."""
        if scheme := self._one(request, queryset):
            self._publish(request, scheme)

    @admin.action(description=_("Copy as a draft"), permissions=["write"])
    def copy_as_draft(self, request: HttpRequest, queryset: QuerySet[Scheme]) -> None:
        """Begin a new version from the one scheme that is ticked."""
        if scheme := self._one(request, queryset):
            self._copy(request, scheme)

    def _one(self, request: HttpRequest, queryset: QuerySet[Scheme]) -> Scheme | None:
        chosen = list(queryset[:2])
        if len(chosen) == 1:
            return chosen[0]
        self.message_user(request, say("Please tick one scheme."), messages.WARNING)
        return None

    def _copy(self, request: HttpRequest, scheme: Scheme) -> HttpResponse:
        draft = copy_scheme(scheme=scheme)
        self.log_addition(request, draft, say("Copied from “%s”.") % scheme)
        self.message_user(request, say("Version %d is a draft now.") % draft.version, messages.SUCCESS)
        return self._to(draft)

    def _reuse(self, request: HttpRequest, scheme: Scheme) -> HttpResponse:
        again = self._try(request, lambda: reuse_scheme(scheme=scheme, by=cast("User", request.user)))
        return self._to(again or scheme)

    def _publish(self, request: HttpRequest, scheme: Scheme) -> None:
        self._try(request, lambda: publish_scheme(scheme=scheme, by=cast("User", request.user)))

    def _try(self, request: HttpRequest, deed: Callable[[], Scheme]) -> Scheme | None:
        """Publish, and say so, or why not."""
        try:
            published = deed()
        except ValidationError as error:
            for sentence in error.messages:
                self.message_user(request, sentence, messages.ERROR)
            return None
        self.log_change(request, published, say("Published."))
        self.message_user(request, say("“%s” is published.") % published.name, messages.SUCCESS)
        runs = reverse("admin:tiers_run_changelist")
        words = say("Everybody is decided on by it in tonight's run, or at once:")
        self.message_user(request, format_html('{} <a href="{}" class="underline">{}</a>', words, runs, say("Runs")))
        return published
