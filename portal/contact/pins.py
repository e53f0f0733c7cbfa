"""Pinning an entry of the timeline, and letting it go."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.models import Customer
from portal.contact.timeline import MOST_PINS
from portal.models import Pin, User


@transaction.atomic
def pin_entry(*, customer: Customer, kind: Pin.Kind, row: int, by: User, reason: str = "") -> tuple[Pin, bool]:
    """Pin an entry of this customer and return the pin with True, or the one that is there already with False.

    Raises:
        ValidationError: so many are pinned that one more would not stand out.
    """
    Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
    present = Pin.objects.filter(customer=customer, unpinned_at=None)
    same = present.filter(kind=kind, row=row).first()
    if same:
        return same, False
    if present.count() >= MOST_PINS:
        raise ValidationError(_("Ten entries are pinned already. Unpin one first, so that each stands out."))
    return Pin.objects.create(
        customer=customer, kind=kind, row=row, reason=" ".join(reason.split()), pinned_by=by
    ), True


def unpin_entry(*, pin: Pin, by: User) -> bool:
    """End a pin; return False where that was done before."""
    return bool(Pin.objects.filter(pk=pin.pk, unpinned_at=None).update(unpinned_at=Now(), unpinned_by=by))


def unpin_row(*, kind: Pin.Kind, row: int, by: User) -> None:
    """End the pin of an entry that is there no more, lest it stand in the way of others unseen."""
    Pin.objects.filter(kind=kind, row=row, unpinned_at=None).update(unpinned_at=Now(), unpinned_by=by)
