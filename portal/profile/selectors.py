"""How a customer can be reached, as the profile shows it."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from customers.enums import SuppressionReason
from customers.models import ContactPoint, Customer, Suppression
from portal.pops.selectors import written


@dataclass(frozen=True)
class PointShown:
    """A number or an address. `held`: why no letters go there, empty where they do."""

    point: ContactPoint
    text: str
    held: str
    may_be_first: bool


def points_of(customer: Customer) -> list[PointShown]:
    """Return what is in use, the preferred ones first, in one query."""
    held = Suppression.objects.filter(address=OuterRef("normalised")).values("reason")
    points = list(
        customer.contact_points.filter(is_active=True)
        .annotate(held=Subquery(held))
        .order_by("-is_preferred", "-kind", "pk")
    )
    kinds = [point.kind for point in points]
    return [
        PointShown(
            point=point,
            text=written(point),
            held=str(SuppressionReason(point.held).label) if point.held else "",
            may_be_first=not point.is_preferred and kinds.count(point.kind) > 1,
        )
        for point in points
    ]
