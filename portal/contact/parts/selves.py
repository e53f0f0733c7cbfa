"""The other selves of the same person, and what customers are to each other."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import JSONField, Value
from django.db.models.expressions import RawSQL
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from customers.enums import RelationKind
from customers.selectors.selves import relation_words, role_words
from portal.contact.parts.part import MOST, Part, Row
from portal.models import User
from portal.money import write_money


@dataclass
class SelfRow(Row):
    """Another self: its role, tier and value, and the worst that is open there.

    `margin`: of 12 months in the house's currency, None where this colleague may not see it or nothing is known.
    `is_open`: this colleague has a contact open there. `severity`: of the worst open incident of ours.
    """

    pk: int
    public_id: str
    capacity: str
    firm: str
    tier: dict[str, Any] | None
    margin: Decimal | None
    is_open: bool
    severity: int | None
    wrong: str | None
    wrong_at: datetime | None
    late: str | None
    late_at: datetime | None

    @property
    def role(self) -> str:
        return capfirst(role_words(self.capacity, self.firm))

    @property
    def value(self) -> str:
        """The margin in whole pounds, or whatever the house counts in."""
        if self.margin is None:
            return ""
        return write_money(Decimal(round(self.margin)), settings.HOUSE_CURRENCY).replace(".00", "")

    @property
    def is_let_down(self) -> bool:
        return bool(self.wrong or self.late)

    @property
    def trouble(self) -> str:
        """The worst in a line; what went wrong comes before what is late."""
        says = _("%(role)s: %(text)s") if self.wrong else _("%(role)s, our promise is late: %(text)s")
        return says % {"role": self.role, "text": (self.wrong or self.late or "").rstrip(".")}

    @property
    def trouble_at(self) -> datetime | None:
        return self.wrong_at or self.late_at


@dataclass
class RelationRow(Row):
    """What this customer is to another one, or with `is_theirs` that one to them."""

    pk: int
    public_id: str
    name: str
    kind: str
    is_theirs: bool
    may_act: bool

    @property
    def words(self) -> str:
        return relation_words(self.kind, is_theirs=self.is_theirs)

    @property
    def calls_for(self) -> bool:
        """Whether they may well be in touch about the other one's things."""
        return not self.is_theirs and self.kind in (RelationKind.ASSISTANT, RelationKind.CARER)


def worst_of(selves: list[SelfRow]) -> SelfRow | None:
    """The self that was let down worst, the one whose promise is late after those for whom something went wrong."""
    let_down = [one for one in selves if one.is_let_down]
    return max(let_down, key=lambda one: one.severity or 0) if let_down else None


# Written out, as the troubles are. Who has one self costs no look at another table. The next one comes first, so that
# one key goes round.
_SELVES = f"""CASE WHEN customers_customer.person_id IS NOT NULL THEN to_json(ARRAY(
    SELECT json_build_object('pk', one.id, 'public_id', one.public_id, 'capacity', one.capacity, 'firm', one.firm,
        'tier', CASE WHEN tier.id IS NULL THEN NULL ELSE json_build_object('slug', tier.slug, 'name', tier.name,
            'shape', tier.shape, 'rank', tier.rank) END,
        'margin', {{margin}}, 'is_open', EXISTS (SELECT FROM customers_interaction WHERE customer_id = one.id
            AND closed_at IS NULL AND agent_id = %s),
        'severity', wrong.severity, 'wrong', wrong.text, 'wrong_at', wrong.happened_at,
        'late', late.text, 'late_at', late.due_at)
    FROM customers_customer AS one
    LEFT JOIN tiers_standing AS standing ON standing.customer_id = one.id AND standing.valid_until IS NULL
    LEFT JOIN tiers_tier AS tier ON tier.id = standing.tier_id
    LEFT JOIN tiers_measures AS measures ON measures.customer_id = one.id
    LEFT JOIN LATERAL (SELECT text, severity, happened_at FROM customers_incident WHERE customer_id = one.id
        AND resolved_at IS NULL AND is_our_fault ORDER BY severity DESC, happened_at DESC LIMIT 1) AS wrong ON true
    LEFT JOIN LATERAL (SELECT text, due_at FROM customers_promise WHERE customer_id = one.id AND kept_at IS NULL
        AND broken_at IS NULL AND due_at < statement_timestamp() ORDER BY due_at LIMIT 1) AS late ON true
    WHERE one.person_id = customers_customer.person_id AND one.id <> customers_customer.id
    ORDER BY one.id < customers_customer.id, one.id LIMIT {MOST})) END"""  # noqa: S608 (names of ours)
_RELATIONS = f"""to_json(ARRAY(
    SELECT json_build_object('pk', tie.id, 'public_id', one.public_id, 'name', one.full_name, 'kind', tie.kind,
        'is_theirs', tie.other_id = customers_customer.id, 'may_act', tie.may_act)
    FROM customers_relationship AS tie JOIN customers_customer AS one
        ON one.id = CASE WHEN tie.customer_id = customers_customer.id THEN tie.other_id ELSE tie.customer_id END
    WHERE (tie.customer_id = customers_customer.id OR tie.other_id = customers_customer.id)
        AND tie.ended_at IS NULL AND one.merged_into_id IS NULL
    ORDER BY tie.noted_at, tie.id LIMIT {MOST}))"""  # noqa: S608 (names of ours)
_NOTHING = Value(None, output_field=JSONField())


def _ask(user: User) -> Any:
    margin = "measures.margin::text" if user.has_perm("customers.view_margin") else "NULL"
    return RawSQL(_SELVES.format(margin=margin), (user.pk,), output_field=JSONField())  # noqa: S611 (words of ours)


def _read(rows: list[dict[str, Any]] | None, user: User) -> list[SelfRow]:
    selves: list[SelfRow] = SelfRow.read(rows, user)
    for one in selves:
        one.margin = None if one.margin is None else Decimal(one.margin)
    return selves


def _ask_relations(user: User) -> Any:
    if not user.has_perm("customers.view_relationship"):
        return _NOTHING
    return RawSQL(_RELATIONS, (), output_field=JSONField())  # noqa: S611 (words of ours)


SELVES = Part("selves", _ask, _read)
RELATIONS = Part("relations", _ask_relations, RelationRow.read)
