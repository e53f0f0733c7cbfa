"""The rules of a scheme as sentences that a person reads aloud."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tiers.engine import AT_MOST
from tiers.enums import Basis, Measure, Rule
from tiers.models import Bar, Scheme, Tier, Weight
from tiers.selectors.wording import figure, listed, sign

_ORDER = [measure.value for measure in Measure]


@dataclass(frozen=True, slots=True)
class TierRules:
    """What a tier asks, in words. `entry` and `keep` are whole sentences."""

    tier: Tier
    entry: str
    keep: str


@dataclass(frozen=True, slots=True)
class SchemeRules:
    """A scheme in words, highest tier first. `score` is "" where nothing has a weight."""

    tiers: list[TierRules]
    score: str
    hold: str
    grace: str


def scheme_rules(scheme: Scheme) -> SchemeRules:
    """Return a scheme in words (3 queries)."""
    tiers = list(Tier.objects.order_by("-rank"))
    bars: dict[tuple[str, int], list[Bar]] = {}
    for bar in scheme.bars.all():
        bars.setdefault((bar.rule, bar.tier_id), []).append(bar)
    lowest = tiers[-1].pk if tiers else 0
    return SchemeRules(
        tiers=[
            TierRules(
                tier=tier,
                entry=entry_sentence(tier, bars.get((Rule.ENTRY, tier.pk), []), is_lowest=tier.pk == lowest),
                keep="" if tier.pk == lowest else keep_sentence(tier, bars.get((Rule.KEEP, tier.pk), [])),
            )
            for tier in tiers
        ],
        score=score_sentence(list(scheme.weights.all())),
        hold=hold_sentence(scheme.hold_days),
        grace=grace_sentence(scheme.grace_days),
    )


def entry_sentence(tier: Tier, bars: Sequence[Bar], *, is_lowest: bool = False) -> str:
    """Return what it takes to enter a tier."""
    names = {"tier": tier.name, "bars": listed(_in_order(bars))}
    if is_lowest:
        return _("Everybody begins in %(tier)s.") % names
    if not bars:
        return _("Nothing is asked yet to enter %(tier)s.") % names
    return _("To enter %(tier)s: %(bars)s.") % names


def keep_sentence(tier: Tier, bars: Sequence[Bar]) -> str:
    """Return what it takes to stay in a tier."""
    names = {"tier": tier.name, "bars": listed(_in_order(bars))}
    if not bars:
        return _("Whoever has entered %(tier)s stays, for life.") % names
    return _("To stay: %(bars)s.") % names


def bar_words(measure: Measure, value: Decimal, basis: str = Basis.VALUE) -> str:
    """Return a bar as a part of a sentence: “at least £700 margin in 12 months”."""
    names = {"value": figure(value), "sign": sign(settings.HOUSE_CURRENCY), "measure": _lower(str(measure.label))}
    if basis == Basis.SHARE:
        return _("among the best %(value)s %% of customers by %(measure)s") % names
    match measure:
        case Measure.RECENCY:
            return _("the last order at most %(value)s days ago") % names
        case Measure.TENURE:
            return _("the first order at least %(value)s days ago") % names
        case Measure.INFLUENCE | Measure.ADVOCACY | Measure.SCORE:
            return _("%(measure)s of at least %(value)s out of 100") % names
    if measure.is_money:
        return (
            _("at most %(sign)s%(value)s %(measure)s")
            if measure in AT_MOST
            else _("at least %(sign)s%(value)s %(measure)s")
        ) % names
    return _("at least %(value)s %(measure)s") % names


def score_sentence(weights: Iterable[Weight]) -> str:
    """Return what the score is made of, or "" where nothing has a weight."""
    parts = [weight_words(Measure(part.measure), part.weight, part.full_at) for part in weights]
    return _("Score: %(parts)s.") % {"parts": listed(parts)} if parts else ""


def weight_words(measure: Measure, weight: int, full_at: Decimal) -> str:
    """Return a weight as a part of a sentence: “5 parts margin in 12 months (all of them from £2,000 on)”."""
    value = figure(full_at)
    names = {
        "count": weight,
        "measure": _lower(str(measure.label)),
        "full": sign(settings.HOUSE_CURRENCY) + value if measure.is_money else value,
    }
    part = ngettext("%(count)s part %(measure)s", "%(count)s parts %(measure)s", weight) % names
    if measure in AT_MOST:
        return _("%(part)s (the less the better, none of them from %(full)s on)") % (names | {"part": part})
    return _("%(part)s (all of them from %(full)s on)") % (names | {"part": part})


def hold_sentence(count: int) -> str:
    """Return how long a tier is held after moving up."""
    if not count:
        return _("Moving up is not held: somebody may move down again the next day.")
    return ngettext(
        "Whoever moves up is held there for %(count)s day at least.",
        "Whoever moves up is held there for %(count)s days at least.",
        count,
    ) % {"count": count}


def grace_sentence(count: int) -> str:
    """Return how long somebody below the bars for staying keeps the tier."""
    if count <= 1:
        return _("Whoever is below the bars for staying moves down one tier the next day.")
    return _("Whoever is below the bars for staying for %(count)s days moves down one tier.") % {"count": count}


def _in_order(bars: Sequence[Bar]) -> list[str]:
    inorder = sorted(bars, key=lambda bar: _ORDER.index(bar.measure))
    return [bar_words(Measure(bar.measure), bar.value, bar.basis) for bar in inorder]


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
