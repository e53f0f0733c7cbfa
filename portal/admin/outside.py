"""Which other systems of the house are asked about a customer."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Field
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from customers.admin.base import HouseAdmin
from portal.models import OutsideSource
from portal.roles import Role, permissions_of


@admin.register(OutsideSource)
class OutsideSourceAdmin(HouseAdmin):
    """Cards from outside. The secret itself stays with whoever runs the house; here is its name alone."""

    list_display = ("name", "url", "shows", "is_active")
    list_filter = ("is_active", "shows")
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "url", ("reference", "known_from"), "is_active"),
                "description": _(
                    "The page of a customer asks this address once it has stood, and waits two seconds at most. The "
                    'answer is JSON of at most 64 kB: {"lines": [{"label": "Parcel", "value": "on its way"}], '
                    '"url": "https://…"}. Where none comes, what was said last is shown with its time.'
                ),
            },
        ),
        (_("Who may see it"), {"fields": ("shows", "roles")}),
        (_("Secret"), {"fields": (("header", "secret"),)}),
    )

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """Roles are ticked."""
        if db_field.name != "roles":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        desk = [(role.value, role.label) for role in Role if "portal.use_desk" in permissions_of(role)]
        return forms.MultipleChoiceField(
            label=db_field.verbose_name,
            help_text=db_field.help_text,
            choices=desk,
            required=False,
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
        )
