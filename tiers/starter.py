"""The tiers and the scheme that a new house begins with; managers change them as they like."""

from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from tiers.enums import Charge, Measure, PerkChannel, Rule, Shape
from tiers.models import Bar, CostRate, Perk, Scheme, Skill, Tier
from tiers.services.schemes import publish_scheme


class _Bars(NamedTuple):
    """At least so much margin (the house's currency) and so many orders, at most so many days since the last."""

    margin: int
    orders: int
    days: int


class _Perk(NamedTuple):
    """What it is, and what it takes for one customer in a year: money (the house's currency), minutes, by whom.

    `channel`: the way to reach us that it opens.
    """

    text: str
    cost: int = 0
    minutes: int = 0
    skill: str | None = None
    channel: PerkChannel = PerkChannel.NONE


class _Tier(NamedTuple):
    slug: str
    name: str
    shape: Shape
    recovery_hours: int
    entry: _Bars | None
    keep: _Bars | None
    perks: list[_Perk]


# The bars fit a wholesaler of gifts (the demo's data, at 30 % margin): 3 % Family, 11 % House guest, 31 % Regular.
def _tiers() -> list[_Tier]:
    return [
        _Tier(
            "guest",
            _("Guest"),
            Shape.CIRCLE,
            72,
            None,
            None,
            [_Perk(_("A reply within one working day"), minutes=10, skill="desk")],
        ),
        _Tier(
            "regular",
            _("Regular"),
            Shape.SQUARE,
            48,
            _Bars(200, 2, 270),
            _Bars(150, 2, 365),
            [
                _Perk(_("A reply within four working hours"), minutes=20, skill="desk"),
                _Perk(_("Free delivery of replacements"), cost=4),
            ],
        ),
        _Tier(
            "house-guest",
            _("House guest"),
            Shape.DIAMOND,
            24,
            _Bars(700, 5, 120),
            _Bars(560, 4, 180),
            [
                _Perk(_("Answered first, without a queue"), minutes=30, skill="desk"),
                _Perk(_("A replacement leaves before the return arrives"), cost=12),
                _Perk(_("Free delivery on every order"), cost=25),
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
                _Perk(_("A colleague of their own, by name"), minutes=180, skill="regulars"),
                _Perk(_("Answered first, without a queue"), minutes=30, skill="desk"),
                _Perk(_("A call by video when they like"), minutes=60, skill="video", channel=PerkChannel.VIDEO),
                _Perk(_("A loan item while theirs is mended"), cost=20),
                _Perk(_("Free delivery on every order"), cost=45),
            ],
        ),
    ]


def _skills() -> dict[str, str]:
    return {"desk": _("Front desk"), "regulars": _("Looking after regulars"), "video": _("Calls by video")}


# An hour on each channel, or a return handled, in the house's currency; and the minutes that a contact counts at most.
_RATES = {
    Charge.PHONE: (30, 60),
    Charge.EMAIL: (24, 30),
    Charge.CHAT: (24, 45),
    Charge.VISIT: (45, 120),
    Charge.VIDEO: (30, 90),
    Charge.WEB: (6, 15),
    Charge.RETURN: (8, 60),
}


@transaction.atomic
def ensure_starter_scheme() -> bool:
    """Make and publish the first scheme where there is none; return whether it did.

    Perks come with what they take and contacts with what they cost; in a house that has tiers nothing is touched.
    """
    if Scheme.objects.exists() or Tier.objects.exists():
        return False
    scheme = Scheme.objects.create(version=1, name=_("How we begin"))
    skills = {
        slug: Skill.objects.get_or_create(slug=slug, defaults={"name": name})[0] for slug, name in _skills().items()
    }
    CostRate.objects.bulk_create(
        (CostRate(what=what, price=price, most_minutes=most) for what, (price, most) in _RATES.items()),
        ignore_conflicts=True,
    )
    for rank, begin in enumerate(_tiers(), start=1):
        tier = Tier.objects.create(
            rank=rank, slug=begin.slug, name=begin.name, shape=begin.shape, recovery_hours=begin.recovery_hours
        )
        Perk.objects.bulk_create(_perks(tier, begin.perks, skills))
        Bar.objects.bulk_create(
            _bars(scheme, tier, Rule.ENTRY, begin.entry) + _bars(scheme, tier, Rule.KEEP, begin.keep)
        )
    publish_scheme(scheme=scheme, by=None)
    return True


def _perks(tier: Tier, perks: list[_Perk], skills: dict[str, Skill]) -> list[Perk]:
    return [
        Perk(
            tier=tier,
            text=perk.text,
            position=place,
            yearly_cost=perk.cost,
            yearly_minutes=perk.minutes,
            skill=skills[perk.skill] if perk.skill else None,
            channel=perk.channel,
        )
        for place, perk in enumerate(perks)
    ]


def _bars(scheme: Scheme, tier: Tier, rule: Rule, bars: _Bars | None) -> list[Bar]:
    if bars is None:
        return []
    values = {Measure.MARGIN: bars.margin, Measure.ORDERS: bars.orders, Measure.RECENCY: bars.days}
    return [
        Bar(scheme=scheme, tier=tier, rule=rule, measure=name, value=Decimal(value)) for name, value in values.items()
    ]
