"""The purchases that predicted value is fitted on, and the fit that is in force."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date

import numpy as np
from django.conf import settings
from django.db import connection

from tiers import days
from tiers.engine import UNKNOWN, Whole
from tiers.measuring import Numbers
from tiers.models import ValueFit
from tiers.selectors.columns import read_columns
from tiers.selectors.population import Handful
from tiers.value import predicting
from tiers.value.fitting import Fit
from tiers.value.predicting import predict_cents
from tiers.value.purchases import Rows

# A fit on so many says all that there is to say; more of them cost time and memory.
MOST_CUSTOMERS = 100_000
# So many are read at a time.
_PORTION = 5_000

# In an order that has nothing to do with the customers, and is the same each time.
_CHOSEN = """
    SELECT customer.id, count(*) OVER ()
    FROM customers_customer AS customer
    WHERE EXISTS (SELECT FROM customers_order AS bought
                  WHERE bought.customer_id = customer.id AND bought.kind = 'purchase' AND bought.placed_at < %s)
    ORDER BY hashint8extended(customer.id, 0), customer.id
    LIMIT %s
"""

# A purchase and a return of one day stay apart. Returns that we caused have not happened.
_DAYS = """
    SELECT customer_id, day, (100 * sum(house_margin))::bigint, (kind = 'purchase')::int::bigint
    FROM (
        SELECT customer_id, kind, house_margin,
               ((placed_at AT TIME ZONE %s)::date - DATE '1970-01-01' + %s)::bigint AS day
        FROM customers_order
        WHERE {who} AND placed_at < %s AND NOT is_our_fault
    ) AS bought
    GROUP BY customer_id, day, kind
    ORDER BY customer_id, day, kind
"""
_EPOCH = date(1970, 1, 1).toordinal()


def latest_fit() -> ValueFit | None:
    """Return the newest version, whether it found a model or not."""
    return ValueFit.objects.order_by("-version").first()


def as_fit(version: ValueFit) -> Fit:
    """Return a version as the pure code takes it."""
    return Fit.from_json(version.parameters)


def predicted(numbers: Numbers, version: ValueFit | None, day: int) -> Whole:
    """Return the margin predicted for each customer, in cents, or `engine.UNKNOWN`.

    It is what the fit's horizon brings from their last order on, or from the fit's last day if that is later, but from
    no later day than `day`. So it changes with an order or a fit alone, and need not be written anew each night.
    """
    if version is None:
        return np.full(len(numbers.margin), UNKNOWN, dtype=np.int64)
    cents = predict_cents(
        as_fit(version),
        purchase_days=numbers.purchase_days,
        first_day=numbers.first_order,
        last_day=numbers.last_order,
        repeat_cents=numbers.repeat_margin,
        as_of=np.minimum(np.maximum(numbers.last_order, version.last_day.toordinal()), day),
    )
    return np.where(cents == predicting.UNKNOWN, UNKNOWN, cents)


def chosen_customers(until: date, most: int) -> tuple[list[int], int]:
    """Return at most so many of those who bought something by the end of a day, and how many they are in all.

    Who is chosen has nothing to do with what they bought, and is the same each time.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHOSEN, [days.end_of(until, settings.TIME_ZONE), most])
        rows = cursor.fetchall()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def purchases_of(customer_ids: list[int], until: date) -> Rows:
    """Return what customers bought and sent back up to the end of a day, by business day, with its margin.

    Margin is in the house's currency; returns that we caused are left out.
    """
    names = [field.name for field in fields(Rows)]
    zone = settings.TIME_ZONE
    ends = days.end_of(until, zone)
    parts = []
    for begin in range(0, len(customer_ids), _PORTION):
        where, params = Handful(sorted(customer_ids[begin : begin + _PORTION])).where("customer_id")
        parts.append(read_columns(_DAYS.format(who=where), [zone, _EPOCH, *params, ends], names))
    columns = {name: np.concatenate([part[name] for part in parts] or [np.empty(0, dtype=np.int64)]) for name in names}
    return Rows(
        customer=columns["customer"],
        day=columns["day"],
        cents=columns["cents"],
        is_purchase=columns["is_purchase"].astype(np.bool_),
    )


def every_purchase(until: date) -> Iterator[Rows]:
    """Return what all customers bought and sent back up to the end of a day, some thousands of customers at a time."""
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM customers_customer WHERE id > %s ORDER BY id LIMIT %s", [last, _PORTION])
            ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return
        yield purchases_of(ids, until)
        last = ids[-1]
