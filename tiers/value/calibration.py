"""Whether the models can be believed: fitted on the first part of the window, held against the rest."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tiers.value.fitting import Fit, Model, ValueModel, fit
from tiers.value.predicting import expected_purchases, expected_value
from tiers.value.purchases import Rows, Whole, held_out, histories, tally

# The last class holds everybody from here on.
MOST_REPEATS = 7
# The part of the window that is held out, and the least that says anything.
HELD_OUT = 1 / 3
LEAST_DAYS = 14


@dataclass(frozen=True, slots=True)
class Class:
    """Customers who had come back so often when the held-out time began. Means per customer over that time.

    `frequency`: repeat purchase days, `MOST_REPEATS` for that many or more. `predicted`, `actual`: purchase days.
    `predicted_value`, `actual_value`: what they bring, in whole units of money; None where no value is predicted.
    """

    frequency: int
    customers: int
    predicted: float
    actual: float
    predicted_value: float | None
    actual_value: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fit on the first part of the window, and what it said of the rest, by class. `until`: its last day."""

    fit: Fit
    until: int
    classes: tuple[Class, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain numbers, words and lists."""
        plain = self.fit.as_json()
        return {
            "fitted_until": plain["last_day"],
            "held_out_days": self.until - self.fit.last_day,
            "model": plain["model"],
            "value_model": plain["value_model"],
            "classes": [asdict(one) for one in self.classes],
        }


def calibrate(rows: Rows, *, until: int, fitted_until: int | None = None) -> Calibration | None:
    """Fit up to a day, by default two thirds into the window, and compare with the rest up to `until` (ordinals).

    None where the held-out time is too short, or where the first part cannot be fitted.
    """
    days = rows.day[rows.is_purchase & (rows.day <= until)]
    if not len(days):
        return None
    cut = until - int((until - int(days.min())) * HELD_OUT) if fitted_until is None else fitted_until
    tallies = tally(rows, cut)
    fitted = fit(tallies, until=cut)
    if until - cut < LEAST_DAYS or fitted.model == Model.NONE:
        return None
    known = histories(tallies, cut)
    predicted = expected_purchases(fitted, known, until - cut)
    if not np.isfinite(predicted).all():
        return None
    actual, cents = held_out(rows, tallies, cut, until)
    worth = None if fitted.value_model == ValueModel.NONE else predicted * expected_value(fitted, known)
    which: Whole = np.minimum(tallies.purchase_days - 1, MOST_REPEATS)
    classes = [
        Class(
            frequency=frequency,
            customers=int(inside.sum()),
            predicted=float(predicted[inside].mean()),
            actual=float(actual[inside].mean()),
            predicted_value=None if worth is None else float(worth[inside].mean()),
            actual_value=float(cents[inside].mean() / 100),
        )
        for frequency in range(MOST_REPEATS + 1)
        if (inside := which == frequency).any()
    ]
    return Calibration(fit=fitted, until=until, classes=tuple(classes))
