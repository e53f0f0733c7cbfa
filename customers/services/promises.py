"""Making promises, keeping them, and owning up where we did not."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Customer, Interaction, Promise, TouchPoint

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def make_promise(
    *,
    customer: Customer,
    text: str,
    due_at: datetime,
    owner: "User | None" = None,
    touch_point: TouchPoint | None = None,
    interaction: Interaction | None = None,
) -> tuple[Promise, bool]:
    """Make a promise and return it with True, or return the open one in the same words for the same time with False.

    Raises:
        ValidationError: nothing is said, or the time has passed.
    """
    if due_at <= timezone.now():
        raise ValidationError({"due_at": _("That time has passed. By when will it be done?")})
    promise = Promise(
        customer=customer,
        text=" ".join(text.split()),
        due_at=due_at,
        owner=owner,
        touch_point=touch_point,
        interaction=interaction,
    )
    promise.clean_fields()
    # A second press of the button is the same promise.
    Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
    same = Promise.objects.open().filter(customer=customer, text=promise.text, due_at=due_at).first()
    if same:
        return same, False
    promise.save()
    promise.refresh_from_db(fields=["made_at"])
    return promise, True


def keep_promise(*, promise: Promise) -> bool:
    """Record that a promise was kept, now; return False where it was settled already."""
    return bool(Promise.objects.open().filter(pk=promise.pk).update(kept_at=Now()))


def break_promise(*, promise: Promise) -> bool:
    """Record that we will not keep a promise; return False where it was settled already."""
    return bool(Promise.objects.open().filter(pk=promise.pk).update(broken_at=Now()))
