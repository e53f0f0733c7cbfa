"""What there may be to thank for or to celebrate: orders, and when we last spoke."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from portal.contact.opening import TENTH
from portal.contact.parts.part import Part, moment
from portal.models import User


@dataclass
class Occasions:
    """`purchases`: times of the newest orders, one more than ten at most; `newest`: kinds of the last two entries."""

    purchases: list[datetime] = field(default_factory=list)
    newest: list[str] = field(default_factory=list)
    last_contact_at: datetime | None = None


# As in portal.contact.parts.noise: written out, and a dozen entries of an index at most.
_OF_CUSTOMER = "WHERE customer_id = customers_customer.id"
_OCCASIONS = f"""json_build_object(
    'purchases', ARRAY(SELECT placed_at FROM customers_order {_OF_CUSTOMER} AND kind = 'purchase'
        ORDER BY placed_at DESC LIMIT {TENTH + 1}),
    'newest', ARRAY(SELECT kind FROM customers_order {_OF_CUSTOMER} ORDER BY placed_at DESC LIMIT 2),
    'last', (SELECT closed_at FROM customers_interaction {_OF_CUSTOMER} AND closed_at IS NOT NULL
        AND NOT is_mistaken ORDER BY opened_at DESC LIMIT 1))"""  # noqa: S608 (words of ours)


def _ask(_user: User) -> RawSQL:
    return RawSQL(_OCCASIONS, (), output_field=JSONField())  # noqa: S611 (words of ours)


def _read(told: dict[str, Any], _user: User) -> Occasions:
    purchases = [at for at in map(moment, told["purchases"]) if at]
    return Occasions(purchases, told["newest"], moment(told["last"]))


OCCASIONS = Part("occasions", _ask, _read)
