"""Previews of schemes, with the note of whose names a colleague was shown or took home."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from customers.models import Customer
from portal.audit import note_reading
from portal.models import Reading
from tiers.admin.previews import PreviewAdmin
from tiers.models import Preview

admin.site.unregister(Preview)


@admin.register(Preview)
class ReadPreviewAdmin(PreviewAdmin):
    """What schemes would do to everybody."""

    def shown(self, request: HttpRequest, customers: Iterable[Customer], *, is_export: bool = False) -> None:
        user: Any = request.user
        note_reading(user=user, customers=customers, door=Reading.Door.EXPORT if is_export else Reading.Door.ADMIN)
