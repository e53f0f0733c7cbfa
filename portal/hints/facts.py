"""What hints are made from that the page does not hold already, in one expression of the customer's query.

Written out as SQL: it is the same for everybody but for whose contact is meant and what the role may see, and
composing so much at each look would take longer than asking it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from portal.hints.learning import Tried
from portal.models import HintOutcome, User

# How long something bought, or broken, is worth a hint; how many of them are looked at; and the most hints of each.
_ASK = """jsonb_build_object(
    'rules', (SELECT jsonb_agg(jsonb_build_array(kind, mode, most)) FROM portal_hintrule),
    'tried', (SELECT jsonb_agg(jsonb_build_array(kind, situation, shown, used, not_relevant, wrong))
              FROM portal_hintarm),
    'here', (SELECT jsonb_agg(jsonb_build_array(
                hint.key, hint.kind, hint.situation, hint.score,
                CASE WHEN EXISTS (SELECT FROM customers_preference AS drawn
                                  WHERE drawn.customer_id = customers_customer.id
                                    AND hint.key = 'preference:' || drawn.id
                                    AND (drawn.category <> '' AND (drawn.retired_at IS NOT NULL OR NOT %s)
                                         OR drawn.is_private AND NOT %s))
                     THEN '' ELSE hint.text END,
                hint.outcome) ORDER BY hint.id)
             FROM customers_interaction AS talk JOIN portal_hintshown AS hint ON hint.interaction_id = talk.id
             WHERE talk.customer_id = customers_customer.id AND talk.agent_id = %s AND talk.closed_at IS NULL),
    'wrong', (SELECT jsonb_agg(DISTINCT key) FROM portal_hintshown
              WHERE customer_id = customers_customer.id AND outcome = 'wrong'),
    'gesture_at', (SELECT max(given_at) FROM customers_gesture WHERE customer_id = customers_customer.id),
    'perks', (SELECT jsonb_agg(jsonb_build_object('pk', perk.id, 'text', perk.text) ORDER BY perk.position, perk.id)
              FROM tiers_standing AS standing JOIN tiers_perk AS perk ON perk.tier_id = standing.tier_id
              WHERE standing.customer_id = customers_customer.id AND standing.valid_until IS NULL AND %s
                AND NOT EXISTS (SELECT FROM tiers_perkuse AS use WHERE use.customer_id = customers_customer.id
                                AND use.perk_id = perk.id AND use.used_at > now() - interval '1 year')),
    'offers', (SELECT jsonb_agg(fits) FROM (
        SELECT offer.id AS pk, offer.kind, offer.text, thing.pk AS about, thing.at,
               CASE WHEN offer.forms && regexp_split_to_array(lower(thing.what), '[^[:alnum:]]+')
                    THEN thing.what ELSE '' END AS what
        FROM (
            (SELECT 'plan_b' AS kind, incident.id AS pk, coalesce(bought.description, '') AS what,
                    incident.happened_at AS at,
                    regexp_split_to_array(lower(incident.text || ' ' || coalesce(bought.description, '')),
                                          '[^[:alnum:]]+') AS words
             FROM customers_incident AS incident LEFT JOIN customers_order AS bought ON bought.id = incident.order_id
             WHERE incident.customer_id = customers_customer.id AND incident.kind = 'broken'
               AND incident.resolved_at IS NULL AND incident.happened_at > now() - interval '60 days'
             ORDER BY incident.happened_at DESC LIMIT 3)
            UNION ALL
            (SELECT 'service', id, description, placed_at,
                    regexp_split_to_array(lower(description), '[^[:alnum:]]+') FROM customers_order
             WHERE customer_id = customers_customer.id AND placed_at > now() - interval '90 days'
               AND kind = 'purchase' AND description <> ''
             ORDER BY placed_at DESC LIMIT 6)
        ) AS thing
        JOIN portal_hintoffer AS offer ON offer.kind = thing.kind AND offer.is_active
            AND offer.forms && thing.words
        WHERE %s AND (
            NOT EXISTS (SELECT FROM portal_hintoffer_tiers WHERE hintoffer_id = offer.id)
            OR EXISTS (SELECT FROM portal_hintoffer_tiers AS least JOIN tiers_standing AS standing USING (tier_id)
                       WHERE least.hintoffer_id = offer.id AND standing.customer_id = customers_customer.id
                         AND standing.valid_until IS NULL))
        ORDER BY thing.at DESC, offer.id LIMIT 12) AS fits)
)"""


@dataclass(frozen=True, slots=True)
class Rule:
    """How a kind takes part; without a row a kind is learned, one at a time."""

    mode: str = "learned"
    most: int = 1


@dataclass(frozen=True, slots=True)
class Here:
    """A hint that was shown in this colleague's open contact with the customer.

    `text`: empty where it is drawn from a preference that was let go as sensitive since, or that the role may not see.
    """

    key: str
    kind: str
    situation: str
    score: float
    text: str
    outcome: str

    @property
    def outcome_word(self) -> str:
        """What was said of it, in a word."""
        return str(HintOutcome(self.outcome).label)


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer whose words were found. `about`: the incident, or the order, by primary key.

    `what`: the order's description, where the words stand there and not in what was said of it alone.
    """

    pk: int
    kind: str
    text: str
    about: int
    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Unused:
    """A perk of their tier that they have not used in a year."""

    pk: int
    text: str


@dataclass(frozen=True)
class HintFacts:
    """All of it. `tried`: by kind and situation; `wrong`: what was said to be wrong of this customer."""

    rules: dict[str, Rule] = field(default_factory=dict)
    tried: dict[tuple[str, str], Tried] = field(default_factory=dict)
    here: list[Here] = field(default_factory=list)
    wrong: frozenset[str] = frozenset()
    gesture_at: datetime | None = None
    perks: list[Unused] = field(default_factory=list)
    offers: list[Offered] = field(default_factory=list)

    @classmethod
    def read(cls, row: dict[str, Any] | None, _user: User) -> "HintFacts":
        """Return the facts from what PostgreSQL wrote as JSON."""
        if not row:
            return cls()
        given = row["gesture_at"]
        return cls(
            rules={kind: Rule(mode, most) for kind, mode, most in row["rules"] or []},
            tried={(kind, situation): Tried(*counts) for kind, situation, *counts in row["tried"] or []},
            here=[Here(*one) for one in row["here"] or []],
            wrong=frozenset(row["wrong"] or []),
            gesture_at=datetime.fromisoformat(given) if given else None,
            perks=[Unused(**one) for one in row["perks"] or []],
            offers=[Offered(**one | {"at": datetime.fromisoformat(one["at"])}) for one in row["offers"] or []],
        )


def ask(user: User) -> RawSQL:
    """Return the expression, for a query on customers. What this role may not see does not leave the database."""
    special, private, perk, order = (
        user.has_perm(name)
        for name in ("customers.view_special", "customers.view_private", "tiers.view_perk", "customers.view_order")
    )
    return RawSQL(_ASK, (special, private, user.pk, perk, order), JSONField())  # noqa: S611 (words of ours; all that varies is a parameter)
