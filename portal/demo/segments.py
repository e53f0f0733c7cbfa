"""The demo's segments: what the set itself says of its customers, without chance (SOURCE.md)."""

from collections.abc import Iterable
from decimal import Decimal
from statistics import median

from customers.enums import SegmentKind
from customers.models import Segment
from portal.demo.people import Person
from portal.demo.retail import Invoice, by_customer

# Short name → name and kind. The set says nothing of age, outlook or devices, so three kinds stay out.
SEGMENTS = {
    "at-home": ("At home", SegmentKind.GEOGRAPHIC),
    "abroad": ("Abroad", SegmentKind.GEOGRAPHIC),
    "wholesale": ("Wholesale buyers", SegmentKind.BEHAVIOURAL),
    "gift-season": ("Gift season buyers", SegmentKind.BEHAVIOURAL),
    "bought-once": ("Bought once", SegmentKind.BEHAVIOURAL),
}
# Pounds: whose middle order comes to this buys for a shop.
_WHOLESALE = Decimal(500)
# By the set's own calendar: moved by whole weeks, its October may lie in September.
_SEASON = (10, 11, 12)


def ensure_segments() -> None:
    """Make the segments that are missing; what people have changed stays as it is."""
    for slug, (name, kind) in SEGMENTS.items():
        Segment.objects.get_or_create(slug=slug, defaults={"name": name, "kind": kind})


def segments_of(people: Iterable[Person], invoices: Iterable[Invoice]) -> dict[str, list[str]]:
    """Return the short names of each person's segments, by the person's number."""
    theirs = by_customer(invoice for invoice in invoices if not invoice.is_return)
    return {person.number: [*_place(person), *_habits(theirs.get(person.number, []))] for person in people}


def _place(person: Person) -> list[str]:
    """Where they live; of some the set does not say."""
    if not person.country:
        return []
    return ["at-home" if person.country == "GB" else "abroad"]


def _habits(orders: list[Invoice]) -> list[str]:
    if len(orders) < 2:
        return ["bought-once"] * len(orders)
    found = []
    if median(order.amount for order in orders) >= _WHOLESALE:
        found.append("wholesale")
    if 2 * sum(order.placed_at.month in _SEASON for order in orders) > len(orders):
        found.append("gift-season")
    return found
