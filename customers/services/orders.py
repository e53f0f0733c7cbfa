"""Recording orders and returns. Money is exact: what does not fit into cents is refused, never rounded in silence."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from customers.exceptions import Conflict, UnknownCurrency
from customers.models import Currency, Customer, Order
from customers.selectors.merged import were_one
from customers.services.fields import CENT, EXACT, LARGEST, cents, past_moment, text_of


def record_order(
    *,
    customer: Customer,
    source: str,
    external_id: str,
    placed_at: datetime,
    amount: Decimal,
    currency: str,
    margin: Decimal | None = None,
    is_our_fault: bool = False,
    description: str = "",
) -> tuple[Order, bool]:
    """Record an order, or with a negative amount a return; return it with True, or the same one from before with False.

    The same one has the same number at the source. Without a margin, `MARGIN_PERCENT` of the amount stands in, and the
    order says so. The house's amounts are at the currency's present rate. Results of a product (an estimated margin,
    a house amount) are rounded once to cents, half to even, so that sums of many do not drift.

    Raises:
        Conflict: that number is recorded already and says something else.
        UnknownCurrency: the house has no rate for the currency.
        ValidationError: another field does not hold, by the field's name.
    """
    order = build_order(
        customer=customer,
        source=source,
        external_id=external_id,
        placed_at=placed_at,
        amount=amount,
        currency=currency,
        margin=margin,
        is_our_fault=is_our_fault,
        description=description,
        currencies=known_currencies(),
    )
    numbered = Order.objects.filter(source=order.source, external_id=order.external_id)
    known = numbered.first()
    if known is None:
        try:
            with transaction.atomic():
                order.save()
        except IntegrityError:
            # Somebody was faster, or it failed for another reason.
            known = numbered.first()
            if known is None:
                raise
        else:
            order.refresh_from_db(fields=["recorded_at"])
            return order, True
    refuse_other_content(order=order, known=known)
    return known, False


def known_currencies() -> dict[str, Currency]:
    """Return the currencies that the house has a rate for, by their code."""
    return {currency.code: currency for currency in Currency.objects.all()}


def build_order(
    *,
    customer: Customer,
    source: str,
    external_id: str,
    placed_at: datetime,
    amount: Decimal,
    currency: str,
    margin: Decimal | None,
    is_our_fault: bool,
    description: str,
    currencies: Mapping[str, Currency],
) -> Order:
    """Return an order that is not saved yet, checked, with what follows from its amount filled in.

    Raises:
        UnknownCurrency: it is not among `currencies`.
        ValidationError: another field does not hold, by the field's name.
    """
    amount = cents("amount", amount)
    is_estimated = margin is None
    margin = _share(amount) if margin is None else cents("margin", margin)
    if is_our_fault and amount >= 0:
        raise ValidationError({"is_our_fault": _("Only a return, with an amount below zero, can be our fault.")})
    unit = _currency(currency, currencies)
    return Order(
        customer=customer,
        source=text_of(Order, "source", source),
        external_id=text_of(Order, "external_id", external_id),
        kind=Order.Kind.RETURN if amount < 0 else Order.Kind.PURCHASE,
        placed_at=past_moment("placed_at", placed_at),
        amount=amount,
        margin=margin,
        is_margin_estimated=is_estimated,
        currency=unit,
        house_amount=_in_house("amount", amount, unit.rate),
        house_margin=_in_house("margin", margin, unit.rate),
        is_our_fault=is_our_fault,
        description=text_of(Order, "description", description),
    )


def refuse_other_content(*, order: Order, known: Order) -> None:
    """Compare an order with the one recorded under its number. A new rate or a new `MARGIN_PERCENT` is no difference.

    Raises:
        Conflict: they differ; the sentence names the fields, not what is in them.
    """
    names = ["customer_id", "placed_at", "amount", "currency_id", "is_our_fault", "description"]
    differing = [name for name in names if getattr(order, name) != getattr(known, name)]
    if "customer_id" in differing and were_one(order.customer_id, known.customer_id):
        # Recorded while the two were one: it stayed where it was when they were parted.
        differing.remove("customer_id")
    both_estimated = order.is_margin_estimated and known.is_margin_estimated
    if not both_estimated and (order.margin, order.is_margin_estimated) != (known.margin, known.is_margin_estimated):
        differing.append("margin")
    if differing:
        labels = ", ".join(str(Order._meta.get_field(name).verbose_name) for name in differing)  # type: ignore[union-attr]
        raise Conflict(
            _("Order %(number)s is already recorded, and differs in: %(fields)s."),
            code="conflict",
            params={"number": order.external_id, "fields": labels},
        )


def _share(amount: Decimal) -> Decimal:
    """Return the part of an amount that stands in for a margin that we were not told."""
    return EXACT.quantize(EXACT.multiply(amount, Decimal(settings.MARGIN_PERCENT) / 100), CENT)


def _in_house(field: str, money: Decimal, rate: Decimal) -> Decimal:
    """Return money in the house's currency."""
    worth = EXACT.quantize(EXACT.multiply(money, rate), CENT)
    if abs(worth) > LARGEST:
        raise ValidationError({field: _("This amount is larger than we take. Please check it.")})
    return worth or abs(worth)


def _currency(code: str, currencies: Mapping[str, Currency]) -> Currency:
    found = currencies.get(code.strip().upper())
    if found is None:
        known = ", ".join(sorted(currencies)) or _("none yet")
        sentence = _("We have no rate for the currency “%(code)s”. Known are: %(known)s.")
        shown = "".join(letter for letter in code.strip() if letter.isprintable())[:12]
        raise UnknownCurrency({"currency": sentence % {"code": shown, "known": known}})
    return found
