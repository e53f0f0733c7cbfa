"""Recording what somebody of the house gave a customer or did for them. Whether they may is decided elsewhere."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.exceptions import Conflict
from customers.models import Customer, Gesture, Interaction
from customers.selectors.merged import were_one
from customers.services.fields import cents, past_moment, text_of

if TYPE_CHECKING:
    from portal.models import User

# The same words at the same cost for the same customer within this time are a second press, not a second gesture.
_SAME = timedelta(minutes=2)


@transaction.atomic
def record_gesture(
    *,
    customer: Customer,
    what: str,
    cost: Decimal,
    given_at: datetime | None = None,
    source: str = "house",
    external_id: str | None = None,
    interaction: Interaction | None = None,
    by: "User | None" = None,
) -> tuple[Gesture, bool]:
    """Record a gesture and return it with True, or return the one that is recorded already with False.

    The same one has the same number at the source; without a number, the same words and cost for the same customer
    within two minutes. `cost` is in the house's currency. Without `given_at` it was given now, by the database's clock.

    Raises:
        Conflict: that number is recorded already and says something else.
        ValidationError: a field does not hold, by the field's name, or the interaction is another customer's.
    """
    if interaction is not None and interaction.customer_id != customer.pk:
        raise ValidationError({"interaction": _("This contact is another customer's.")})
    gesture = build_gesture(
        customer=customer, what=what, cost=cost, given_at=given_at, source=source, external_id=external_id
    )
    gesture.interaction, gesture.given_by = interaction, by
    if gesture.external_id is None:
        # A second press of the button waits here, and then finds the first one's gesture.
        Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
        if same := _pressed_before(gesture, given_at):
            return same, False
        gesture.save()
    elif known := _save_or_find(gesture):
        refuse_other_content(gesture=gesture, known=known, has_time=given_at is not None)
        return known, False
    gesture.refresh_from_db(fields=["given_at"])
    return gesture, True


def build_gesture(
    *, customer: Customer, what: str, cost: Decimal, given_at: datetime | None, source: str, external_id: str | None
) -> Gesture:
    """Return a gesture that is not saved yet, every field checked.

    Raises:
        ValidationError: a field does not hold, by the field's name.
    """
    cost = cents("cost", cost)
    if cost < 0:
        raise ValidationError({"cost": _("What a gesture costs cannot be below zero.")})
    gesture = Gesture(
        customer=customer,
        what=text_of(Gesture, "what", what),
        cost=cost,
        source=text_of(Gesture, "source", source),
        external_id=text_of(Gesture, "external_id", external_id or "") or None,
    )
    if given_at is not None:
        gesture.given_at = past_moment("given_at", given_at)
    return gesture


def refuse_other_content(*, gesture: Gesture, known: Gesture, has_time: bool = True) -> None:
    """Compare a gesture with the one recorded under its number; its time only where it was told.

    Raises:
        Conflict: they differ; the sentence names the fields, not what is in them.
    """
    names = ["customer", "what", "cost"] + ["given_at"] * has_time
    differing = [name for name in names if getattr(gesture, name) != getattr(known, name)]
    if "customer" in differing and were_one(gesture.customer_id, known.customer_id):
        # Recorded while the two were one: it stayed where it was when they were parted.
        differing.remove("customer")
    if differing:
        labels = ", ".join(str(Gesture._meta.get_field(name).verbose_name) for name in differing)  # type: ignore[union-attr]
        raise Conflict(
            _("Gesture %(number)s is already recorded, and differs in: %(fields)s."),
            code="conflict",
            params={"number": gesture.external_id, "fields": labels},
        )


def _pressed_before(gesture: Gesture, given_at: datetime | None) -> Gesture | None:
    middle = given_at or Now()
    same = Gesture.objects.filter(customer=gesture.customer, source=gesture.source, external_id=None)
    same = same.filter(taken_back_at=None)
    same = same.filter(what=gesture.what, cost=gesture.cost, given_at__range=(middle - _SAME, middle + _SAME))
    return same.order_by("pk").first()


def _save_or_find(gesture: Gesture) -> Gesture | None:
    """Save a gesture, or return the one that has its number already."""
    numbered = Gesture.objects.filter(source=gesture.source, external_id=gesture.external_id)
    if known := numbered.first():
        return known
    try:
        with transaction.atomic():
            gesture.save()
    except IntegrityError:
        # Somebody was faster, or it failed for another reason.
        if known := numbered.first():
            return known
        raise
    return None
