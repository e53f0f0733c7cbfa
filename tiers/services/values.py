"""Fitting the models of predicted value to the house's own orders, and keeping each fit as a version."""

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from tiers.models import ValueFit
from tiers.selectors.value import MOST_CUSTOMERS, chosen_customers, purchases_of
from tiers.value.calibration import Calibration, calibrate
from tiers.value.fitting import Caution, Fit, Model, fit
from tiers.value.purchases import Rows, tally

if TYPE_CHECKING:
    from portal.models import User

# Ten years: further than anybody plans.
MOST_HORIZON = 3653


def fit_value(*, horizon_days: int = 365, by: "User | None" = None, until: date | None = None) -> ValueFit:
    """Fit both models to all orders up to the end of a day (default: today), and keep the fit as the newest version.

    The last third of the window is held out once, for the calibration; the parameters are from the whole of it. Each
    call makes a version; two at once make two.

    Raises:
        ValidationError: the horizon or the day does not hold.
    """
    fitted, calibration = fit_house(horizon_days=horizon_days, until=until)
    with transaction.atomic():
        with connection.cursor() as cursor:
            # In step with others who write one, so that two do not take the same version. Readers do not wait.
            cursor.execute("LOCK TABLE tiers_valuefit IN SHARE ROW EXCLUSIVE MODE")
        return _write(fitted, calibration, by)


def fit_house(*, horizon_days: int = 365, until: date | None = None) -> tuple[Fit, Calibration | None]:
    """Fit to the house's orders and write nothing.

    Raises:
        ValidationError: the horizon or the day does not hold.
    """
    until = until or timezone.localdate()
    if not 1 <= horizon_days <= MOST_HORIZON:
        raise ValidationError(_("Please look between 1 and %(most)d days ahead.") % {"most": MOST_HORIZON})
    refuse_day_to_come(until)
    chosen, population = chosen_customers(until, MOST_CUSTOMERS)
    rows = purchases_of(chosen, until)
    return fit_rows(rows, horizon_days=horizon_days, until=until, population=population)


def refuse_day_to_come(day: date) -> None:
    """Raise `ValidationError` for a day of which the house has no orders yet."""
    if day > timezone.localdate():
        raise ValidationError(_("This day has not come yet."))


def fit_rows(
    rows: Rows, *, horizon_days: int, until: date, population: int | None = None
) -> tuple[Fit, Calibration | None]:
    """Fit to purchases from anywhere, with the calibration."""
    last = until.toordinal()
    fitted = fit(tally(rows, last), until=last, horizon_days=horizon_days, population=population)
    calibration = calibrate(rows, until=last)
    if calibration is None and fitted.model != Model.NONE:
        fitted = fitted.but(Caution.NO_HOLDOUT)
    return fitted, calibration


def _write(fitted: Fit, calibration: Calibration | None, by: "User | None") -> ValueFit:
    plain = fitted.as_json()
    newest: int | None = ValueFit.objects.aggregate(newest=Max("version"))["newest"]
    version = ValueFit.objects.create(
        version=(newest or 0) + 1,
        fitted_by=by,
        model=plain["model"],
        first_day=plain["first_day"],
        last_day=plain["last_day"],
        horizon_days=fitted.horizon_days,
        customers=fitted.customers,
        log_likelihood=fitted.log_likelihood,
        parameters=plain,
        warnings=plain["warnings"],
        calibration={} if calibration is None else calibration.as_json(),
    )
    version.refresh_from_db()
    return version
