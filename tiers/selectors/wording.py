"""The sentences that an agent reads about a tier, whole ones, so that each language can build its own."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tiers.enums import Measure, OverrideKind
from tiers.explanation import Held, Hold

_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}


def sign(currency: str) -> str:
    """Return what stands before an amount: “£”, or the code and a space."""
    return _SIGNS.get(currency, f"{currency} ")


def money(cents: int, currency: str) -> str:
    """Return an amount as people write it: no pence where there are none to speak of (from 100 on)."""
    amount = Decimal(cents) / 100
    places = 0 if abs(amount) >= 100 or cents % 100 == 0 else 2
    number = number_format(
        abs(amount).quantize(Decimal(1) if places == 0 else Decimal("0.01")), places, force_grouping=True
    )
    minus = "−" if amount < 0 else ""
    return f"{minus}{sign(currency)}{number}"


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


def distance(gaps: Mapping[str, int | None], tier: str, currency: str) -> str:
    """Return how far it is to the next tier (`explanation.gaps`).

    A tier whose bars are met already comes with the next look.
    """
    names = {"tier": tier}
    if not gaps:
        return _("%(tier)s comes with the next look at the tiers.") % names
    if set(gaps) == {Measure.RECENCY}:
        return _("The next order brings %(tier)s.") % names
    parts = missing(gaps, currency)
    if any(gap is None and name != Measure.RECENCY for name, gap in gaps.items()):
        return _("To %(tier)s it takes %(parts)s.") % (names | {"parts": listed(parts)})
    if len(parts) > 1 or _is_many(gaps):
        return _("%(parts)s bring %(tier)s.") % (names | {"parts": listed(parts)})
    return _("%(part)s brings %(tier)s.") % (names | {"part": parts[0]})


def missing(gaps: Mapping[str, int | None], currency: str) -> list[str]:
    """Return what is missing, a part of a sentence each. More margin or orders bring a new order by themselves."""
    brings_order = Measure.MARGIN in gaps or Measure.ORDERS in gaps
    return [
        _missing(Measure(name), gap, currency)
        for name, gap in gaps.items()
        if not (name == Measure.RECENCY and brings_order)
    ]


def _is_many(gaps: Mapping[str, int | None]) -> bool:
    """Whether the one thing that is missing is counted, and more than one."""
    counted = [gap for name, gap in gaps.items() if not (Measure(name).is_money or name == Measure.RECENCY)]
    return any(gap != 1 for gap in counted) and not any(Measure(name).is_money for name in gaps)


def _missing(measure: Measure, gap: int | None, currency: str) -> str:
    if measure is Measure.RECENCY:
        return _("a new order")
    if gap is None:
        return _("more “%(measure)s” than we know of") % {"measure": measure.label}
    if measure.tells_money:
        names = {"money": money_missing(gap, currency), "points": figure(Decimal(gap) / 100)}
        return {
            Measure.MARGIN: _("%(money)s more margin"),
            Measure.PREDICTED: _("%(money)s more predicted margin"),
            Measure.COST: _("%(money)s less cost to serve"),
            Measure.SCORE: _("%(points)s more points of score"),
        }[measure] % names
    return {
        Measure.ORDERS: ngettext("%(count)s more order", "%(count)s more orders", gap),
        Measure.ENGAGEMENT: ngettext("%(count)s more contact", "%(count)s more contacts", gap),
        Measure.TENURE: ngettext("%(count)s more day with us", "%(count)s more days with us", gap),
        Measure.INFLUENCE: ngettext("%(count)s more point of influence", "%(count)s more points of influence", gap),
        Measure.ADVOCACY: ngettext("%(count)s more point of advocacy", "%(count)s more points of advocacy", gap),
    }[measure] % {"count": gap}


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


def holding(held: Held, today: date, *, is_frozen: bool, below_since: date | None) -> list[str]:
    """Return what holds the tier, a sentence each, for somebody who wants to know exactly."""
    said = []
    names = {
        "day": day(held.until, today) if held.until else "",
        "since": day(below_since, today) if below_since else "",
    }
    if held.by is Hold.PROMOTION:
        said.append(_("Held until %(day)s after moving up.") % names)
    if below_since is not None and held.by is Hold.GRACE:
        said.append(_("Below the bars for staying since %(since)s. Grace until %(day)s at least.") % names)
    elif below_since is not None:
        said.append(_("Below the bars for staying since %(since)s.") % names)
    if is_frozen:
        said.append(_("Nothing moves down while something of ours is still to be put right."))
    return said


def overridden(kind: str, tier: str, until: date | None, by: str, today: date) -> str:
    """Return what a colleague decided against the numbers."""
    names = {"tier": tier, "by": by, "day": day(until, today) if until else ""}
    if until is None:
        return {
            OverrideKind.FLOOR: _("Never below %(tier)s until it is ended, by %(by)s."),
            OverrideKind.CEILING: _("Never above %(tier)s until it is ended, by %(by)s."),
            OverrideKind.LOCK: _("Always %(tier)s until it is ended, by %(by)s."),
        }[OverrideKind(kind)] % names
    return {
        OverrideKind.FLOOR: _("Never below %(tier)s until %(day)s, by %(by)s."),
        OverrideKind.CEILING: _("Never above %(tier)s until %(day)s, by %(by)s."),
        OverrideKind.LOCK: _("Always %(tier)s until %(day)s, by %(by)s."),
    }[OverrideKind(kind)] % names


def safe(tier: str, *, orders: int, is_regular: bool) -> str:
    """Return what may be said to the customer: no money, nothing of how it is worked out."""
    names = {"tier": tier}
    if orders > 1:
        return _("You are one of our %(tier)s customers; thank you for ordering with us so often.") % names
    if orders == 1:
        return _("You are one of our %(tier)s customers; thank you for your order.") % names
    if is_regular:
        return _("You are one of our %(tier)s customers; thank you for staying with us.") % names
    return _("You are one of our %(tier)s customers; we are glad that you are with us.") % names


def listed(parts: Sequence[str]) -> str:
    """Return parts of a sentence one after the other: “a”, “a and b”, “a, b and c”."""
    if len(parts) < 2:
        return "".join(parts)
    return _("%(parts)s and %(last)s") % {"parts": ", ".join(parts[:-1]), "last": parts[-1]}


def figure(value: Decimal) -> str:
    """Return a number as people write it, without noughts at its end."""
    whole = value.to_integral_value()
    return number_format(whole if value == whole else value.normalize(), force_grouping=True)
