"""Rows made and not written, sound but for what a test changes, to see what the database refuses."""

import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone

from customers.models import (
    ContactPoint,
    Customer,
    Gesture,
    Incident,
    Interaction,
    Letter,
    Order,
    Promise,
    Rating,
)
from tests.factories import make_touch_point
from tests.refusing import refused as refused_by


def refused(name: str, *rows: models.Model) -> None:
    """Write rows past every check of Django's, and see the database refuse the last by this name."""
    *good, bad = rows
    for row in good:
        type(row)._default_manager.bulk_create([row])
    with refused_by(name):
        type(bad)._default_manager.bulk_create([bad])


def point(customer: Customer, **fields: Any) -> ContactPoint:
    return ContactPoint(**{"customer": customer, "kind": "phone", "value": "x", "normalised": "+442079460123"} | fields)


def order(customer: Customer, **fields: Any) -> Order:
    given = {"customer": customer, "source": "s", "external_id": str(uuid.uuid4()), "kind": "purchase", "amount": 1}
    rest = {"margin": 1, "house_amount": 1, "house_margin": 1, "currency_id": "GBP", "placed_at": timezone.now()}
    return Order(**given | rest | fields)


def letter(customer: Customer | None, **fields: Any) -> Letter:
    given = {"customer": customer, "kind": "k", "subject_key": str(uuid.uuid4()), "to_address": "a@mail.example"}
    return Letter(**given | {"subject": "s", "text": "t"} | fields)


def interaction(customer: Customer, **fields: Any) -> Interaction:
    return Interaction(**{"customer": customer, "channel": "phone", "touch_point": make_touch_point()} | fields)


def incident(customer: Customer, **fields: Any) -> Incident:
    given = {"customer": customer, "kind": "late", "touch_point": make_touch_point(), "text": "Late"}
    return Incident(**given | fields)


def promise(customer: Customer, **fields: Any) -> Promise:
    return Promise(**{"customer": customer, "text": "We ring back", "due_at": soon()} | fields)


def gesture(customer: Customer, **fields: Any) -> Gesture:
    return Gesture(**{"customer": customer, "what": "Flowers", "cost": Decimal("12.50")} | fields)


def rating(customer: Customer, **fields: Any) -> Rating:
    given = {"customer": customer, "kind": "influence", "value": 50, "source": "s", "as_of": date(2026, 3, 1)}
    return Rating(**given | fields)


def soon() -> Any:
    return timezone.now() + timedelta(hours=1)
