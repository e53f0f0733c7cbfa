"""Which colleagues are with the same customer just now."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import Now

from customers.models import Customer, Interaction
from portal.contact.parts.part import Part, Row, Told, ask_all, read_all
from portal.contact.presence import STILL_HERE
from portal.models import Presence, User

# More names than these nobody reads.
_MOST = 5


@dataclass
class OtherRow(Row):
    """A colleague with this customer's page open, or with a contact open since `opened_at`."""

    name: str
    opened_at: datetime | None


def _ask(user: User) -> ArraySubquery:
    """Those at the page, and those who have a contact open; oneself is not among them."""
    customer = OuterRef(OuterRef("pk"))
    here = Presence.objects.filter(customer=customer, seen_at__gt=Now() - STILL_HERE)
    talks = Interaction.objects.open().filter(customer=customer)
    others = User.objects.filter(Q(pk__in=here.values("colleague")) | Q(pk__in=talks.values("agent")))
    others = others.exclude(pk=user.pk)
    opened = ArraySubquery(talks.filter(agent=OuterRef("pk")).values("opened_at")[:1])
    return ArraySubquery(
        others.order_by("display_name", "pk").values(json=Told(name="display_name", opened=opened))[:_MOST]
    )


def _read(rows: list[dict[str, Any]] | None, user: User) -> list[OtherRow]:
    told = [{"name": row["name"], "opened_at": (row["opened"] or [None])[0]} for row in rows or []]
    others: list[OtherRow] = OtherRow.read(told, user)
    return others


def key_of(others: list[OtherRow]) -> str:
    """Return a short text that differs where others are there, or the same ones in a contact by now."""
    told = "\n".join(f"{other.name}\t{other.opened_at}" for other in others)
    return hashlib.sha256(told.encode()).hexdigest()[:12] if others else ""


def read_others(*, user: User, customer: Customer) -> list[OtherRow]:
    """Return the colleagues who are with a customer besides this one (1 query)."""
    (told,) = Customer.objects.filter(pk=customer.pk).values_list(ask_all([OTHERS], user)).get()
    others: list[OtherRow] = read_all([OTHERS], told, user)["others"]
    return others


OTHERS = Part("others", _ask, _read)
