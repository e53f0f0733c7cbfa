"""Schemes as the engine wants them."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np
from django.conf import settings

from tiers import engine
from tiers.engine import AT_MOST, NOWHERE, UNKNOWN, Whole
from tiers.enums import Basis, Measure, Rule
from tiers.models import Bar, CostRate, Scheme, Tier

# A bar that nobody reaches, where the cut-off of a share is not known.
_OUT_OF_REACH = -UNKNOWN


@dataclass(frozen=True, slots=True)
class Share:
    """A bar for the best so many (hundredths of a per cent of all customers); `key`: where its cut-off is kept."""

    key: str
    measure: str
    share: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """A scheme's rules together with the tiers, lowest first: a level is a place in `tiers`."""

    tiers: list[Tier]
    rules: engine.Rules
    shares: list[Share] = field(default_factory=list)

    def levels(self, keys: Whole) -> Whole:
        """Return the level of each tier given by its primary key; 0, which no tier has, is nowhere."""
        known = np.array([tier.pk for tier in self.tiers], dtype=np.int64)
        order = np.argsort(known)
        found = order[np.minimum(np.searchsorted(known[order], keys), len(known) - 1)]
        return np.where(known[found] == keys, found, NOWHERE)

    def keys(self, levels: Whole) -> Whole:
        """Return the primary key of the tier at each level."""
        return np.array([tier.pk for tier in self.tiers], dtype=np.int64)[levels]


def ladder(scheme: Scheme, cutoffs: Mapping[str, int] | None = None, tiers: Sequence[Tier] | None = None) -> Ladder:
    """Return a scheme's rules (3 queries, or 2 with the tiers, lowest first).

    `cutoffs`: what its bars by share came to.
    """
    tiers = list(Tier.objects.order_by("rank") if tiers is None else tiers)
    bars = list(scheme.bars.all())
    return Ladder(tiers=tiers, rules=rules(scheme, tiers, bars, cutoffs or {}), shares=shares(bars))


def rules(
    scheme: Scheme, tiers: Sequence[Tier], bars: Iterable[Bar], cutoffs: Mapping[str, int] | None = None
) -> engine.Rules:
    """Turn rows into rules: one set of bars per tier, in the order given."""
    found = bars_by_tier(bars, cutoffs)
    return engine.Rules(
        entry=[found.get((Rule.ENTRY, tier.pk), engine.Bars()) for tier in tiers],
        keep=[found.get((Rule.KEEP, tier.pk), engine.Bars()) for tier in tiers],
        hold_days=scheme.hold_days,
        grace_days=scheme.grace_days,
        weights=[
            # Less than one of its unit is none, and by none nothing can be divided.
            engine.Weight(weight.measure, weight.weight, max(1, in_units(weight.measure, weight.full_at)))
            for weight in scheme.weights.all()
        ],
    )


def bars_by_tier(bars: Iterable[Bar], cutoffs: Mapping[str, int] | None = None) -> dict[tuple[str, int], engine.Bars]:
    """Return the bars of each rule and tier (by primary key) that has any."""
    found: dict[tuple[str, int], dict[str, int]] = {}
    for bar in bars:
        found.setdefault((bar.rule, bar.tier_id), {})[bar.measure] = _cut(bar, cutoffs or {})
    return {key: engine.Bars(cuts) for key, cuts in found.items()}


def shares(bars: Iterable[Bar]) -> list[Share]:
    """Return the bars by share."""
    return [
        Share(key=str(bar.pk), measure=bar.measure, share=int(bar.value * 100))
        for bar in bars
        if bar.basis == Basis.SHARE
    ]


def in_units(measure: str, value: Decimal) -> int:
    """Return a bar in the engine's unit: cents, hundredths of a point, orders, days."""
    if Measure(measure).is_money or measure == Measure.SCORE:
        return int(value * 100)
    return int(value.to_integral_value(ROUND_FLOOR if measure in AT_MOST else ROUND_CEILING))


def is_restless(rules: engine.Rules) -> bool:
    """Whether everybody's numbers change with each day: a bar on a score in which days count."""
    return bool(rules.cuts_on("score")) and any(weight.measure in engine.AGEING for weight in rules.weights)


def digest(ladder: Ladder, more: Iterable[object] = ()) -> str:
    """Return a mark of everything that decides besides the facts: another mark means that everybody is looked at."""
    rules = ladder.rules
    decides = [
        [tier.pk for tier in ladder.tiers],
        [[sorted(bars.cuts.items()) for bars in side] for side in (rules.entry, rules.keep)],
        [(share.key, share.measure, share.share) for share in ladder.shares],
        [(weight.measure, weight.weight, weight.full_at) for weight in rules.weights],
        [rules.hold_days, rules.grace_days, settings.TIME_ZONE],
        [(rate.what, str(rate.price), rate.most_minutes) for rate in CostRate.objects.order_by("what")],
        [str(part) for part in more],
    ]
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()


def _cut(bar: Bar, cutoffs: Mapping[str, int]) -> int:
    if bar.basis == Basis.SHARE:
        return cutoffs.get(str(bar.pk), _OUT_OF_REACH)
    return in_units(bar.measure, bar.value)
