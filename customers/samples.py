"""Samples of the letters that facts lead to: written of nobody."""

from datetime import timedelta

from django.utils import timezone, translation

from customers.emails import Sample
from customers.models import Customer, Promise
from customers.reminding import write_late


def sample_promise(language: str) -> Sample:
    """Write the letter to a colleague about a promise, as it is when that is late."""
    promise = Promise(pk=1, customer=Customer(full_name="Customer 1"), due_at=timezone.now() - timedelta(hours=2))
    with translation.override(language):
        note = write_late(promise=promise)
    return Sample(language, note.subject, note.text, note.html, {})
