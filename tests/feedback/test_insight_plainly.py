"""The count against a plain one that looks at each contact by itself, over contacts of every kind."""

import random
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.models import Customer, Incident, Interaction, Letter, Segment, SegmentMember
from feedback.models import Answer, Invitation
from feedback.selectors.insight import Slice, count
from tests.factories import make_customer, make_touch_point, make_user
from tests.feedback.heard import hear
from tests.portal.worlds import make_tiers
from tiers.models import Standing

pytestmark = pytest.mark.django_db

STATES = ("sent", "sent", "sent", "uncertain", "refused", "suppressed", "queued")


def make_contacts(chance: random.Random, now: datetime) -> None:
    """Contacts of a year and a half: letters of every state, answers that count or not, faults, tiers, segments."""
    tiers, agents = make_tiers(), [make_user(), make_user(), None]
    segments = [Segment.objects.create(slug=f"s{n}", name=f"S{n}", kind="behavioural") for n in range(2)]
    customers = [make_customer() for _ in range(8)]
    for customer in customers:
        SegmentMember.objects.bulk_create(
            SegmentMember(segment=segment, customer=customer) for segment in segments if chance.random() < 0.5
        )
        turn = now - timedelta(days=chance.randrange(50, 500))
        first, then = chance.sample(tiers, 2)
        same = {"customer": customer, "reason": "first"}
        Standing.objects.create(
            tier=first, earned_tier=first, valid_from=turn - timedelta(days=40), valid_until=turn, **same
        )
        Standing.objects.create(tier=then, earned_tier=then, valid_from=turn, **same)
        for days in chance.sample(range(550), 3):
            at = now - timedelta(days=days)
            ends = chance.choice((None, at, at + timedelta(days=30)))
            Incident.objects.create(
                customer=customer,
                kind="late",
                touch_point=make_touch_point(),
                text="Late",
                is_our_fault=chance.random() < 0.7,
                happened_at=at,
                resolved_at=ends,
                resolution="Sent again" if ends else "",
            )
    for _ in range(250):
        hear(
            chance.choice(("yes", "yes", "partly", "no", None)),
            customer=chance.choice(customers),
            at=now - timedelta(hours=chance.randrange(550 * 24)),
            place=chance.choice(("phone-desk", "repair")),
            channel=chance.choice(("phone", "chat")),
            agent=chance.choice(agents),
            doubts=("too_soon",) if chance.random() < 0.2 else (),
        )
    for invitation in Invitation.objects.select_related("letter"):
        state = chance.choice(STATES)
        assert invitation.letter_id
        Letter.objects.filter(pk=invitation.letter_id).update(
            state=state, sent_at=now - timedelta(days=1) if state == "sent" else None
        )
        Invitation.objects.filter(pk=invitation.pk).update(chance=chance.choice((None, 0.5, 0.1)))
        if chance.random() < 0.1 and not invitation.answers.filter(is_counted=True).exists():
            invitation.answers.create(enjoyed="no")


def tier_of(customer: Customer, at: datetime) -> int | None:
    held = [
        one
        for one in customer.standings.all()
        if one.valid_from <= at and (not one.valid_until or one.valid_until > at)
    ]
    return held[0].tier_id if held else None


def in_trouble(customer: Customer, at: datetime) -> bool:
    return any(
        one.is_our_fault and one.happened_at <= at and (one.resolved_at is None or one.resolved_at > at)
        for one in customer.incidents.all()
    )


def plainly(chosen: Slice) -> dict[Any, list[float]]:
    """What `count` returns, as slowly as one can."""
    found: dict[Any, list[float]] = defaultdict(lambda: [0.0] * 10)
    for invitation in Invitation.objects.select_related("interaction", "letter"):
        contact: Interaction = invitation.interaction
        assert invitation.letter
        day, customer = timezone.localdate(contact.opened_at), invitation.customer
        answers: list[Answer] = list(invitation.answers.all())
        if not chosen.since <= day <= chosen.until or not (answers or invitation.letter.state in ("sent", "uncertain")):
            continue
        said = next((one.enjoyed for one in answers if one.is_counted), "")
        weight = 1 / (invitation.chance or 1)
        hit = [float(said == one) for one in ("yes", "partly", "no")]
        values = [1, weight, *hit, *(weight * one for one in hit), weight**2 * bool(said)]
        values.append(sum(not one.is_counted for one in answers))
        cell = (tier_of(customer, contact.opened_at), contact.touch_point_id, contact.channel)
        keys: list[Any] = [
            ("agent", contact.agent_id, cell, in_trouble(customer, contact.opened_at)),
            ("month", f"{day:%Y-%m}", cell, False),
        ]
        keys += [("segment", one.segment_id, cell, False) for one in customer.memberships.all()]
        for key in keys:
            found[key] = [a + b for a, b in zip(found[key], values, strict=True)]
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_the_count_is_what_a_plain_one_finds(seed: int) -> None:
    now = timezone.now()
    make_contacts(random.Random(seed), now)
    today = timezone.localdate()
    for days in (730, 200):
        chosen = Slice(since=today - timedelta(days=days), until=today - timedelta(days=20))
        counted = count(chosen)
        expected = plainly(chosen)
        assert len(counted) == len(expected)
        assert any(row.in_trouble for row in counted)
        for row in counted:
            assert list(row.tally) == pytest.approx(expected[tuple(row[:4])]), row
