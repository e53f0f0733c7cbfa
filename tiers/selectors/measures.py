"""The numbers that a tier is decided on, computed by the database from orders and incidents."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.conf import settings

from tiers import days, engine
from tiers.engine import Whole
from tiers.selectors.columns import Columns, read_columns
from tiers.selectors.population import Population

# A date as Python counts it: `date.toordinal()` of 1 January 1970.
_EPOCH = date(1970, 1, 1).toordinal()

# Reads nothing but the index `order_of_customer`.
_ORDERS = """
    SELECT customer_id,
           coalesce((100 * sum(house_margin) FILTER (WHERE placed_at >= %s AND NOT is_our_fault))::bigint, 0),
           count(*) FILTER (WHERE placed_at >= %s AND kind = 'purchase'),
           coalesce((max(placed_at) FILTER (WHERE kind = 'purchase') AT TIME ZONE %s)::date - DATE '1970-01-01' + %s, 0)
               ::bigint
    FROM customers_order
    WHERE {who} AND placed_at < %s
    GROUP BY customer_id
    ORDER BY customer_id
"""

# Days after `below_since` on which a failure of ours was open; one that spans others is counted once.
_FROZEN = """
    SELECT customer_id, bool_or(is_open)::int::bigint,
           coalesce((SELECT sum(upper(days) - lower(days)) FROM unnest(range_agg(span)) AS days), 0)::bigint
    FROM (
        SELECT incident.customer_id,
               (incident.resolved_at IS NULL OR incident.resolved_at >= %s) AS is_open,
               CASE WHEN least((incident.resolved_at AT TIME ZONE %s)::date, %s) > standing.below_since
                    THEN daterange(greatest((incident.happened_at AT TIME ZONE %s)::date, standing.below_since + 1),
                                   least((incident.resolved_at AT TIME ZONE %s)::date, %s), '[]')
               END AS span
        FROM customers_incident AS incident
        JOIN tiers_standing AS standing ON standing.customer_id = incident.customer_id AND standing.valid_until IS NULL
        WHERE {who} AND incident.is_our_fault AND incident.happened_at < %s
          AND (incident.resolved_at IS NULL OR incident.resolved_at >= %s
               OR (incident.resolved_at AT TIME ZONE %s)::date > standing.below_since)
    ) AS met
    GROUP BY customer_id
    ORDER BY customer_id
"""

_STATE = """
    SELECT customer.id,
           coalesce(measures.customer_id, 0),
           coalesce((100 * measures.margin)::bigint, 0),
           coalesce(measures.orders, 0)::bigint,
           coalesce(measures.last_order_on - DATE '1970-01-01' + %s, 0)::bigint,
           coalesce(standing.id, 0),
           coalesce(standing.tier_id, 0),
           coalesce(standing.earned_tier_id, 0),
           coalesce(standing.held_until - DATE '1970-01-01' + %s, 0)::bigint,
           coalesce(standing.below_since - DATE '1970-01-01' + %s, 0)::bigint,
           coalesce((1000000 * extract(epoch FROM standing.valid_from))::bigint, 0)
    FROM customers_customer AS customer
    LEFT JOIN tiers_measures AS measures ON measures.customer_id = customer.id
    LEFT JOIN tiers_standing AS standing ON standing.customer_id = customer.id AND standing.valid_until IS NULL
    WHERE {who}
      AND (measures.as_of IS NULL OR measures.as_of <= %s)
      AND (standing.valid_from IS NULL OR standing.valid_from <= %s)
      AND (standing.id IS NOT NULL OR customer.customer_since IS NULL OR customer.customer_since <= %s)
    ORDER BY customer.id
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What is recorded about customers before a decision, in the order of their numbers (`ids`).

    Tiers by primary key and 0 for none; money in cents; days as ordinals, 0 for none; `valid_from` in microseconds.
    """

    ids: Whole
    measured: Whole
    margin: Whole
    orders: Whole
    last_order: Whole
    standing: Whole
    tier: Whole
    earned: Whole
    held_until: Whole
    below_since: Whole
    valid_from: Whole


def known(who: Population, as_of: date) -> Known:
    """Return what is recorded now; those decided on for a later day, and those not yet with us, are left out."""
    where, params = who.where("customer.id")
    names = list(Known.__slots__)
    ends = days.end_of(as_of, settings.TIME_ZONE)
    return Known(**read_columns(_STATE.format(who=where), [_EPOCH] * 3 + params + [as_of, ends, as_of], names))


def measure(who: Population, ids: Whole, as_of: date) -> engine.Measures:
    """Return the measures of `ids` (ascending, all of `who`) as of the end of a business day.

    Margin is in the house's currency, without the returns that we caused. Orders placed later than the day do not
    count; somebody without orders has zeros.
    """
    zone = settings.TIME_ZONE
    window = days.window(as_of, zone)
    where, params = who.where("customer_id")
    orders = read_columns(
        _ORDERS.format(who=where),
        [window.begins, window.begins, zone, _EPOCH, *params, window.ends],
        ("customer", "margin", "orders", "last_order"),
    )
    where, params = who.where("incident.customer_id")
    incidents = read_columns(
        _FROZEN.format(who=where),
        [window.ends, zone, as_of, zone, zone, as_of, *params, window.ends, window.ends, zone],
        ("customer", "is_frozen", "frozen_days"),
    )
    return engine.Measures(
        margin=_aligned(orders, "margin", ids),
        orders=_aligned(orders, "orders", ids),
        last_order=_aligned(orders, "last_order", ids),
        is_frozen=_aligned(incidents, "is_frozen", ids).astype(np.bool_),
        frozen_days=_aligned(incidents, "frozen_days", ids),
    )


def _aligned(columns: Columns, name: str, ids: Whole) -> Whole:
    """Put a column in the order of `ids`, zero where it says nothing about one."""
    customers = columns["customer"]
    found = np.searchsorted(customers, ids)
    found[found == len(customers)] = 0
    if not len(customers):
        return np.zeros(len(ids), dtype=np.int64)
    return np.where(customers[found] == ids, columns[name][found], 0)
