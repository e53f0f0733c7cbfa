"""What customers will bring, from a fit: for one as for a million, elementwise."""

import numpy as np

from tiers.value import bgnbd, gamma_gamma
from tiers.value.fitting import Fit, Model, ValueModel
from tiers.value.purchases import DAYS_IN_A_WEEK, Histories, Real, Tallies, Whole, histories

# Where nothing can be predicted.
UNKNOWN = -1
# The most that the house keeps for one customer, in cents.
MOST_CENTS = 10**14 - 1
# Small enough for the processor's own memory: four times as fast as a million at once.
_PORTION = 1 << 15


def predict_cents(
    fit: Fit,
    *,
    purchase_days: Whole,
    first_day: Whole,
    last_day: Whole,
    repeat_cents: Whole,
    as_of: Whole,
) -> Whole:
    """Return what each customer will bring in the `fit.horizon_days` after `as_of`, in cents, or `UNKNOWN`.

    `purchase_days`: days with a purchase, the first included. `first_day`, `last_day`: the first and the last of them,
    as ordinals, 0 for never. `repeat_cents`: what everything after the first purchase day brought (`Tallies`).
    Rounded once, half to even. `UNKNOWN` for somebody without a purchase, where the fit has no model, and where the
    arithmetic came to no number.
    """
    cents = np.full(len(purchase_days), UNKNOWN, dtype=np.int64)
    if fit.model == Model.NONE or fit.value_model == ValueModel.NONE:
        return cents
    for begin in range(0, len(cents), _PORTION):
        part = slice(begin, begin + _PORTION)
        has_bought = (purchase_days[part] > 0) & (first_day[part] > 0)
        # Those without a purchase are reckoned as if they had bought once, and left out in the end.
        first = np.where(has_bought, first_day[part], as_of[part])
        tallies = Tallies(
            customer=first,
            purchase_days=np.maximum(purchase_days[part], 1),
            first_day=first,
            last_day=np.maximum(last_day[part], first),
            repeat_cents=repeat_cents[part],
        )
        known = histories(tallies, as_of[part])
        worth = 100 * expected_purchases(fit, known) * expected_value(fit, known)
        is_number = has_bought & np.isfinite(worth)
        whole = np.rint(np.clip(np.where(is_number, worth, 0.0), 0.0, MOST_CENTS)).astype(np.int64)
        cents[part] = np.where(is_number, whole, UNKNOWN)
    return cents


def expected_purchases(fit: Fit, known: Histories, days: float | None = None) -> Real:
    """Return the purchase days of each customer in so many days to come, by default the horizon."""
    weeks = (fit.horizon_days if days is None else days) / DAYS_IN_A_WEEK
    return bgnbd.expected_purchases(known, weeks, **fit.buying)


def expected_value(fit: Fit, known: Histories) -> Real:
    """Return what one purchase day of each customer brings, in whole units of money."""
    if fit.value_model == ValueModel.MEAN and fit.mean_value is not None:
        return np.full_like(known.frequency, fit.mean_value)
    return gamma_gamma.expected_value(known, **fit.spending)
