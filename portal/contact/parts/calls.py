"""Whether this customer is on the line for this colleague, now."""

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery

from portal.contact.parts.part import Part, Row, rows_of_customer
from portal.models import Pop, User


@dataclass
class CallRow(Row):
    """A pop that stands on this colleague's desk and is certainly this customer's."""

    pk: int
    kind: str


def _ask(user: User) -> ArraySubquery:
    return rows_of_customer(Pop.objects.standing().filter(agent=user).order_by("-created_at"), kind="kind")


CALLS = Part("calls", _ask, CallRow.read)
