"""The tiers and the scheme that a new house begins with; managers change them as they like."""

from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from tiers.enums import Measure, Rule, Shape
from tiers.models import Bar, Perk, Scheme, Tier
from tiers.services.schemes import publish_scheme


class _Bars(NamedTuple):
    """At least so much margin (the house's currency) and so many orders, at most so many days since the last."""

    margin: int
    orders: int
    days: int


class _Tier(NamedTuple):
    slug: str
    name: str
    shape: Shape
    recovery_hours: int
    entry: _Bars | None
    keep: _Bars | None
    perks: list[str]


# The bars fit a wholesaler of gifts (the demo's data, at 30 % margin): 3 % Family, 11 % House guest, 31 % Regular.
def _tiers() -> list[_Tier]:
    return [
        _Tier("guest", _("Guest"), Shape.CIRCLE, 72, None, None, [_("A reply within one working day")]),
        _Tier(
            "regular",
            _("Regular"),
            Shape.SQUARE,
            48,
            _Bars(200, 2, 270),
            _Bars(150, 2, 365),
            [_("A reply within four working hours"), _("Free delivery of replacements")],
        ),
        _Tier(
            "house-guest",
            _("House guest"),
            Shape.DIAMOND,
            24,
            _Bars(700, 5, 120),
            _Bars(560, 4, 180),
            [
                _("Answered first, without a queue"),
                _("A replacement leaves before the return arrives"),
                _("Free delivery on every order"),
            ],
        ),
        _Tier(
            "family",
            _("Family"),
            Shape.STAR,
            8,
            _Bars(2000, 10, 90),
            _Bars(1600, 8, 180),
            [
                _("A colleague of their own, by name"),
                _("Answered first, without a queue"),
                _("A call by video when they like"),
                _("A loan item while theirs is mended"),
                _("Free delivery on every order"),
            ],
        ),
    ]


@transaction.atomic
def ensure_starter_scheme() -> bool:
    """Make and publish the first scheme where there is none; return whether it did. Tiers that exist are left alone."""
    if Scheme.objects.exists() or Tier.objects.exists():
        return False
    scheme = Scheme.objects.create(version=1, name=_("How we begin"))
    for rank, begin in enumerate(_tiers(), start=1):
        tier = Tier.objects.create(
            rank=rank, slug=begin.slug, name=begin.name, shape=begin.shape, recovery_hours=begin.recovery_hours
        )
        Perk.objects.bulk_create(Perk(tier=tier, text=text, position=place) for place, text in enumerate(begin.perks))
        Bar.objects.bulk_create(
            _bars(scheme, tier, Rule.ENTRY, begin.entry) + _bars(scheme, tier, Rule.KEEP, begin.keep)
        )
    publish_scheme(scheme=scheme, by=None)
    return True


def _bars(scheme: Scheme, tier: Tier, rule: Rule, bars: _Bars | None) -> list[Bar]:
    if bars is None:
        return []
    values = {Measure.MARGIN: bars.margin, Measure.ORDERS: bars.orders, Measure.RECENCY: bars.days}
    return [
        Bar(scheme=scheme, tier=tier, rule=rule, measure=name, value=Decimal(value)) for name, value in values.items()
    ]
