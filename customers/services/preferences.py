"""Noting what a customer likes, and letting go of what is no longer so."""

from typing import TYPE_CHECKING

from django.db.models.functions import Now

from customers.enums import Provenance
from customers.models import Customer, Interaction, Preference

if TYPE_CHECKING:
    from portal.models import User


def note_preference(
    *,
    customer: Customer,
    text: str,
    provenance: str = Provenance.STATED,
    is_ask_first: bool = False,
    noted_by: "User | None" = None,
    interaction: Interaction | None = None,
) -> tuple[Preference, bool]:
    """Note a preference and return it with True, or return the same one from before with False."""
    preference = Preference(
        customer=customer,
        text=" ".join(text.split()),
        provenance=provenance,
        is_ask_first=is_ask_first,
        noted_by=noted_by,
        interaction=interaction,
    )
    preference.clean_fields()
    return Preference.objects.get_or_create(
        customer=customer,
        text=preference.text,
        retired_at=None,
        defaults={
            "provenance": provenance,
            "is_ask_first": is_ask_first,
            "noted_by": noted_by,
            "interaction": interaction,
        },
    )


def retire_preference(*, preference: Preference) -> bool:
    """Say that a preference no longer holds; return False where that was known."""
    return bool(Preference.objects.filter(pk=preference.pk, retired_at=None).update(retired_at=Now()))
