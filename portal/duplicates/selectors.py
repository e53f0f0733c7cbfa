"""What the pages of duplicates show: pairs with their reasons, and two customers side by side."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, DecimalField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from customers.enums import ContactKind
from customers.models import ContactPoint, Customer, Duplicate, Incident, Interaction, Merge, Order, Promise
from customers.selectors.duplicates import open_duplicates, why
from customers.services.people import PROFILE
from customers.zones import UNSAID
from feedback.models import Recovery
from portal.languages import language_name
from portal.models import User
from portal.money import write_money
from portal.places import country_name
from portal.pops.selectors import written
from tiers.models import Tier
from tiers.selectors.standings import present_tiers

MOST = 50
# Mergings that are shown, with the press that undoes them; the admin has them all.
LATELY = 10


@dataclass(frozen=True)
class Pair:
    """Two who may be one, with their tiers and why."""

    duplicate: Duplicate
    tiers: tuple[Tier | None, Tier | None]
    why: str


@dataclass(frozen=True)
class Listed:
    """What the list shows (4 queries)."""

    pairs: list[Pair]
    has_more: bool
    merges: list[Merge]


@dataclass(frozen=True)
class Line:
    """One fact of both. `name`: the field of the profile that may be chosen, empty for one that may not."""

    label: str
    one: str
    other: str
    name: str = ""

    @property
    def differs(self) -> bool:
        """Whether they are told apart by it."""
        return self.one != self.other


@dataclass(frozen=True)
class Sides:
    """Two customers side by side."""

    pair: Pair
    lines: list[Line]
    survivor: str

    @property
    def choices(self) -> list[Line]:
        """What has to be chosen: fields that both have, and in which they differ."""
        return [line for line in self.lines if line.name and line.differs and line.one and line.other]


def list_pairs(user: User) -> Listed:
    """Return the pairs that wait, the likeliest first, and what was merged lately."""
    found = list(open_duplicates(user=user)[: MOST + 1])
    merges = Merge.objects.select_related("survivor", "absorbed", "by").filter(undone_at=None).order_by("-pk")
    return Listed(_with_tiers(found[:MOST]), len(found) > MOST, list(merges[:LATELY]))


def read_sides(*, user: User, duplicate: Duplicate) -> Sides | None:
    """Return everything that tells two customers apart; money and contact points for those who may see them.

    None where one of them has been merged: then there are no two any more.
    """
    counted = {row.pk: row for row in _counted(user).filter(pk__in=(duplicate.one_id, duplicate.other_id))}
    if len(counted) < 2:
        return None
    (pair,) = _with_tiers([duplicate])
    both: tuple[Any, Any] = (counted[duplicate.one_id], counted[duplicate.other_id])
    lines = [Line(_label(name), _shown(both[0], name), _shown(both[1], name), name=name) for name in PROFILE]
    lines.append(Line(_("Number"), *(f"{who.source} {who.external_id or ''}".strip() for who in both)))
    lines.append(Line(_("Tier"), *(str(tier or "") for tier in pair.tiers)))
    if user.has_perm("customers.view_contact_points"):
        lines += _points(*(who.pk for who in both))
    lines += [
        Line(_("Orders"), *(str(who.orders_) for who in both)),
        Line(_("Open contacts"), *(str(who.talks_) for who in both)),
        Line(_("Open matters"), *(str(who.matters_) for who in both)),
    ]
    if user.has_perm("customers.view_money"):
        lines.append(Line(_("Bought for"), *(write_money(who.spent_, settings.HOUSE_CURRENCY) for who in both)))
    order = sorted(both, key=lambda who: (-who.orders_, who.pk))
    known = [line for line in lines if line.one or line.other]
    return Sides(pair, known, "one" if order[0].pk == duplicate.one_id else "other")


def _with_tiers(found: list[Duplicate]) -> list[Pair]:
    tiers = present_tiers([pk for one in found for pk in (one.one_id, one.other_id)])
    return [Pair(one, (tiers.get(one.one_id), tiers.get(one.other_id)), why(one.reasons)) for one in found]


def _counted(user: User) -> QuerySet[Any]:
    """Return customers with how many open matters they have, and what they bought for (nothing, without permission)."""
    money = DecimalField(max_digits=16, decimal_places=2)
    counted = Customer.objects.visible_to(user).annotate(
        orders_=_number(Order.objects.all()),
        talks_=_number(Interaction.objects.open()),
        matters_=_number(Incident.objects.open()) + _number(Promise.objects.open()) + _number(Recovery.objects.open()),
    )
    if not user.has_perm("customers.view_money"):
        return counted
    spent = Subquery(_of(Order.objects.all()).annotate(spent=Sum("house_amount")).values("spent"))
    return counted.annotate(spent_=Coalesce(spent, Value(Decimal(0)), output_field=money))


def _of(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(customer=OuterRef("pk")).order_by().values("customer")


def _number(rows: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(_of(rows).annotate(number=Count("pk")).values("number")), Value(0))


def _label(name: str) -> str:
    field: Any = Customer._meta.get_field(name)
    return capfirst(str(field.verbose_name))


def _shown(customer: Customer, name: str) -> str:
    value = getattr(customer, name)
    if not value or (name, value) == ("time_zone", UNSAID):
        return ""
    if name == "language":
        return language_name(value)
    if name == "country":
        return country_name(value)
    return date_format(value, "j F Y") if isinstance(value, date) else str(value)


def _points(one: int, other: int) -> list[Line]:
    """Return phones and addresses, those that both have beside each other."""
    found: dict[str, dict[str, str]] = {ContactKind.PHONE: {}, ContactKind.EMAIL: {}}
    had: dict[int, set[str]] = {one: set(), other: set()}
    points = ContactPoint.objects.filter(Q(customer=one) | Q(customer=other), is_active=True).order_by("pk")
    for point in points.exclude(kind=ContactKind.HANDLE):
        found[point.kind][point.normalised] = written(point)
        had[point.customer_id].add(point.normalised)
    return [
        Line(
            str(ContactKind(kind).label),
            shown if normalised in had[one] else "",
            shown if normalised in had[other] else "",
        )
        for kind, values in found.items()
        for normalised, shown in values.items()
    ]
