"""Forgetting a customer's name in what the admin notes of its own, their words in hints, and why things were pinned."""

from django.contrib.admin.models import LogEntry
from django.db.models import F, TextField, Value
from django.db.models.functions import Replace, Substr

from customers.models import Customer
from customers.services.erasing import ERASED, all_names, erase_words
from portal.models import OutsideCard


def erase_admin_log(customer: Customer) -> None:
    """Put “Erased” in place of the customer's names."""
    for name in all_names(customer):
        entries = LogEntry.objects.filter(object_repr__contains=name)
        entries.update(object_repr=Substr(_without("object_repr", name), 1, 200))
        LogEntry.objects.filter(change_message__contains=name).update(change_message=_without("change_message", name))


def erase_hints(customer: Customer) -> None:
    """Put “Erased” in place of what hints said; that they were shown, and what became of them, stays."""
    erase_words("portal_hintshown", customer, "text")


def erase_pins(customer: Customer) -> None:
    """Put “Erased” in place of the reasons."""
    erase_words("portal_pin", customer, "reason")


def erase_outside(customer: Customer) -> None:
    """Take away what other systems said of them."""
    OutsideCard.objects.filter(customer=customer).delete()


def _without(field: str, name: str) -> Replace:
    return Replace(F(field), Value(name), Value(ERASED), output_field=TextField())
