"""Whom an old link or number leads to, after a merging."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from customers.models import Customer, Merge

if TYPE_CHECKING:
    from portal.models import User

# Longer than any chain of mergings that people make.
_MOST = 50


def survivor(customer: Customer) -> Customer:
    """Return who a customer is now: themselves, or the one they were merged into, and so on."""
    for _ in range(_MOST):
        if customer.merged_into_id is None:
            return customer
        customer = Customer.objects.get(pk=customer.merged_into_id)
    raise RuntimeError(f"mergings of customer {customer.pk} lead in a circle")


def were_one(one_id: int, other_id: int) -> bool:
    """Return whether two customers were merged with each other once, and parted again."""
    either = Q(survivor=one_id, absorbed=other_id) | Q(survivor=other_id, absorbed=one_id)
    return Merge.objects.filter(either, undone_at__isnull=False).exists()


def moved_to(*, user: "User", public_id: UUID) -> Customer | None:
    """Return who somebody was merged into, where this colleague may see them; None where there was no merging."""
    found = Customer.objects.filter(public_id=public_id, merged_into__isnull=False).first()
    return None if found is None else Customer.objects.visible_to(user).filter(pk=survivor(found).pk).first()


def same_person(customer: Customer) -> list[Customer]:
    """Return everybody who was merged into a customer, directly or not, without the customer."""
    return [one for _whole, one in same_persons([customer.pk])]


def same_persons(ids: Iterable[int]) -> list[tuple[int, Customer]]:
    """Return everybody who was merged into one of these customers, directly or not, each with the key of that one."""
    found: list[tuple[int, Customer]] = []
    newest = {pk: pk for pk in ids}
    while newest:
        merged = Customer.objects.filter(merged_into__in=newest).order_by("pk")
        step = [(newest[one.merged_into_id or 0], one) for one in merged]
        found += step
        newest = {one.pk: whole for whole, one in step}
    return found
