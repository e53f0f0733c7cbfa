"""Purchases for tests of predicted value: the two real data sets, and customers made to a model."""

from datetime import date
from functools import cache

import numpy as np

from portal.demo.retail import read_invoices
from tests.customers.vectors import vectors
from tiers.value.predicting import predict_cents
from tiers.value.purchases import Rows, Tallies, Whole

# The calibration of Fader, Hardie and Lee: the first 39 weeks.
CDNOW_UNTIL = date(1997, 9, 30).toordinal()
CDNOW_ENDS = date(1998, 6, 30).toordinal()
TODAY = date(2026, 3, 31).toordinal()


def rows_of(*rows: tuple[int, int, int]) -> Rows:
    """Rows of (customer, day, cents); below zero a return."""
    customer, day, cents = np.array(rows, dtype=np.int64).reshape(-1, 3).T.copy()
    return Rows(customer=customer, day=day, cents=cents, is_purchase=cents >= 0)


@cache
def cdnow() -> Rows:
    """The sample of 2,357 customers of CDNOW, 1997 to mid 1998."""
    lines = [line.split() for line in vectors("cdnow_sample/CDNOW_sample.txt").read_text().splitlines() if line.strip()]
    return rows_of(
        *(
            (int(customer), date.fromisoformat(day).toordinal(), round(100 * float(dollars)))
            for _, customer, day, _, dollars in lines
        )
    )


@cache
def retail() -> Rows:
    """Online Retail, as the demo ships it: 2010-12-01 to 2011-12-09, returns with it."""
    invoices = read_invoices()
    return Rows(
        customer=np.array([int(invoice.customer) for invoice in invoices]),
        day=np.array([invoice.placed_at.toordinal() for invoice in invoices]),
        cents=np.array([int(100 * invoice.amount) for invoice in invoices]),
        is_purchase=np.array([not invoice.is_return for invoice in invoices]),
    )


def made(customers: int, *, chance_to_leave: float, seed: int = 1, days: int = 365, cents: int | None = None) -> Rows:
    """Customers who buy at Gamma(1, 30 days) rates and leave after each repeat purchase with the same chance."""
    chance = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        day = TODAY - days + int(chance.integers(0, days // 2))
        mean = float(chance.gamma(8, 500)) if cents is None else float(cents)
        rate = float(chance.gamma(1, 1 / 30))
        while day <= TODAY:
            rows.append((number, day, int(chance.gamma(4, mean / 4)) if cents is None else cents))
            if len(rows) > 1 and rows[-2][0] == number and chance.random() < chance_to_leave:
                break
            day += 1 + int(min(chance.exponential(1 / max(rate, 1e-6)), 9999))
    return rows_of(*rows)


def predicted(fit: object, tallies: Tallies, as_of: int) -> Whole:
    """What each customer will bring, in cents."""
    return predict_cents(
        fit,  # type: ignore[arg-type]
        purchase_days=tallies.purchase_days,
        first_day=tallies.first_day,
        last_day=tallies.last_day,
        repeat_cents=tallies.repeat_cents,
        as_of=np.full_like(tallies.first_day, as_of),
    )
