"""What went wrong, counted once: incidents and recoveries together, by business day, touch point and cause.

One definition. A trouble is an incident that was our fault, or a recovery. An incident counts at its own touch point,
under the cause that counts with its kind. A recovery counts at the touch point of the contact that it is about, on
that contact's day, under its cause (none while it is open). Where a contact has both, they are one trouble: the
recovery is left out if its cause is of the incident's branch or not known yet, and the incident takes over the
recovery's closer cause. A recovery of another branch than the incident is a trouble of its own.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from customers.models import Incident, Interaction, Order
from feedback.models import Recovery
from feedback.selectors.causes import Tree

_CONTACT = "answer__invitation__interaction"


@dataclass(frozen=True, slots=True)
class Trouble:
    """So many troubles of a day at a touch point with a cause (None: not known)."""

    day: date
    touch_point: int
    cause: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Noise:
    """What went wrong between two days, and what there was besides: contacts by (day, touch point), orders by day."""

    troubles: list[Trouble]
    contacts: Counter[tuple[date, int]]
    orders: Counter[date]

    def cases(
        self, since: date, until: date, *, causes: Collection[int | None] | None = None, touch_point: int | None = None
    ) -> int:
        """Return how many troubles there were from `since` to the day before `until`."""
        return sum(
            one.count
            for one in self.troubles
            if since <= one.day < until
            and (causes is None or one.cause in causes)
            and (touch_point is None or one.touch_point == touch_point)
        )

    def contacts_in(self, since: date, until: date, *, touch_point: int | None = None) -> int:
        """Return how many contacts there were, there or everywhere."""
        return sum(
            count
            for (day, place), count in self.contacts.items()
            if since <= day < until and (touch_point is None or place == touch_point)
        )

    def orders_in(self, since: date, until: date) -> int:
        """Return how many orders there were in the house."""
        return sum(count for day, count in self.orders.items() if since <= day < until)


def listen(*, since: date, until: date, tree: Tree) -> Noise:
    """Count from `since` to the day before `until` (business days); five queries, whatever there is to count."""
    kinds = {cause.incident_kind: pk for pk, cause in tree.causes.items() if cause.incident_kind}
    found: Counter[tuple[date, int, int | None]] = Counter()
    for rows in (_incidents(since, until, tree, kinds), _recoveries(since, until, tree, kinds)):
        for key, count in rows:
            found[key] += count
    talks = Interaction.objects.filter(is_mistaken=False)
    contacts = _daily(_between(talks, "opened_at", since, until), "opened_at", "touch_point")
    orders = _daily(_between(Order.objects.filter(kind=Order.Kind.PURCHASE), "placed_at", since, until), "placed_at")
    return Noise(
        troubles=[Trouble(*key, count) for key, count in found.items()],
        contacts=Counter({(row["day"], row["touch_point"]): row["count"] for row in contacts}),
        orders=Counter({row["day"]: row["count"] for row in orders}),
    )


_Counted = Iterator[tuple[tuple[date, int, int | None], int]]


def _incidents(since: date, until: date, tree: Tree, kinds: dict[str, int]) -> _Counted:
    """Incidents under the cause of their kind, or under the closer cause that a recovery of the same contact has."""
    closer = Recovery.objects.filter(**{_CONTACT: OuterRef("interaction")}, cause__isnull=False).order_by("pk")
    rows = _between(Incident.objects.filter(is_our_fault=True), "happened_at", since, until)
    rows = rows.annotate(closer=Subquery(closer.values("cause")[:1]))
    for row in _daily(rows, "happened_at", "touch_point", "kind", "closer"):
        cause = kinds.get(row["kind"])
        if row["closer"] and cause and tree.root_of(row["closer"]) == tree.root_of(cause):
            cause = row["closer"]
        yield (row["day"], row["touch_point"], cause), row["count"]


def _recoveries(since: date, until: date, tree: Tree, kinds: dict[str, int]) -> _Counted:
    """Recoveries but for those that an incident of the same contact stands for."""
    same = Incident.objects.filter(interaction=OuterRef(_CONTACT), is_our_fault=True).order_by("kind")
    # And but for a second one of the same contact, from an answer that disputes the first: that is one trouble, too.
    earlier = Recovery.objects.filter(pk__lt=OuterRef("pk"), **{_CONTACT: OuterRef(_CONTACT)})
    is_second = Exists(earlier.filter(Q(cause=None) | Q(cause=OuterRef("cause")))) | Q(Exists(earlier), cause=None)
    rows = _between(Recovery.objects.exclude(is_second), f"{_CONTACT}__opened_at", since, until)
    rows = rows.annotate(met=ArraySubquery(same.values("kind").distinct()))
    for row in _daily(rows, f"{_CONTACT}__opened_at", f"{_CONTACT}__touch_point", "cause", "met"):
        cause, met = row["cause"], {tree.root_of(kinds[kind]) for kind in row["met"] if kind in kinds}
        if row["met"] and (cause is None or tree.root_of(cause) in met):
            continue
        yield (row["day"], row[f"{_CONTACT}__touch_point"], cause), row["count"]


def _between(rows: QuerySet[Any], name: str, since: date, until: date) -> QuerySet[Any]:
    return rows.filter(Q(**{f"{name}__gte": _begins(since)}), Q(**{f"{name}__lt": _begins(until)}))


def _daily(rows: QuerySet[Any], at: str, *names: str) -> QuerySet[Any]:
    zone = ZoneInfo(settings.TIME_ZONE)
    by_day = rows.order_by().annotate(day=TruncDate(at, tzinfo=zone)).values("day", *names)
    return by_day.annotate(count=Count("pk"))


def _begins(day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(settings.TIME_ZONE))


def months_until(today: date, count: int = 12) -> list[tuple[date, date]]:
    """Return the last months up to the one of `today`, the oldest first, each from its first day to the next one's."""
    months: list[tuple[date, date]] = []
    first = today.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    for _month in range(count):
        months.insert(0, (first, following))
        first, following = (first - timedelta(days=1)).replace(day=1), first
    return months
