"""Whose number or address this is: exact matches, for a phone system that has somebody on the line."""

from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, QuerySet

from customers.addresses import normalise_email
from customers.enums import ContactKind
from customers.models import Customer
from customers.phones import DEFAULT_REGION, normalise_phone, without_extension

if TYPE_CHECKING:
    from portal.models import User


def match_phone(*, user: "User", phone: str, region: str = "") -> list[Customer]:
    """Return the customers with this number in use, those with exactly this one first, then in the order we met them.

    A number with an extension also finds those who have the line's plain number, and a plain number those who have
    an extension on it. What is no phone number finds nobody.
    """
    try:
        exact = normalise_phone(phone, region or DEFAULT_REGION)
    except ValueError:
        return []
    line = without_extension(exact)
    same = Q(contact_points__normalised__in={exact, line})
    if exact == line:
        same |= Q(contact_points__normalised__startswith=f"{line};ext=")
    return _with_points(user, ContactKind.PHONE, same, exact)


def match_email(*, user: "User", email: str) -> list[Customer]:
    """Return the customers with this address in use, in the order we met them; what is no address finds nobody."""
    try:
        exact = normalise_email(email)
    except ValueError:
        return []
    return _with_points(user, ContactKind.EMAIL, Q(contact_points__normalised=exact), exact)


def _with_points(user: "User", kind: str, points: Q, exact: str) -> list[Customer]:
    found: QuerySet[Any] = (
        Customer.objects.visible_to(user)
        .filter(points, contact_points__kind=kind, contact_points__is_active=True)
        .annotate(found_by=F("contact_points__normalised"))
    )
    once: dict[int, Customer] = {}
    for customer in sorted(found, key=lambda customer: (customer.found_by != exact, customer.pk)):
        once.setdefault(customer.pk, customer)
    return list(once.values())
