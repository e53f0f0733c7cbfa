"""Noting what is better not said to a customer, and letting it go."""

from typing import TYPE_CHECKING

from django.db.models import F
from django.db.models.functions import Greatest, Now

from customers.models import Caution, Customer, Interaction

if TYPE_CHECKING:
    from portal.models import User


def note_caution(
    *,
    customer: Customer,
    text: str,
    reason: str = "",
    is_private: bool = False,
    noted_by: "User | None" = None,
    interaction: Interaction | None = None,
) -> tuple[Caution, bool]:
    """Note what not to say or do and return it with True, or return the same one from before with False.

    Raises:
        ValidationError: a field does not hold.
    """
    caution = Caution(
        customer=customer,
        text=" ".join(text.split()),
        reason=" ".join(reason.split()),
        is_private=is_private,
        noted_by=noted_by,
        interaction=interaction,
    )
    caution.clean_fields()
    defaults = {
        "reason": caution.reason,
        "is_private": is_private,
        "noted_by": noted_by,
        "interaction": interaction,
    }
    known, is_new = Caution.objects.get_or_create(
        customer=customer, text=caution.text, retired_at=None, defaults=defaults
    )
    if is_private and not known.is_private:
        # Whoever says again what is known may ask for more care with it, never for less.
        Caution.objects.filter(pk=known.pk).update(is_private=True)
        known.refresh_from_db(fields=["is_private"])
        return known, True
    return known, is_new


def retire_caution(*, caution: Caution, by: "User | None" = None) -> bool:
    """Say that it may be said again; return False where that was known."""
    live = Caution.objects.filter(pk=caution.pk, retired_at=None)
    return bool(live.update(retired_at=Greatest(Now(), F("noted_at")), retired_by=by))
