"""Makes rows for tests: each function fills in what a test does not care about."""

import itertools
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.test import Client
from django.utils import timezone

from customers.models import ContactPoint, Currency, Customer, Interaction, Order, TouchPoint
from portal.models import User
from portal.roles import Role

_numbers = itertools.count(1000)
_LETTERS = str.maketrans("0123456789", "ghkmnpqrtw")


def _another() -> str:
    """Letters that no other row has; a number might be taken for a figure that a test looks for."""
    return str(next(_numbers)).translate(_LETTERS)


def make_user(role: str = Role.AGENT, **fields: Any) -> User:
    """A colleague with a role; the password is "a long test password"."""
    another = _another()
    fields.setdefault("email", f"{role}{another}@house.example")
    fields.setdefault("display_name", f"{role.title()} {another}")
    return User.objects.create_user(password="a long test password", role=role, **fields)


def signed_in(role: str = Role.MANAGER, **fields: Any) -> Client:
    """A browser in which a new colleague with a role has signed in."""
    client = Client()
    client.force_login(make_user(role, **fields))
    return client


def make_customer(**fields: Any) -> Customer:
    """A customer with nothing but a name."""
    fields.setdefault("full_name", f"Customer {_another()}")
    return Customer.objects.create(**fields)


def make_email(customer: Customer, address: str | None = None) -> ContactPoint:
    """An email address in use."""
    address = address or f"customer{_another()}@mail.example"
    return ContactPoint.objects.create(customer=customer, kind="email", value=address, normalised=address)


def make_touch_point(slug: str = "phone-desk") -> TouchPoint:
    """A touch point; the same one for the same slug."""
    return TouchPoint.objects.get_or_create(slug=slug, defaults={"name": slug.replace("-", " ").title()})[0]


def make_interaction(customer: Customer | None = None, **fields: Any) -> Interaction:
    """An open phone call."""
    fields.setdefault("channel", "phone")
    fields.setdefault("touch_point", make_touch_point())
    return Interaction.objects.create(customer=customer or make_customer(), **fields)


def make_order(customer: Customer, amount: str = "100.00", placed_at: datetime | None = None, **fields: Any) -> Order:
    """An order in the house's currency with a margin of 30 per cent; a negative amount makes a return."""
    Currency.objects.get_or_create(code="GBP", defaults={"rate": 1})
    money = Decimal(amount)
    margin = fields.pop("margin", (money * Decimal("0.30")).quantize(Decimal("0.01")))
    fields.setdefault("source", "test")
    fields.setdefault("external_id", _another())
    return Order.objects.create(
        customer=customer,
        kind="return" if money < 0 else "purchase",
        placed_at=placed_at or timezone.now(),
        amount=money,
        margin=margin,
        currency_id="GBP",
        house_amount=money,
        house_margin=margin,
        **fields,
    )
