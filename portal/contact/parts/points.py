"""Phones and addresses, who may see them, and which addresses get no letters."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, IntegerField, OuterRef, Subquery, Value, When

from customers.enums import ContactKind, SuppressionReason
from customers.models import ContactPoint, Suppression
from customers.phones import format_phone
from portal.contact.parts.part import Part, Row, rows_of_customer
from portal.models import User


@dataclass
class PointRow(Row):
    """A contact point; `value` is empty where this colleague may not see it.

    `held`: why no letters go there (`SuppressionReason`), None where they do.
    """

    pk: int
    kind: str
    value: str
    label: str
    is_preferred: bool
    held: str | None

    @property
    def kind_word(self) -> str:
        return str(ContactKind(self.kind).label)

    @property
    def held_word(self) -> str:
        return str(SuppressionReason(self.held).label) if self.held else ""


def _ask(user: User) -> ArraySubquery:
    """Contact points, preferred first. Values that may not be seen do not leave the database."""
    in_order = Case(
        When(kind=ContactKind.PHONE, then=1),
        When(kind=ContactKind.EMAIL, then=2),
        default=3,
        output_field=IntegerField(),
    )
    as_shown = Case(When(kind=ContactKind.PHONE, then=F("normalised")), default=F("value"), output_field=CharField())
    held = Suppression.objects.filter(address=OuterRef("normalised")).values("reason")
    return rows_of_customer(
        ContactPoint.objects.filter(is_active=True).order_by("-is_preferred", in_order, "pk"),
        kind="kind",
        value=as_shown if user.has_perm("customers.view_contact_points") else Value(""),
        label="label",
        is_preferred="is_preferred",
        held=Case(When(kind=ContactKind.EMAIL, then=Subquery(held)), output_field=CharField()),
    )


def _read(rows: list[dict[str, Any]], user: User) -> list[PointRow]:
    points: list[PointRow] = PointRow.read(rows, user)
    for point in points:
        if point.kind == ContactKind.PHONE and point.value:
            point.value = format_phone(point.value)
    return points


POINTS = Part("points", _ask, _read)
