"""In which roles somebody is a customer, and what customers are to each other, in words."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from customers.enums import Capacity, RelationKind
from customers.models import Customer, Relationship

if TYPE_CHECKING:
    from portal.models import User


def role_words(capacity: str, firm: str) -> str:
    """Return a role as it stands after “calling”: “as buyer for Firm X”, “for themselves”."""
    if capacity == Capacity.FIRM:
        return _("as buyer for %(firm)s") % {"firm": firm}
    return _("for themselves") if capacity == Capacity.PRIVATE else _("in another role")


def selves_of(*, user: "User", customer: Customer) -> QuerySet[Customer]:
    """Return every self of the person, this one among them, in the order in which we met them; one without others
    is their only self.
    """
    mine = Customer.objects.visible_to(user)
    found = mine.filter(pk=customer.pk) if customer.person_id is None else mine.filter(person=customer.person_id)
    return found.order_by("pk")


def persons_of(ids: Collection[int]) -> dict[int, int]:
    """Return whose selves these customers are, by primary key; those with one self are left out (1 query)."""
    found = Customer.objects.filter(pk__in=ids, person__isnull=False).values_list("pk", "person")
    return {pk: person for pk, person in found if person is not None}


def relationships_of(*, user: "User", customer: Customer) -> QuerySet[Relationship]:
    """Return what a customer is to others and others to them, those that hold first, for who may see it."""
    seen = Customer.objects.visible_to(user)
    found = Relationship.objects.about(customer.pk).filter(customer__in=seen, other__in=seen)
    if not user.has_perm("customers.view_relationship"):
        return found.none()
    return found.select_related("customer", "other", "noted_by", "ended_by").order_by("-ended_at", "noted_at", "pk")


def relation_words(kind: str, *, is_theirs: bool) -> str:
    """Return what stands before the other one's name; `is_theirs`: the other one is this to the customer."""
    if is_theirs:
        words = {RelationKind.ASSISTANT: _("Assisted by"), RelationKind.CARER: _("Cared for by")}
        if kind in words:
            return words[RelationKind(kind)]
    return str(RelationKind(kind).label)
