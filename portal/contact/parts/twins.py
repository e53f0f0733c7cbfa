"""Who may be the same person as this customer."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, JSONField, OuterRef, Q, Value, When

from customers.models import Duplicate
from customers.selectors.duplicates import why
from portal.contact.parts.part import Part, Row, Told
from portal.models import User

# More than this would hide the page behind a question; the page of duplicates has them all.
_MOST = 3


@dataclass
class TwinRow(Row):
    """A pair that this customer is one of, and the other one's name."""

    pk: int
    name: str
    reasons: list[str]

    @property
    def why(self) -> str:
        return why(self.reasons)


def _ask(user: User) -> Any:
    """Pairs that wait for a word, the likeliest first; nothing for those who may not see them."""
    if not user.has_perm("customers.view_duplicate"):
        return Value(None, output_field=JSONField())
    pairs = Duplicate.objects.open().filter(
        Q(one=OuterRef("pk")) | Q(other=OuterRef("pk")), one__merged_into=None, other__merged_into=None
    )
    name = Case(
        When(one=OuterRef("pk"), then=F("other__full_name")), default=F("one__full_name"), output_field=CharField()
    )
    return ArraySubquery(pairs.values(json=Told(pk="pk", name=name, reasons="reasons"))[:_MOST])


TWINS = Part("twins", _ask, TwinRow.read)
