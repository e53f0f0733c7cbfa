"""Whose a row is, where a table names customers by their number at the source."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from customers.imports.table import Column, Row
from customers.models import Customer
from customers.selectors.merged import survivor
from customers.texts import tidy

NUMBER = Column("customer_external_id", gettext_noop("the customer's number at the same source"), is_required=True)


def customers_of(rows: Sequence[Row], source: str) -> dict[str | None, Customer]:
    """Return the customers whom these rows are about, by their number; one who was merged is the survivor."""
    numbers = {_number(row) for row in rows} - {None}
    found = Customer.objects.filter(source=source, external_id__in=numbers)
    return {customer.external_id: survivor(customer) for customer in found}


def whose(row: Row, customers: Mapping[str | None, Customer], source: str) -> Customer:
    """Return the customer whom a row is about.

    Raises:
        ValidationError: the source has no customer of that number.
    """
    number = _number(row)
    customer = None if number is None else customers.get(number)
    if customer is None:
        sentence = _("No customer of “%(source)s” has the number “%(number)s”.")
        raise ValidationError({NUMBER.name: sentence % {"source": source, "number": row[NUMBER.name][:80]}})
    return customer


def _number(row: Row) -> str | None:
    """The number as a customer's own is stored; None where none can be stored like that."""
    try:
        return tidy(row[NUMBER.name])
    except ValueError:
        return None
