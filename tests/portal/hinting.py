"""Hints as a test meets them: what makes one due, what a colleague is shown, and one that was shown before."""

from typing import Any

from django.test import Client
from django.urls import reverse

from customers.models import Customer, Incident, Interaction
from portal.contact.selectors import gather
from portal.hints.suggesting import Hints
from portal.models import HintOffer, HintShown, User
from tests.factories import make_interaction, make_touch_point


def hints_of(customer: Customer, user: User) -> Hints:
    contact = gather(user=user, public_id=customer.public_id)
    assert contact is not None
    assert contact.hints is not None
    return contact.hints


def shown(customer: Customer, user: User) -> dict[str, str]:
    """What is shown and why, by kind."""
    return {hint.kind: f"{hint.text} | {hint.reason}" for hint in hints_of(customer, user).shown}


def make_incident(customer: Customer, kind: str = "broken", **fields: Any) -> Incident:
    fields.setdefault("text", "It came in pieces")
    return Incident.objects.create(customer=customer, kind=kind, touch_point=make_touch_point("delivery"), **fields)


def make_offer(kind: str = "plan_b", words: str = "vase", text: str = "Offer to lend a vase") -> HintOffer:
    return HintOffer.objects.create(kind=kind, words=words, text=text)


def look(client: Client, customer: Customer) -> str:
    response = client.get(reverse("contact", args=[customer.public_id]))
    assert response.status_code == 200
    return response.content.decode()


def make_shown(talk: Interaction | None = None, **fields: Any) -> HintShown:
    talk = talk or make_interaction()
    number = HintShown.objects.count()
    row = {"key": f"k:{number}", "kind": "perk", "situation": "quiet-spoken", "rank": 1, "score": 0.5}
    row |= {"propensity": 1.0, "seed": "s", "text": "A hint"}
    return HintShown.objects.create(interaction=talk, customer=talk.customer, **row | fields)
