"""Which other systems have a card of this customer; the cards themselves are fetched when the page has stood."""

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, ExpressionWrapper, OuterRef, Q

from portal.contact.parts.part import Part, Row, Told
from portal.models import User
from portal.models.outside import Reference
from portal.outside.cards import sources_for

# More would make a wall of them.
_MOST = 4


@dataclass
class OutsideRow(Row):
    """A source that knows the customer."""

    pk: int
    name: str


def _ask(user: User) -> ArraySubquery:
    sources = sources_for(user).alias(number=ExpressionWrapper(OuterRef("external_id"), output_field=CharField()))
    sources = sources.filter(
        Q(known_from="") | Q(known_from=OuterRef("source")), Q(reference=Reference.PUBLIC) | Q(number__gt="")
    )
    return ArraySubquery(sources.values(json=Told(pk="pk", name="name"))[:_MOST])


OUTSIDE = Part("outside", _ask, OutsideRow.read)
