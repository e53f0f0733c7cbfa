"""Writes down who looked at whom. Desk, API and admin all come here."""

from collections.abc import Iterable

from customers.models import Customer
from portal.models import Reading, User


def note_reading(*, user: User, customers: Iterable[Customer], door: str) -> None:
    """Add a row for each customer that a colleague, or a program, has read through a door; one statement in all."""
    Reading.objects.bulk_create(
        [Reading(user_id=user.pk, customer_id=customer.pk, door=door) for customer in customers]
    )
