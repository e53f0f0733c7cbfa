"""Gestures that may be given, and colleagues with a purse, for tests."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models.functions import Now

from customers.models import Customer, Gesture
from feedback.models import GestureKind, GestureRequest, GivingAllowance, GivingMonth
from feedback.services.giving import give_gesture
from feedback.services.giving_requests import ask_for_gesture
from portal.models import User
from portal.roles import Role
from tests.factories import make_customer, make_user

SENTENCE = {"en": "Flowers are on their way.", "de": "Blumen sind unterwegs."}


def make_kind(name: str = "Flowers", cost: int = 20, **fields: Any) -> GestureKind:
    """A gesture of the catalogue that may cost five times as much as usual."""
    fields.setdefault("usual_cost", Decimal(cost))
    fields.setdefault("highest_cost", Decimal(cost * 5))
    return GestureKind.objects.update_or_create(name=name, defaults=fields)[0]


def allow(user: User, per_gesture: int, per_month: int) -> GivingAllowance:
    """Let a colleague give so much at a time and in a month."""
    return GivingAllowance.objects.update_or_create(
        person=user, defaults={"per_gesture": Decimal(per_gesture), "per_month": Decimal(per_month)}
    )[0]


def make_giver(per_gesture: int = 25, per_month: int = 50, **fields: Any) -> User:
    """An agent who may give so much."""
    user = make_user(**fields)
    allow(user, per_gesture, per_month)
    return user


def make_lead(per_gesture: int = 100, per_month: int = 500, **fields: Any) -> User:
    """A lead who may give so much."""
    user = make_user(Role.LEAD, **fields)
    allow(user, per_gesture, per_month)
    return user


def make_given(customer: Customer, cost: Decimal = Decimal(20)) -> Gesture:
    """A gesture that a colleague gave who may give exactly that."""
    kind = make_kind("Hamper", usual_cost=cost, highest_cost=cost)
    user = make_user()
    GivingAllowance.objects.create(person=user, per_gesture=cost, per_month=cost)
    return give_gesture(customer=customer, kind=kind, by=user, words="A hard week").gesture


def make_asked(agent: User, **fields: Any) -> GestureRequest:
    """An open request of an agent's."""
    fields["customer"] = fields.get("customer") or make_customer()
    fields["kind"] = fields.get("kind") or make_kind("Weekend", 60)
    fields.setdefault("cost", Decimal(60))
    return GestureRequest.objects.create(
        agent=agent, reason="A hard week", lapses_at=Now() + timedelta(days=1), **fields
    )


def spent(agent: User | None) -> Decimal | None:
    return GivingMonth.objects.filter(agent=agent, tier=None).values_list("spent", flat=True).first()


def ask(agent: User, **fields: Any) -> GestureRequest:
    """Ask for something that is more than an agent may give."""
    wanted: dict[str, Any] = {"customer": make_customer(), "kind": make_kind(cost=60), "words": "A hard week"} | fields
    request, is_new = ask_for_gesture(by=agent, **wanted)
    assert is_new
    return request
