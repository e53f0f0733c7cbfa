"""Contacts that were asked about, and what was answered, for tests of what we hear."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from customers.models import Customer, Interaction, Letter
from feedback.models import Answer, Invitation
from tests.factories import make_customer, make_touch_point

_numbers = itertools.count(1)


def hear(
    *said: str | None,
    customer: Customer | None = None,
    at: datetime | None = None,
    place: str = "phone-desk",
    language: str = "en",
    comment: str = "",
    doubts: tuple[str, ...] = (),
    **fields: Any,
) -> list[Answer]:
    """Ask about one contact for each answer (None: silence) and keep what was said; by default an hour ago, by phone.

    With `doubts` the answers do not count. `fields`: of the interaction.
    """
    at = at or timezone.now() - timedelta(hours=1)
    count = len(said)
    interactions = Interaction.objects.bulk_create(
        Interaction(
            customer=customer or make_customer(),
            **{"touch_point": make_touch_point(place), "channel": "phone", "opened_at": at, "closed_at": at} | fields,
        )
        for _ in range(count)
    )
    letters = Letter.objects.bulk_create(
        Letter(
            customer_id=interaction.customer_id,
            kind="feedback.invitation",
            subject_key=str(interaction.pk),
            to_address="hidden@mail.example",
            language=language,
            subject="How was it?",
            text="How was it?",
            state="sent",
            message_id=f"<{next(_numbers)}@house.example>",
            sent_at=at,
        )
        for interaction in interactions
    )
    invitations = Invitation.objects.bulk_create(
        Invitation(interaction=interaction, customer_id=interaction.customer_id, letter=letter, created_at=at)
        for interaction, letter in zip(interactions, letters, strict=True)
    )
    return Answer.objects.bulk_create(
        Answer(
            invitation=invitation,
            enjoyed=enjoyed,
            comment=comment,
            doubts=list(doubts),
            is_counted=not doubts,
            answered_at=at + timedelta(minutes=30),
        )
        for invitation, enjoyed in zip(invitations, said, strict=True)
        if enjoyed
    )


def times(yes: int = 0, partly: int = 0, no: int = 0, silent: int = 0) -> list[str | None]:
    """So many of each."""
    return ["yes"] * yes + ["partly"] * partly + ["no"] * no + [None] * silent
