"""Forgetting why a colleague decided something about a customer."""

from customers.models import Customer
from customers.services.erasing import erase_words


def erase_deciding(customer: Customer) -> None:
    """Take away the reasons of overrides; that there were any stays."""
    erase_words("tiers_override", customer, "reason")
