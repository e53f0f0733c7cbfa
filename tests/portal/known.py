"""What the API's tests share: callers, and a customer about whom there is something of everything to say."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from customers.models import (
    Caution,
    Consent,
    ContactPoint,
    Customer,
    Gesture,
    Incident,
    Interaction,
    Letter,
    Preference,
    Promise,
    Rating,
    Segment,
)
from feedback.models import Answer, Invitation, Recovery
from portal.models import ApiToken
from portal.models.token import Scope
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_order, make_touch_point, make_user
from tiers.models import Measures, Move, Override, Run, Scheme, Standing, Tier

# What must never reach somebody whose role does not see it, in any notation.
PHONE, EMAIL, AMOUNT, MARGIN, MEASURED = "+442079460111", "canary@mail.example", "7351.29", "1234.57", "4444.44"
COST = "5151.53"


def signed_in(role: str) -> APIClient:
    """A client with a session of somebody of this role."""
    client = APIClient()
    client.force_login(make_user(role))
    return client


def with_token(role: str = Role.INTEGRATION, scopes: list[str] | None = None, **changes: Any) -> APIClient:
    """A client with a token of somebody of this role, by default with every scope."""
    token, key = ApiToken.issue(
        user=make_user(role),
        name="A program",
        scopes=scopes or Scope.values,
        expires_at=changes.pop("expires_at", timezone.now() + timedelta(days=1)),
    )
    if changes:
        ApiToken.objects.filter(pk=token.pk).update(**changes)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return client


def make_known_customer(many: int = 1) -> Customer:
    """A customer with `many` of each fact, a tier and an unhappy answer, and the canaries among them."""
    customer = make_customer(source="webshop", external_id=f"known-{Customer.objects.count()}")
    now = timezone.now()
    for number in range(many):
        ContactPoint.objects.create(
            customer=customer, kind="phone", value=PHONE[:-1] + str(number), normalised=PHONE[:-1] + str(number)
        )
        address = EMAIL if not number else f"{number}{EMAIL}"
        ContactPoint.objects.create(customer=customer, kind="email", value=address, normalised=address)
        make_order(customer, AMOUNT, margin=Decimal(MARGIN))
        make_interaction(customer, agent=make_user())
        closed = make_interaction(customer, closed_at=now, opened_at=now - timedelta(hours=1))
        Incident.objects.create(customer=customer, kind="late", touch_point=make_touch_point(), text=f"Late {number}")
        Preference.objects.create(customer=customer, text=f"A quiet room, {number}")
        Caution.objects.create(customer=customer, text=f"Not a word of {number}", reason="They said so")
        Gesture.objects.create(customer=customer, what=f"Flowers, {number}", cost=Decimal(COST))
        segment = Segment.objects.get_or_create(slug=f"s{number}", defaults={"name": "S", "kind": "geographic"})[0]
        segment.members.create(customer=customer)
        for days in (-1, 1):
            Promise.objects.create(
                customer=customer,
                text=f"To ring {number}",
                made_at=now - timedelta(days=2),
                due_at=now + timedelta(days=days),
            )
        Letter.objects.create(
            customer=customer, kind="test", subject_key=str(closed.pk), to_address=EMAIL, subject="Hello", text="Hello"
        )
        make_recovery(closed)
    Consent.objects.create(customer=customer, purpose="feedback", is_given=True)
    Rating.objects.create(customer=customer, kind="influence", value=70, source="s", as_of=now.date())
    give_standing(customer)
    return customer


def make_recovery(interaction: Interaction) -> Recovery:
    """An unhappy answer about an interaction, and its recovery."""
    customer = interaction.customer
    letter = Letter.objects.create(
        customer=customer, kind="ask", subject_key=str(interaction.pk), to_address=EMAIL, subject="How?", text="How?"
    )
    invitation = Invitation.objects.create(interaction=interaction, customer=customer, letter=letter)
    answer = Answer.objects.create(invitation=invitation, enjoyed="no", comment="I waited.")
    return Recovery.objects.create(
        answer=answer, customer=customer, owner=make_user(), due_at=timezone.now() + timedelta(days=1)
    )


def make_tier(slug: str = "guest", rank: int = 1) -> Tier:
    """A tier with one perk; the same one for the same slug."""
    tier, is_new = Tier.objects.get_or_create(slug=slug, defaults={"rank": rank, "name": slug, "shape": "circle"})
    if is_new:
        tier.perks.create(text="A kind word")
    return tier


def make_override(customer: Customer | None = None) -> Override:
    """A floor that ends in a week."""
    return Override.objects.create(
        customer=customer or make_customer(),
        kind="floor",
        tier=make_tier(),
        reason="They wrote about us",
        owner=make_user(Role.MANAGER),
        ends_on=timezone.localdate() + timedelta(days=7),
    )


def make_run() -> Run:
    """A finished run under a draft scheme."""
    scheme = Scheme.objects.create(version=Scheme.objects.count() + 100, name="Bars")
    now = timezone.now()
    return Run.objects.create(
        kind="full", scheme=scheme, as_of=now.date(), effective_at=now, state="finished", ended_at=now
    )


def give_standing(customer: Customer) -> Standing:
    """The lowest tier, and measures."""
    now, tier, run = timezone.now(), Tier.objects.order_by("rank").first() or make_tier(), make_run()
    Measures.objects.create(customer=customer, margin=Decimal(MEASURED), orders=1, as_of=now.date())
    Move.objects.create(customer=customer, run=run, to_tier=tier, reason="first", moved_at=now)
    return Standing.objects.create(customer=customer, tier=tier, earned_tier=tier, reason="first", valid_from=now)


def press(client: Client, label: str, deed: str, *rows: Model) -> Any:
    """Tick rows of a list of the admin, and do something with them."""
    page = reverse(f"admin:{label.replace('.', '_')}_changelist")
    return client.post(page, {"action": deed, "_selected_action": [row.pk for row in rows]}, follow=True)
