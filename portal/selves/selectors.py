"""What the page shows: the selves of a person with tier and value, and relationships."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.text import capfirst

from customers.models import Customer, Relationship
from customers.selectors.selves import relation_words, relationships_of, role_words, selves_of
from portal.models import User
from portal.money import write_money
from tiers.models import Measures, Tier
from tiers.selectors.standings import present_tiers

# Relationships that are over; the admin has them all.
_MOST_OVER = 20


@dataclass(frozen=True)
class Self:
    """A self with its role in words, its tier, and what it is worth in 12 months to those who may see it."""

    customer: Customer
    role: str
    tier: Tier | None
    value: str


@dataclass(frozen=True)
class Tie:
    """A relationship as it is read from one side: “Assistant of”, and the other one."""

    relationship: Relationship
    words: str
    other: Customer


@dataclass(frozen=True)
class Ties:
    """Everything on the page about one customer (4 queries at most)."""

    selves: list[Self]
    open: list[Tie]
    over: list[Tie]


def read_ties(*, user: User, customer: Customer) -> Ties:
    """Return the selves of the person, and what the customer is and was to others."""
    selves = list(selves_of(user=user, customer=customer))
    ids = [one.pk for one in selves]
    tiers, values = present_tiers(ids), _values(user, ids)
    found = list(relationships_of(user=user, customer=customer))
    ties = [_tie(one, customer) for one in found]
    return Ties(
        selves=[
            Self(one, capfirst(role_words(one.capacity, one.firm)), tiers.get(one.pk), values.get(one.pk, ""))
            for one in selves
        ],
        open=[one for one in ties if one.relationship.ended_at is None],
        over=[one for one in ties if one.relationship.ended_at is not None][:_MOST_OVER],
    )


def _tie(relationship: Relationship, customer: Customer) -> Tie:
    is_theirs = relationship.other_id == customer.pk
    other = relationship.customer if is_theirs else relationship.other
    return Tie(relationship, relation_words(relationship.kind, is_theirs=is_theirs), other)


def _values(user: User, ids: list[int]) -> dict[int, str]:
    if not user.has_perm("customers.view_margin"):
        return {}
    found: dict[int, Decimal] = dict(Measures.objects.filter(customer__in=ids).values_list("customer_id", "margin"))
    return {pk: write_money(margin, settings.HOUSE_CURRENCY) for pk, margin in found.items()}
