"""Rules of single fields that several kinds of facts have: amounts, moments and texts."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.texts import tidy

CENT = Decimal("0.01")
LARGEST = Decimal("9999999999.99")
# Wide enough that a product of two columns is exact before it is rounded, once.
EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
# Nobody who runs a house has anything older on record.
FIRST_YEAR = 1900


def cents(name: str, money: Decimal) -> Decimal:
    """Return an amount in cents exactly; what does not fit into cents is refused, never rounded in silence.

    Raises:
        ValidationError: it is no such amount, by the field's name.
    """
    if not money.is_finite():
        raise ValidationError({name: _("This is not an amount of money.")})
    if abs(money) > LARGEST:
        raise ValidationError({name: _("This amount is larger than we take. Please check it.")})
    exact = EXACT.quantize(money, CENT)
    if exact != money:
        raise ValidationError({name: _("Please give at most two decimals.")})
    return exact or abs(exact)  # zero has no sign


def past_moment(name: str, moment: datetime) -> datetime:
    """Return a moment that has come, give or take a day for clocks that differ.

    Raises:
        ValidationError: it has no zone, has not come or is absurdly long ago, by the field's name.
    """
    if timezone.is_naive(moment):
        raise ValidationError({name: _("Please say which clock this is by, as in 2026-03-01T09:30:00Z or …+01:00.")})
    if moment > timezone.now() + timedelta(days=1):
        raise ValidationError({name: _("This time has not come yet.")})
    if moment.year < FIRST_YEAR:
        raise ValidationError({name: _("This is too long ago. Please check the year.")})
    return moment


def past_day(name: str, day: date) -> date:
    """Return a day that has come somewhere.

    Raises:
        ValidationError: it has not come or is absurdly long ago, by the field's name.
    """
    if day > timezone.localdate() + timedelta(days=1):
        raise ValidationError({name: _("That day has not come yet.")})
    if day.year < FIRST_YEAR:
        raise ValidationError({name: _("This is too long ago. Please check the year.")})
    return day


def text_of(model: type[models.Model], name: str, text: str) -> str:
    """Return a text as the model's field of this name takes it.

    Raises:
        ValidationError: the field does not take it, by the field's name.
    """
    try:
        cleaned: str = model._meta.get_field(name).clean(tidy(text), None)  # type: ignore[union-attr]
    except ValidationError as error:
        raise ValidationError({name: error.messages}) from None
    except ValueError as error:
        raise ValidationError({name: _(str(error))}) from None
    return cleaned
