"""What customers are to each other: noting it, and that it is over."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest, Now
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.enums import SYMMETRIC
from customers.models import Customer, Erasure, Relationship
from customers.texts import tidy

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def note_relationship(
    *,
    customer: Customer,
    other: Customer,
    kind: str,
    may_act: bool = False,
    source: str = "",
    since: date | None = None,
    noted_by: "User | None" = None,
) -> tuple[Relationship, bool]:
    """Note that `customer` is this to `other` and return it with True, or the same one from before with False.

    What the two say of who may arrange things is brought up to date; the words of before stay where none come.

    Raises:
        ValidationError: a field does not hold, it is one customer or one person in two roles, or one of them was
            merged or forgotten.
    """
    try:
        source = tidy(source)
    except ValueError as error:
        raise ValidationError({"source": [_(str(error))]}) from None
    new = Relationship(
        customer=customer, other=other, kind=kind, may_act=may_act, source=source, since=since, noted_by=noted_by
    )
    new.clean_fields(exclude=["customer", "other", "noted_by", "ended_by"])
    if since is not None and since > timezone.localdate() + timedelta(days=1):
        raise ValidationError({"since": [_("That day has not come yet.")]})
    _refuse(customer, other)
    with pghistory.context(user=noted_by.pk if noted_by else None, source="relationships"):
        known = _known(new)
        if known is None:
            new.save()
            new.refresh_from_db(fields=["noted_at"])
            return new, True
        changed = {"may_act": may_act, "source": source or known.source, "since": since or known.since}
        Relationship.objects.filter(pk=known.pk).update(**changed)
    known.refresh_from_db()
    return known, False


def end_relationship(*, relationship: Relationship, by: "User | None" = None) -> bool:
    """Note that it is over; return False where that was known."""
    open_ones = Relationship.objects.filter(pk=relationship.pk, ended_at=None)
    with pghistory.context(user=by.pk if by else None, source="relationships"):
        return bool(open_ones.update(ended_at=Greatest(Now(), F("noted_at")), ended_by=by))


def _refuse(customer: Customer, other: Customer) -> None:
    """Lock both in order, so that the same thing said twice at once is said once, and refuse those who cannot."""
    ids = {customer.pk, other.pk}
    if len(ids) < 2:
        raise ValidationError(_("Choose somebody else: nobody is this to themselves."))
    found = list(Customer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    if len(found) < 2 or any(one.merged_into_id for one in found):
        raise ValidationError(_("One of them was merged into somebody else meanwhile. Open them again."))
    if Erasure.objects.filter(customer__in=ids).exists():
        raise ValidationError(_("One of them was forgotten at their wish, and is left alone."))
    if found[0].person_id is not None and found[0].person_id == found[1].person_id:
        raise ValidationError(_("They are one person in two roles."))


def _known(new: Relationship) -> Relationship | None:
    same = Q(customer=new.customer_id, other=new.other_id)
    if new.kind in SYMMETRIC:
        same |= Q(customer=new.other_id, other=new.customer_id)
    return Relationship.objects.filter(same, kind=new.kind, ended_at=None).first()
