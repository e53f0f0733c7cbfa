"""Customers with a history, for tests of the desk and the contact view."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from customers.models import Consent, ContactPoint, Customer, Incident, Letter, Preference, Promise
from feedback.models import Answer, Invitation, Recovery
from portal.models import Pop, User
from portal.pops.services import record_pop
from tests.factories import make_customer, make_email, make_interaction, make_order, make_touch_point, make_user
from tiers.engine import UNKNOWN
from tiers.models import Move, Perk, Run, Scheme, Standing, Tier

PHONE = "+442079460123"


def make_phone(customer: Customer, number: str = PHONE) -> ContactPoint:
    """A phone in use."""
    return ContactPoint.objects.create(customer=customer, kind="phone", value=number, normalised=number)


def make_tiers() -> list[Tier]:
    """The four tiers of the house, made where the starter has not made them."""
    shapes = [("guest", "Guest", "circle"), ("regular", "Regular", "square")]
    shapes += [("house-guest", "House guest", "diamond"), ("family", "Family", "star")]
    tiers = []
    for rank, (slug, name, shape) in enumerate(shapes, 1):
        tier, _ = Tier.objects.get_or_create(slug=slug, defaults={"rank": rank, "name": name, "shape": shape})
        tiers.append(tier)
    Perk.objects.get_or_create(tier=tiers[2], text="A direct line, no queue")
    Perk.objects.get_or_create(tier=tiers[2], text="Free pick-up of returns")
    return tiers


def give_tier(customer: Customer, tier: Tier, before: Tier | None = None, days: int = 200) -> Standing:
    """A present standing with the move and the run that led there."""
    scheme = Scheme.objects.order_by("version").first() or Scheme.objects.create(version=1, name="Scheme 1")
    at = timezone.now() - timedelta(days=days)
    run = Run.objects.create(
        kind="full", scheme=scheme, as_of=at.date(), effective_at=at, state="finished", ended_at=timezone.now()
    )
    reason = "promoted" if before else "first"
    numbers = [1204_00, 12, 9, *[UNKNOWN] * 7]
    Move.objects.create(
        customer=customer, run=run, from_tier=before, to_tier=tier, reason=reason, numbers=numbers, moved_at=at
    )
    return Standing.objects.create(customer=customer, tier=tier, earned_tier=tier, reason=reason, valid_from=at)


def make_recovery(customer: Customer, owner: User | None = None, comment: str = "", hours: int = -2) -> Recovery:
    """An open recovery, due in so many hours."""
    now = timezone.now()
    talk = make_interaction(customer, opened_at=now - timedelta(days=3), closed_at=now - timedelta(days=3))
    key = str(talk.pk)
    letter = Letter.objects.create(
        customer=customer,
        kind="feedback.invitation",
        subject_key=key,
        to_address="hidden@mail.example",
        subject="How was it?",
        text="How was it?",
    )
    invitation = Invitation.objects.create(interaction=talk, customer=customer, letter=letter)
    answer = Answer.objects.create(
        invitation=invitation, enjoyed="no", comment=comment, answered_at=now - timedelta(days=2)
    )
    return Recovery.objects.create(
        answer=answer,
        customer=customer,
        owner=owner,
        opened_at=now - timedelta(days=2),
        due_at=now + timedelta(hours=hours),
    )


def add_history(customer: Customer, agent: User, many: int = 1) -> None:
    """So many of everything that a customer can have."""
    now = timezone.now()
    first = customer.preferences.count()
    for n in range(first, first + many):
        day = timedelta(days=n + 1)
        make_email(customer, f"person{customer.pk}x{n}@mail.example")
        make_phone(customer, f"+4420794{customer.pk % 100:02}{n:03}")
        make_order(customer, f"{123 + n}.45", placed_at=now - day, description=f"Thing {n}")
        Preference.objects.create(customer=customer, text=f"Likes {n}", noted_by=agent)
        Promise.objects.create(
            customer=customer, text=f"Late {n}", made_at=now - 2 * day, due_at=now - day, owner=agent
        )
        Promise.objects.create(customer=customer, text=f"Coming {n}", made_at=now - day, due_at=now + day, owner=agent)
        Incident.objects.create(
            customer=customer, kind="late", touch_point=make_touch_point("delivery"), text=f"Went wrong {n}"
        )
        Consent.objects.create(customer=customer, purpose="marketing", is_given=False)
        make_recovery(customer, agent, f"Not good {n}")


def make_world(agent: User | None = None) -> Customer:
    """A customer with one of everything."""
    agent = agent or make_user()
    customer = make_customer(city="Leeds", country="GB", time_zone="Europe/London", known_as="Mx One")
    tiers = make_tiers()
    give_tier(customer, tiers[2], tiers[1])
    add_history(customer, agent)
    return customer


def ring(agent: User, external_id: str = "call-1", **said: Any) -> Pop:
    """A call on a colleague's desk."""
    said.setdefault("value", PHONE)
    fields = {"source": "phone-system", "kind": "phone", "channel": "phone"} | said
    return record_pop(agent=agent, external_id=external_id, **fields)[0]
