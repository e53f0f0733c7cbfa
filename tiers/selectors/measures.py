"""What is recorded about customers before a decision, and the numbers that are kept of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.conf import settings
from django.db import connection
from django.utils import timezone

from tiers import days, engine
from tiers.engine import MEASURES, NEVER, NOWHERE, UNKNOWN, Bounds, Whole
from tiers.enums import Charge, OverrideKind
from tiers.measuring import Numbers, count
from tiers.models import CostRate, Move
from tiers.selectors.columns import read_columns, read_packed
from tiers.selectors.facts import facts
from tiers.selectors.population import Population, Range
from tiers.selectors.rules import Ladder

_DAY = "coalesce({column} - DATE '0001-01-01' + 1, 0)::bigint"
_CENTS = "coalesce((100 * {column})::bigint, %(unknown)s)"

# The columns of `tiers_measures` by name, and how they are read.
_KEPT = {
    "margin": _CENTS,
    "orders": "coalesce({column}, -1)::bigint",
    "returns": "coalesce({column}, -1)::bigint",
    "first_order_on": _DAY,
    "last_order_on": _DAY,
    "purchase_days": "coalesce({column}, -1)::bigint",
    "repeat_margin": _CENTS,
    "predicted_margin": _CENTS,
    "cost_to_serve": _CENTS,
    "engagement": "coalesce({column}, -1)::bigint",
    "influence": "coalesce({column}, %(unknown)s)::bigint",
    "advocacy": "coalesce({column}, %(unknown)s)::bigint",
}
_READ = ",\n".join(how.format(column=f"measures.{name}") for name, how in _KEPT.items()).replace(
    "%(unknown)s", str(UNKNOWN)
)

_STATE = {
    "ids": ("customer.id", "int8"),
    "mark": ("coalesce(measures.mark, 0)", "int8"),
    "standing": ("coalesce(standing.id, 0)", "int8"),
    "tier": ("coalesce(standing.tier_id, 0)", "int8"),
    "earned": ("coalesce(standing.earned_tier_id, 0)", "int8"),
    "held_until": ("coalesce(standing.held_until - DATE '0001-01-01' + 1, 0)", "int8"),
    "below_since": ("coalesce(standing.below_since - DATE '0001-01-01' + 1, 0)", "int8"),
    "valid_from": ("coalesce(standing.valid_from, TIMESTAMPTZ '2000-01-01+00')", "moment"),
}
_OF_STATE = """
    FROM customers_customer AS customer
    LEFT JOIN tiers_measures AS measures ON measures.customer_id = customer.id AND {of_measures}
    LEFT JOIN tiers_standing AS standing
        ON standing.customer_id = customer.id AND standing.valid_until IS NULL AND {of_standing}
    WHERE {who} AND customer.merged_into_id IS NULL
      AND (measures.as_of IS NULL OR measures.as_of <= %s)
      AND (standing.valid_from IS NULL OR standing.valid_from <= %s)
      AND (standing.id IS NOT NULL OR customer.customer_since IS NULL OR customer.customer_since <= %s OR %s)
"""

_BOUNDS = """
    SELECT customer_id, kind, tier_id, ends_on FROM tiers_override
    WHERE {who} AND created_at < %s AND (ended_at IS NULL OR ended_at >= %s) AND (ends_on IS NULL OR ends_on >= %s)
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What is recorded about customers before a decision, in the order of their numbers (`ids`).

    `mark`: of the kept numbers, 0 for somebody not measured yet. Tiers by primary key and 0 for none; days as
    ordinals, 0 for none; `valid_from` as `days.microseconds`.
    """

    ids: Whole
    mark: Whole
    standing: Whole
    tier: Whole
    earned: Whole
    held_until: Whole
    below_since: Whole
    valid_from: Whole


def known(who: Population, as_of: date) -> Known:
    """Return what is recorded now; those decided on for a later day, and those not yet with us, are left out.

    So are those who were merged into another.
    """
    where, params = who.where("customer.id")
    of_measures, measured = who.where_joined("measures.customer_id")
    of_standing, stood = who.where_joined("standing.customer_id")
    source = _OF_STATE.format(who=where, of_measures=of_measures, of_standing=of_standing)
    ends = days.end_of(as_of, settings.TIME_ZONE)
    is_today = as_of >= timezone.localdate()
    params = [*measured, *stood, *params, as_of, ends, as_of, is_today]
    return Known(**read_packed(_STATE, source, params, order=["ids"]))


def measure(who: Population, ids: Whole, as_of: date) -> Numbers:
    """Return the numbers of `ids` (ascending, all of `who`) as of the end of a business day, from the facts.

    Margin is in the house's currency, without the returns that we caused. What happened later than the day does not
    count; somebody without any facts has zeros.
    """
    begins = days.year_before(as_of).toordinal() + 1
    return count(facts(who, ids, as_of), window_begins=begins, return_cents=return_cents())


def return_cents() -> int:
    """Return what handling a return costs us (1 query)."""
    price = CostRate.objects.filter(what=Charge.RETURN).values_list("price", flat=True).first()
    return int(price * 100) if price else 0


def bounds(who: Population, ids: Whole, ladder: Ladder, as_of: date) -> Bounds:
    """Return what colleagues decided about `ids` against the numbers, as it stood at the end of a day (1 query)."""
    where, params = who.where("customer_id")
    ends = days.end_of(as_of, settings.TIME_ZONE)
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDS.format(who=where), [*params, ends, ends, as_of])
        rows = cursor.fetchall()
    found = engine.unbound(len(ids))
    if not rows:
        return found
    floor, ceiling, ends_on = found.floor.copy(), found.ceiling.copy(), found.ends_on.copy()
    for customer, kind, tier, last in rows:
        place = int(np.searchsorted(ids, customer))
        level = int(ladder.levels(np.array([tier]))[0])
        if place == len(ids) or ids[place] != customer or level == NOWHERE:
            continue
        if kind != OverrideKind.CEILING:
            floor[place] = level
        if kind != OverrideKind.FLOOR:
            ceiling[place] = level
        ends_on[place] = last.toordinal() if last else NEVER
    return Bounds(floor=floor, ceiling=ceiling, ends_on=ends_on)


def inputs_of(move: Move) -> dict[str, int]:
    """Return the measures that were known when a move was decided, by the engine's name and in its units."""
    return {name: value for name, value in zip(MEASURES, move.numbers, strict=False) if value != UNKNOWN}


def values(kept: dict[str, Whole], as_of: int) -> dict[str, Whole]:
    """Return the measures of a day out of kept columns, by the engine's names and without the score."""
    last, first = kept["last_order_on"], kept["first_order_on"]
    return {
        "margin": kept["margin"],
        "orders": kept["orders"],
        "recency": np.where(last != NEVER, as_of - last, UNKNOWN),
        "tenure": np.where(first != NEVER, as_of - first, UNKNOWN),
        "predicted": kept["predicted_margin"],
        "cost": kept["cost_to_serve"],
        "engagement": kept["engagement"],
        "influence": kept["influence"],
        "advocacy": kept["advocacy"],
    }


def population(as_of: date, ranges: list[Range]) -> Iterator[dict[str, Whole]]:
    """Yield the measures of everybody who has been measured, a range at a time (1 query each)."""
    sql = f"SELECT {_READ} FROM tiers_measures AS measures WHERE {{who}} AND as_of <= %s"  # noqa: S608
    for who in ranges:
        where, params = who.where("measures.customer_id")
        yield values(read_columns(sql.format(who=where), [*params, as_of], list(_KEPT)), as_of.toordinal())
