"""Histories by chance, with much that both have: merged, gone on with, and undone, row by row as they were."""

import random
from datetime import date, timedelta

import pytest
from django.utils import timezone

from customers.models import (
    Consent,
    ContactPoint,
    Customer,
    Incident,
    Interaction,
    Letter,
    Order,
    Preference,
    Promise,
    Rating,
    Segment,
)
from customers.services.merges import merge_customers, undo_merge
from portal.models import User
from tests.customers.merging import rows_of
from tests.factories import make_customer, make_interaction, make_order, make_touch_point, make_user
from tests.portal.worlds import make_recovery

pytestmark = pytest.mark.django_db


def give_history(chance: random.Random, customer: Customer, agents: list[User]) -> None:
    """Some of everything, out of so few that two customers have much in common."""
    now = timezone.now()
    for number in chance.sample(range(4), chance.randint(0, 4)):
        kind, value = ("phone", f"+44207946011{number}") if number % 2 else ("email", f"n{number}@mail.example")
        has_one = customer.contact_points.filter(kind=kind, is_preferred=True, is_active=True).exists()
        ContactPoint.objects.create(
            customer=customer, kind=kind, value=value, normalised=value, is_active=chance.random() < 0.8,
            is_preferred=not has_one and chance.random() < 0.7,
        )  # fmt: skip
    for number in chance.sample(range(4), chance.randint(0, 4)):
        retired = now if chance.random() < 0.3 else None
        Preference.objects.create(customer=customer, text=f"Likes {number}", retired_at=retired)
        Segment.objects.get_or_create(slug=f"s{number}", defaults={"name": "S", "kind": "geographic"})[
            0
        ].members.create(customer=customer)
    for kind in chance.sample(["influence", "advocacy"], chance.randint(0, 2)):
        Rating.objects.create(
            customer=customer, kind=kind, value=chance.randint(0, 100), source="s",
            as_of=date(2026, 1, chance.randint(1, 3)),
        )  # fmt: skip
    for agent in chance.sample(agents, chance.randint(0, len(agents))):
        make_interaction(customer, agent=agent, opened_at=now - timedelta(hours=chance.randint(1, 9)))
    for _ in range(chance.randint(0, 3)):
        make_order(customer, f"{chance.randint(1, 99)}.00")
        make_interaction(customer, closed_at=now, opened_at=now - timedelta(hours=1), agent=chance.choice(agents))
        Incident.objects.create(customer=customer, kind="late", touch_point=make_touch_point(), text="Late")
        Promise.objects.create(customer=customer, text="To ring", due_at=now + timedelta(days=1))
        Consent.objects.create(customer=customer, purpose="marketing", is_given=chance.random() < 0.5)
        key = str(Letter.objects.count())
        Letter.objects.create(
            customer=customer, kind="t", subject_key=key, to_address="a@mail.example", subject="S", text="T"
        )
    if chance.random() < 0.5:
        make_recovery(customer, agents[0])


@pytest.mark.parametrize("seed", range(12))
def test_a_history_comes_back_row_by_row(seed: int) -> None:
    chance, agents = random.Random(seed), [make_user(), make_user()]
    one, other = make_customer(city=chance.choice(["", "Leeds"])), make_customer(city="York")
    for who in (one, other):
        give_history(chance, who, agents)
    before = rows_of(one, other)
    counted = {name: len(rows) for name, rows in before.items()}
    made, _ = merge_customers(survivor=one, absorbed=other, by=None, taken=chance.sample(["full_name", "city"], 1))
    assert {name: len(rows) for name, rows in rows_of(one, other).items()} == counted, "nothing is lost"
    # What comes after the merging, also for the old number, is the survivor's and stays there.
    late = [make_order(chance.choice([one, other])) for _ in range(2)]
    talk = Interaction.objects.create(customer=other, channel="phone", touch_point=make_touch_point(), closed_at=None)
    assert undo_merge(merge=made, by=None)
    arrived: list[Order | Interaction] = [*late, talk]
    for row in arrived:
        row.refresh_from_db()
        assert row.customer == one
        row.delete()
    assert rows_of(one, other) == before
