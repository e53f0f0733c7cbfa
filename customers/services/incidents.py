"""Recording what went wrong for a customer, and that it was put right."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.enums import Severity
from customers.models import Customer, Incident, Interaction, Order, TakenBackIncident, TouchPoint
from customers.selectors.mistakes import may_take_back

if TYPE_CHECKING:
    from portal.models import User

# The same words about the same customer within this time are a second press, not a second incident.
_SAME = timedelta(minutes=2)
_KEPT = (
    "customer_id",
    "kind",
    "touch_point_id",
    "severity",
    "text",
    "is_our_fault",
    "happened_at",
    "resolved_at",
    "resolution",
    "recorded_by_id",
)


@transaction.atomic
def record_incident(
    *,
    customer: Customer,
    kind: str,
    touch_point: TouchPoint,
    text: str,
    severity: int = Severity.REAL,
    is_our_fault: bool = True,
    happened_at: datetime | None = None,
    order: Order | None = None,
    interaction: Interaction | None = None,
    recorded_by: "User | None" = None,
) -> tuple[Incident, bool]:
    """Record an incident and return it with True, or return the one that is recorded already with False.

    Raises:
        ValidationError: a field does not hold, the time has not come, or the order is another customer's.
    """
    happened_at = happened_at or timezone.now()
    if happened_at > timezone.now() + _SAME:
        raise ValidationError({"happened_at": _("That has not happened yet.")})
    if order is not None and order.customer_id != customer.pk:
        raise ValidationError({"order": _("This order is another customer's.")})
    incident = Incident(
        customer=customer,
        kind=kind,
        touch_point=touch_point,
        text=" ".join(text.split()),
        severity=severity,
        is_our_fault=is_our_fault,
        happened_at=happened_at,
        order=order,
        interaction=interaction,
        recorded_by=recorded_by,
    )
    incident.clean_fields()
    Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
    known = Incident.objects.filter(customer=customer, kind=kind)
    if order is not None:
        known = known.filter(order=order)
    else:
        around = (happened_at - _SAME, happened_at + _SAME)
        known = known.filter(order=None, text=incident.text, happened_at__range=around)
    if same := known.first():
        return same, False
    incident.save()
    return incident, True


def resolve_incident(*, incident: Incident, resolution: str = "") -> bool:
    """Record that an incident was put right; return False where it was already."""
    open_one = Incident.objects.open().filter(pk=incident.pk)
    # The time of the incident may be by a clock that is a little ahead of the database's.
    resolved_at = Greatest(Now(), F("happened_at"))
    return bool(open_one.update(resolved_at=resolved_at, resolution=" ".join(resolution.split())[:300]))


@transaction.atomic
def take_back_incident(*, incident: Incident, by: "User") -> bool:
    """Take back what was written down by mistake: it counts nowhere any more; False where that was done before.

    Raises:
        ValidationError: it is not for this colleague to take back (any more).
    """
    locked = Incident.objects.select_for_update().filter(pk=incident.pk).first()
    if locked is None:
        return False
    whose, own = locked.recorded_by_id, "customers.change_incident"
    if not may_take_back(by=by, whose=whose, at=locked.happened_at, own=own):
        raise ValidationError(_("Only whoever wrote it down, within a day, or a lead can take it back."))
    kept = {name: getattr(locked, name) for name in _KEPT}
    TakenBackIncident.objects.create(number=locked.pk, taken_back_by=by, **kept)
    locked.delete()
    return True
