"""Who may be the same as whom: records to compare, those that meet, and pairs with their reasons in words."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from customers.enums import ContactKind, DuplicateState
from customers.likeness.blocking import MOST_PER_KEY
from customers.likeness.house import describe
from customers.models import ContactPoint, Customer, Duplicate

if TYPE_CHECKING:
    from portal.models import User

_MEETING = """
    SELECT DISTINCT least(mine.customer_id, theirs.customer_id), greatest(mine.customer_id, theirs.customer_id)
    FROM customers_blockkey AS mine JOIN customers_blockkey AS theirs
        ON theirs.key = mine.key AND theirs.customer_id <> mine.customer_id
    WHERE mine.customer_id = ANY(%s) AND mine.key IN (
        -- One more than may be, and no further: a key that is everybody's costs no more than one that is a few's.
        SELECT own.key FROM (SELECT DISTINCT key FROM customers_blockkey WHERE customer_id = ANY(%s)) AS own
        WHERE (SELECT count(*) FROM (
            SELECT FROM customers_blockkey AS sharing WHERE sharing.key = own.key LIMIT %s
        ) AS few) <= %s
    )
"""


def records_of(ids: Collection[int]) -> dict[int, dict[str, list[str]]]:
    """Return customers as records to compare, by primary key (2 queries); merged ones are left out."""
    points: dict[tuple[int, str], list[str]] = {}
    found = ContactPoint.objects.filter(customer__in=ids, is_active=True).exclude(kind=ContactKind.HANDLE)
    for customer_id, kind, normalised in found.values_list("customer_id", "kind", "normalised"):
        points.setdefault((customer_id, kind), []).append(normalised)
    return {
        one.pk: describe(
            names=_whole_names(one),
            given_name=one.given_name,
            family_name=one.family_name,
            city=one.city,
            country=one.country,
            phones=points.get((one.pk, ContactKind.PHONE), []),
            emails=points.get((one.pk, ContactKind.EMAIL), []),
        )
        for one in Customer.objects.present().filter(pk__in=ids, erasure=None)
    }


def _whole_names(customer: Customer) -> list[str]:
    """The names that tell somebody from a household: not how they are addressed, nor a family name alone."""
    parts = [customer.given_name, customer.family_name]
    return [customer.full_name, *([" ".join(parts)] if all(parts) else [])]


def meeting(ids: Collection[int], most: int = MOST_PER_KEY) -> list[tuple[int, int]]:
    """Return the pairs of these customers and others who share a key that not too many share (1 query)."""
    with connection.cursor() as cursor:
        cursor.execute(_MEETING, [list(ids), list(ids), most + 1, most])
        return sorted(cursor.fetchall())


def told_apart(ids: Collection[int]) -> dict[tuple[int, int], set[str]]:
    """Return the reasons in spite of which somebody said “not the same”, by pair of those who are there now.

    What was said of somebody holds for whom they were merged into.
    """
    whole = {one: one for one in ids}
    newest = set(ids)
    while newest:
        merged = dict(Customer.objects.filter(merged_into__in=newest).values_list("pk", "merged_into"))
        whole |= {pk: whole[into] for pk, into in merged.items() if into is not None}
        newest = set(merged)
    found: dict[tuple[int, int], set[str]] = {}
    said = Duplicate.objects.filter(Q(one__in=whole) & Q(other__in=whole), state=DuplicateState.DIFFERENT)
    for one, other, reasons in said.values_list("one_id", "other_id", "reasons"):
        pair = (min(whole[one], whole[other]), max(whole[one], whole[other]))
        found.setdefault(pair, set()).update(reasons)
    return found


def open_duplicates(*, user: "User") -> QuerySet[Duplicate]:
    """Return the pairs of which nobody has said anything, the likeliest first, of customers whom they may see."""
    seen = Customer.objects.visible_to(user)
    return Duplicate.objects.open().filter(one__in=seen, other__in=seen).select_related("one", "other")


def why(reasons: Iterable[str]) -> str:
    """Return reasons as a few words: “Same phone, names alike”."""
    words = {
        "email:same": _("same email"),
        "email:alike": _("emails a slip apart"),
        "phone:same": _("same phone"),
        "name:same": _("same name"),
        "name:alike": _("names alike"),
        "city:same": _("same city"),
        "city:alike": _("cities alike"),
        "country:same": _("same country"),
    }
    told = [words[reason] for reason in reasons if reason in words]
    # A country says nothing beside a city.
    if any(reason.startswith("city:") for reason in reasons):
        told = [one for one in told if one != words["country:same"]]
    said = ", ".join(told)
    return said[:1].upper() + said[1:]
