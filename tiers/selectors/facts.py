"""The facts that measures are made of, read as arrays: orders, contacts, gestures, ratings, failures of ours."""

from datetime import date, timedelta

import numpy as np
from django.conf import settings
from django.db import connection

from customers.enums import RatingKind
from tiers import days
from tiers.engine import NEVER, UNKNOWN, Truth, Whole
from tiers.measuring import Contacts, Facts, Gestures, Orders
from tiers.selectors.columns import Asked, Columns, read_columns, read_together
from tiers.selectors.population import Population

# Facts come up to a day ahead, from other clocks and zones, and are read so far: they count when their day has come.
_AHEAD = timedelta(days=2)

# Reads nothing but the index `order_of_customer`, and comes in its order. The kinds are those of `measuring`.
_ORDERS = {
    "customer": ("customer_id", "int8"),
    "moment": ("placed_at", "moment"),
    "cents": ("house_margin", "cents"),
    "kind": (
        r"CASE WHEN kind = 'purchase' THEN '\x00'::bytea WHEN is_our_fault THEN '\x02' ELSE '\x01' END",
        "byte",
    ),
}
_OF_ORDERS = "FROM customers_order WHERE {who} AND placed_at < %s"

# The cost of a contact: its time, up to the most that its channel's rate counts.
_CONTACTS = {
    "customer": ("customer_id", "int8"),
    "moment": ("opened_at", "moment"),
    "cents": (
        """coalesce(round(
            100 * rate.price / 3600
            * least(coalesce(extract(epoch FROM closed_at - opened_at), 0), 60 * rate.most_minutes)
        ), 0)::bigint""",
        "int8",
    ),
}
_OF_CONTACTS = """
    FROM customers_interaction LEFT JOIN tiers_costrate AS rate ON rate.what = channel
    WHERE {who} AND opened_at >= %s AND opened_at < %s AND NOT is_mistaken
"""

_GESTURES = {
    "customer": ("customer_id", "int8"),
    "moment": ("given_at", "moment"),
    "cents": ("cost", "cents"),
}
_OF_GESTURES = "FROM customers_gesture WHERE {who} AND given_at >= %s AND given_at < %s"

_RATINGS = "SELECT customer_id, kind, value, as_of FROM customers_rating WHERE {who} AND as_of <= %s"

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
"""


def facts(who: Population, ids: Whole, as_of: date) -> Facts:
    """Return what is known of `ids` (ascending, all of them in `who`) up to the end of a business day (2 queries).

    And when the next of what is dated later counts.

    Of some in `who` there may be facts though they are not among `ids`: those about whom this day decides nothing.
    """
    window = days.window(as_of, settings.TIME_ZONE)
    where, params = who.where("customer_id")
    ends = window.ends + _AHEAD
    within = [*params, window.begins, ends]
    orders, contacts, gestures = (
        _dated(_theirs(ids, rows))
        for rows in read_together(
            [
                Asked(_ORDERS, _OF_ORDERS.format(who=where), [*params, ends], ["customer", "moment"]),
                Asked(_CONTACTS, _OF_CONTACTS.format(who=where), within, ["customer"]),
                Asked(_GESTURES, _OF_GESTURES.format(who=where), within, ["customer"]),
            ]
        )
    )
    comes_on = np.full(len(ids), NEVER, dtype=np.int64)
    last = as_of.toordinal()
    return Facts(
        ids=ids,
        orders=Orders(**_come(ids, orders, last, comes_on)),
        contacts=Contacts(**_come(ids, contacts, last, comes_on)),
        gestures=Gestures(**_come(ids, gestures, last, comes_on)),
        ratings=_ratings(who, ids, last, comes_on),
        comes_on=comes_on,
    )


def failures(who: Population, ids: Whole, as_of: date) -> tuple[Truth, Whole]:
    """Return for each of `ids` whether a failure of ours is open, and for how many of the days below the bars."""
    zone = settings.TIME_ZONE
    ends = days.end_of(as_of, zone)
    where, params = who.where("incident.customer_id")
    incidents = read_columns(
        _FROZEN.format(who=where),
        [ends, zone, as_of, zone, zone, as_of, *params, ends, ends, zone],
        ("customer", "is_frozen", "frozen_days"),
    )
    return (
        aligned(incidents, "is_frozen", ids).astype(np.bool_),
        aligned(incidents, "frozen_days", ids),
    )


def aligned(columns: Columns, name: str, ids: Whole) -> Whole:
    """Put a column in the order of `ids`, zero where it says nothing about one."""
    customers = columns["customer"]
    if not len(customers):
        return np.zeros(len(ids), dtype=np.int64)
    found = np.searchsorted(customers, ids)
    found[found == len(customers)] = 0
    return np.where(customers[found] == ids, columns[name][found], 0)


def _theirs(ids: Whole, rows: Columns) -> Columns:
    """Return the rows of `ids` alone; rows come by customer, ascending."""
    customer = rows["customer"]
    if not len(customer):
        return rows
    begins = np.flatnonzero(np.diff(customer, prepend=customer[0] - 1))
    is_theirs = np.isin(customer[begins], ids, assume_unique=True)
    if is_theirs.all():
        return rows
    kept = np.repeat(is_theirs, np.diff(begins, append=len(customer)))
    return {name: values[kept] for name, values in rows.items()}


def _dated(rows: Columns) -> Columns:
    """Return facts with the business day of each in place of its moment."""
    day = days.ordinals(rows["moment"], settings.TIME_ZONE)
    return {name: values for name, values in rows.items() if name != "moment"} | {"day": day}


def _come(ids: Whole, rows: Columns, last: int, comes_on: Whole) -> Columns:
    """Return the facts up to the last day; note in `comes_on` of those later when the first of them comes."""
    is_later = rows["day"] > last
    if not is_later.any():
        return rows
    for customer, day in zip(rows["customer"][is_later].tolist(), rows["day"][is_later].tolist(), strict=True):
        _note(comes_on, int(np.searchsorted(ids, customer)), day)
    return {name: values[~is_later] for name, values in rows.items()}


def _note(comes_on: Whole, place: int, day: int) -> None:
    if comes_on[place] == NEVER or day < comes_on[place]:
        comes_on[place] = day


def _ratings(who: Population, ids: Whole, last: int, comes_on: Whole) -> dict[str, Whole]:
    where, params = who.where("customer_id")
    with connection.cursor() as cursor:
        cursor.execute(_RATINGS.format(who=where), [*params, date.fromordinal(last) + _AHEAD])
        rows = cursor.fetchall()
    found = {str(kind): np.full(len(ids), UNKNOWN, dtype=np.int64) for kind in RatingKind.values}
    for customer, kind, value, day in rows:
        place = int(np.searchsorted(ids, customer))
        if place == len(ids) or ids[place] != customer:
            continue
        if day.toordinal() > last:
            _note(comes_on, place, day.toordinal())
        else:
            found[kind][place] = value
    return found
