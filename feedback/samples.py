"""Samples of what we write to customers, for whoever wants to see it first."""

from django.utils import timezone

from customers.emails import Sample
from customers.enums import Channel
from customers.models import Customer, Interaction, TouchPoint
from feedback.emails import write_invitation


def sample_invitation(language: str) -> Sample:
    """Write the letter that asks how it was, about a call today of a customer whom nobody is."""
    customer = Customer(full_name="Customer 1", language=language)
    interaction = Interaction(
        customer=customer,
        touch_point=TouchPoint(slug="sample", name="Sample"),
        channel=Channel.PHONE,
        opened_at=timezone.now(),
        closed_at=timezone.now(),
    )
    written = write_invitation(customer=customer, interaction=interaction)
    return Sample(written.language, written.subject, written.text, written.html, written.headers)
