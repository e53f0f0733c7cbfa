"""Closed interactions, invitations and links for tests."""

from datetime import timedelta
from typing import Any

import pgtrigger
from django.db.models import F
from django.db.models.functions import Now

from customers.models import Customer, Interaction, Letter
from customers.tokens import hash_of, mint
from feedback.enums import LinkPurpose
from feedback.models import Answer, Invitation, Link, Visit
from feedback.services.invitations import invite
from feedback.services.leaving import write_letter
from tests.factories import make_customer, make_email, make_interaction


def make_closed(customer: Customer | None = None, *, ago: timedelta = timedelta(0), **fields: Any) -> Interaction:
    """An interaction of a customer with an address, closed some time ago by the database's clock."""
    if customer is None:
        customer = make_customer()
        make_email(customer)
    interaction = make_interaction(customer, **fields)
    Interaction.objects.filter(pk=interaction.pk).update(
        opened_at=Now() - ago - timedelta(minutes=5), closed_at=Now() - ago
    )
    interaction.refresh_from_db()
    return interaction


def make_invitation(interaction: Interaction | None = None) -> Invitation:
    """An invitation whose letter left an hour ago."""
    interaction = interaction or make_closed()
    invite(interaction_ids=[interaction.pk])
    letter = Letter.objects.get(invitation__interaction=interaction)
    words = write_letter(letter)
    letter.subject, letter.text, letter.html = words.subject, words.text, words.html
    letter.save(update_fields=["subject", "text", "html"])
    Letter.objects.filter(pk=letter.pk).update(state="sent", sent_at=Now() - timedelta(hours=1))
    return Invitation.objects.get(interaction=interaction)


def make_link(
    invitation: Invitation | None = None,
    purpose: str = LinkPurpose.ANSWER,
    *,
    minted: timedelta = timedelta(hours=1),
    lasts: timedelta = timedelta(days=30),
) -> tuple[Link, str]:
    """A link that left some time ago, and its token."""
    token = mint()
    link = Link.objects.create(
        invitation=invitation or make_invitation(),
        purpose=purpose,
        token_hash=hash_of(token),
        minted_at=Now() - minted,
        expires_at=Now() - minted + lasts,
    )
    return Link.objects.get(pk=link.pk), token


def let_pass(time: timedelta) -> None:
    """Let so much time pass: all that has happened moves back, visits too, which nobody can move but a test."""
    with pgtrigger.ignore("feedback.Visit:visit_append_only"):
        Visit.objects.update(visited_at=F("visited_at") - time)
    Answer.objects.update(answered_at=F("answered_at") - time)
    Link.objects.update(minted_at=F("minted_at") - time)
    Letter.objects.filter(sent_at__isnull=False).update(sent_at=F("sent_at") - time)
