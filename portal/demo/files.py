"""Writes the demo's people and orders as the files that `manage.py import` takes."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import TextIO

import phonenumbers

from portal.demo.cast import LET_DOWN, SEED
from portal.demo.people import Person
from portal.demo.retail import Invoice, match_returns, shift

CUSTOMER_COLUMNS = (
    "external_id",
    "full_name",
    "given_name",
    "family_name",
    "known_as",
    "say_as",
    "pronouns",
    "language",
    "country",
    "city",
    "time_zone",
    "customer_since",
    "phone",
    "phone2",
    "email",
    "email2",
    "consent_feedback",
    "segments",
)
ORDER_COLUMNS = (
    "external_id",
    "customer_external_id",
    "placed_at",
    "amount",
    "currency",
    "margin",
    "is_our_fault",
    "description",
)
# Share of the matched returns that the demo calls our fault. Invented.
_FAULT_SHARE = 0.15


def write_people(
    file: TextIO, people: Iterable[Person], weeks: int, segments: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Write the customers' file; "with us since" moves by as many weeks as the orders do.

    `segments`: customer's number → short names of segments.
    """
    rows = csv.DictWriter(file, CUSTOMER_COLUMNS, lineterminator="\n", restval="")
    rows.writeheader()
    for person in people:
        rows.writerow(
            {
                "external_id": person.number,
                "full_name": person.full_name,
                "given_name": person.given_name,
                "family_name": person.family_name,
                "known_as": person.known_as,
                "say_as": person.say_as,
                "pronouns": person.pronouns,
                "language": person.language,
                "country": person.country,
                "city": person.city,
                "time_zone": person.time_zone,
                "customer_since": (person.since + timedelta(weeks=weeks)).isoformat(),
                "consent_feedback": person.consent_feedback,
                "segments": ";".join((segments or {}).get(person.number, ())),
                **dict(zip(("phone", "phone2"), map(_written, person.phones), strict=False)),
                **dict(zip(("email", "email2"), person.emails, strict=False)),
            }
        )


def _written(phone: str) -> str:
    return phonenumbers.format_number(phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def write_orders(file: TextIO, invoices: Iterable[Invoice], weeks: int) -> None:
    """Write the orders' file. The margin stays blank: the import estimates it and marks it as such."""
    invoices = list(invoices)
    rows = csv.DictWriter(file, ORDER_COLUMNS, lineterminator="\n", restval="")
    rows.writeheader()
    returned = match_returns(invoices)
    faults = set(our_faults(invoices, returned))
    for invoice in invoices:
        rows.writerow(
            {
                "external_id": invoice.number,
                "customer_external_id": invoice.customer,
                "placed_at": shift(invoice.placed_at, weeks).isoformat(),
                "amount": str(invoice.amount),
                "currency": "GBP",
                "is_our_fault": "yes" if invoice.number in faults else "",
                "description": _described(invoice, returned.get(invoice.number)),
            }
        )


def _described(invoice: Invoice, order: str | None) -> str:
    pieces = abs(invoice.units)
    what = f"{pieces} piece{'' if pieces == 1 else 's'} of {invoice.lines} article{'' if invoice.lines == 1 else 's'}"
    if order:
        return f"Sent back from {order}: {what}"
    if invoice.is_return:
        return f"Sent back: {what}"
    return what if invoice.amount else f"Sent free: {what}"


def our_faults(invoices: Iterable[Invoice], returned: Mapping[str, str]) -> Iterator[str]:
    """Yield the numbers of the matched returns called our fault: by chance, always the same, and Ms Okafor's."""
    for invoice in invoices:
        if invoice.number not in returned:
            continue
        drawn = Random(f"{SEED}:fault:{invoice.number}").random() < _FAULT_SHARE
        if drawn or (invoice.customer == LET_DOWN and invoice.placed_at.month == 12 and invoice.placed_at.year == 2011):
            yield invoice.number
