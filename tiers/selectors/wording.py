"""The sentences that an agent reads about a tier, whole ones, so that each language can build its own."""

from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tiers.explanation import Gap, Held, Hold

_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}


def money(cents: int, currency: str) -> str:
    """Return an amount as people write it: no pence where there are none to speak of (from 100 on)."""
    amount = Decimal(cents) / 100
    places = 0 if abs(amount) >= 100 or cents % 100 == 0 else 2
    number = number_format(
        abs(amount).quantize(Decimal(1) if places == 0 else Decimal("0.01")), places, force_grouping=True
    )
    minus = "−" if amount < 0 else ""
    return f"{minus}{_SIGNS[currency]}{number}" if currency in _SIGNS else f"{minus}{currency} {number}"


def money_missing(cents: int, currency: str) -> str:
    """Return an amount that is still missing, rounded up: whoever brings it is over the bar."""
    return money(-(-cents // 100) * 100 if cents >= 10_000 else cents, currency)


def day(when: date, today: date) -> str:
    """Return a day as people say it: the year only where it is not within eleven months."""
    return date_format(when, "j F" if abs((when - today).days) < 335 else "j F Y")


def numbers(tier: str, *, margin: str | None, orders: int, is_estimated: bool) -> str:
    """Return the sentence with the numbers; `margin` None for readers who may not see it."""
    names = {"tier": tier, "margin": margin, "count": orders}
    if margin is None:
        if not orders:
            return _("%(tier)s: no orders in the last 12 months.") % names
        return (
            ngettext(
                "%(tier)s: %(count)s order in the last 12 months.",
                "%(tier)s: %(count)s orders in the last 12 months.",
                orders,
            )
            % names
        )
    if is_estimated:
        return (
            ngettext(
                "%(tier)s: about %(margin)s margin (partly estimated) and %(count)s order in the last 12 months.",
                "%(tier)s: about %(margin)s margin (partly estimated) and %(count)s orders in the last 12 months.",
                orders,
            )
            % names
        )
    return (
        ngettext(
            "%(tier)s: %(margin)s margin and %(count)s order in the last 12 months.",
            "%(tier)s: %(margin)s margin and %(count)s orders in the last 12 months.",
            orders,
        )
        % names
    )


def distance(gap: Gap, tier: str, currency: str) -> str:
    """Return how far it is to the next tier; a tier whose bars are met already comes with the next re-tiering."""
    names = {"tier": tier, "count": gap.orders, "margin": money_missing(gap.margin, currency)}
    if gap.margin and gap.orders:
        return (
            ngettext(
                "%(margin)s more margin and %(count)s more order bring %(tier)s.",
                "%(margin)s more margin and %(count)s more orders bring %(tier)s.",
                gap.orders,
            )
            % names
        )
    if gap.margin:
        return _("%(margin)s more margin brings %(tier)s.") % names
    if gap.orders:
        return (
            ngettext("%(count)s more order brings %(tier)s.", "%(count)s more orders bring %(tier)s.", gap.orders)
            % names
        )
    if gap.is_order_due:
        return _("The next order brings %(tier)s.") % names
    return _("%(tier)s comes with the next look at the tiers.") % names


def keeping(held: Held, today: date) -> str:
    """Return what holds the tier and until when, or "" where nothing has to."""
    names = {"day": day(held.until, today) if held.until else ""}
    if held.by is Hold.OUR_FAULT:
        return _("Nothing moves down while something of ours is still to be put right.")
    if held.by is Hold.GRACE:
        if held.until is not None and held.until > today:
            return _("It has been quieter lately; the tier stays until %(day)s at least.") % names
        return _("It has been quieter lately; the tier may change with the next look at the tiers.")
    if held.by is Hold.PROMOTION:
        return _("Held until %(day)s.") % names
    return ""
