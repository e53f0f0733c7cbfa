"""Versions: a draft is written on a page of its own and published when it is ready; anything later is read there."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as say

from customers.admin.base import HouseAdmin
from customers.admin.meanwhile import refuse_unseen


class DraftsAdmin(HouseAdmin):
    """An admin of versions with a `state`. Heirs give the form, the page, and what its buttons do."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_draft(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_draft(obj) and bool(super().has_delete_permission(request, obj))

    def get_actions(self, request: HttpRequest) -> Any:
        # Deleting many at once would not ask of each whether it is a draft.
        return {name: deed for name, deed in super().get_actions(request).items() if name != "delete_selected"}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a version, or do what one of the page's buttons says."""
        version = None
        if object_id is not None:
            version = self.get_object(request, object_id)
            if version is None:
                return cast(HttpResponse, self._get_obj_does_not_exist_redirect(request, self.opts, object_id))
        if request.method == "POST":
            return self._pressed(request, version)
        if not (self.has_view_permission(request, version) if version else self.has_add_permission(request)):
            raise PermissionDenied
        return self._page(request, version, self._form(version) if self._may_write(request, version) else None)

    def _may_write(self, request: HttpRequest, version: Any) -> bool:
        if version is None:
            return bool(self.has_add_permission(request))
        return self.has_change_permission(request, version)

    @transaction.atomic
    def _saved(
        self, request: HttpRequest, version: Any, *, begin: Callable[[], Any], write: Callable[[Any], Any], said: str
    ) -> Any:
        """Begin a draft, or write one that nobody else has written since the form was drawn; note it and return it.

        Raises:
            ValidationError: as the services, and where somebody else has.
        """
        if version is None:
            draft = begin()
            self.log_addition(request, draft, say("Began a draft."))
            return draft
        refuse_unseen(request, version)
        draft = write(version)
        self.log_change(request, draft, said)
        return draft

    def _closed(self, request: HttpRequest, version: Any) -> HttpResponse:
        """Say to whoever may write drafts that this one was published while they wrote.

        Raises:
            PermissionDenied: they may not.
        """
        if version is None or not self.has_change_permission(request):
            raise PermissionDenied
        words = say("“%s” is no draft any more, so nothing was saved. Go back for what you wrote, and use a copy.")
        self.message_user(request, words % version.name, messages.ERROR)
        page = self._page(request, version, None)
        page.status_code = 403
        return page

    def _to(self, version: Any) -> HttpResponse:
        """Lead back to the page of a version."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[version.pk]))

    def _form(self, version: Any, data: Any = None) -> Any:
        """Return the form of a draft, or of a new one."""
        raise NotImplementedError

    def _page(self, request: HttpRequest, version: Any, form: Any) -> HttpResponse:
        """Show a version: with its form where this reader may write it, else as it is read."""
        raise NotImplementedError

    def _pressed(self, request: HttpRequest, version: Any) -> HttpResponse:
        """Do what a button of the page says."""
        raise NotImplementedError


def _is_draft(version: Any) -> bool:
    return version is None or version.state == "draft"
