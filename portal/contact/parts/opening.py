"""What there may be to thank for or to celebrate: orders, and when we last spoke."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from customers.models import Interaction, Order
from portal.contact.opening import TENTH
from portal.contact.parts.part import Part, moment
from portal.models import User


@dataclass
class Occasions:
    """`purchases`: times of the newest orders, one more than ten at most; `newest`: kinds of the last two entries."""

    purchases: list[datetime] = field(default_factory=list)
    newest: list[str] = field(default_factory=list)
    last_contact_at: datetime | None = None


def _ask(_user: User) -> JSONObject:
    """Read from the covering index of orders alone, a dozen entries at most."""
    orders = Order.objects.filter(customer=OuterRef("pk")).order_by("-placed_at")
    closed = Interaction.objects.filter(customer=OuterRef("pk"), closed_at__isnull=False).order_by("-opened_at")
    return JSONObject(
        purchases=ArraySubquery(orders.filter(kind=Order.Kind.PURCHASE).values("placed_at")[: TENTH + 1]),
        newest=ArraySubquery(orders.values("kind")[:2]),
        last=ArraySubquery(closed.values("closed_at")[:1]),
    )


def _read(told: dict[str, Any], _user: User) -> Occasions:
    purchases = [at for at in map(moment, told["purchases"] or []) if at]
    last = told["last"] or [None]
    return Occasions(purchases, told["newest"] or [], moment(last[0]))


OCCASIONS = Part("occasions", _ask, _read)
