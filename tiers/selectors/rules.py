"""Schemes as the engine wants them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR

import numpy as np

from tiers import engine
from tiers.engine import NOWHERE, Whole
from tiers.enums import Measure, Rule
from tiers.models import Bar, Scheme, Tier


@dataclass(frozen=True, slots=True)
class Ladder:
    """A scheme's rules together with the tiers, lowest first: a level is a place in `tiers`."""

    tiers: list[Tier]
    rules: engine.Rules

    def levels(self, keys: Whole) -> Whole:
        """Return the level of each tier given by its primary key; 0, which no tier has, is nowhere."""
        known = np.array([tier.pk for tier in self.tiers], dtype=np.int64)
        order = np.argsort(known)
        found = order[np.minimum(np.searchsorted(known[order], keys), len(known) - 1)]
        return np.where(known[found] == keys, found, NOWHERE)

    def keys(self, levels: Whole) -> Whole:
        """Return the primary key of the tier at each level."""
        return np.array([tier.pk for tier in self.tiers], dtype=np.int64)[levels]


def ladder(scheme: Scheme) -> Ladder:
    """Return a scheme's rules (2 queries)."""
    tiers = list(Tier.objects.order_by("rank"))
    bars = list(scheme.bars.all())
    return Ladder(tiers=tiers, rules=rules(scheme, tiers, bars))


def rules(scheme: Scheme, tiers: Sequence[Tier], bars: Iterable[Bar]) -> engine.Rules:
    """Turn rows into rules: one set of bars per tier, in the order given."""
    found = bars_by_tier(bars)
    return engine.Rules(
        entry=[found.get((Rule.ENTRY, tier.pk), engine.Bars()) for tier in tiers],
        keep=[found.get((Rule.KEEP, tier.pk), engine.Bars()) for tier in tiers],
        hold_days=scheme.hold_days,
        grace_days=scheme.grace_days,
    )


def bars_by_tier(bars: Iterable[Bar]) -> dict[tuple[str, int], engine.Bars]:
    """Return the bars of each rule and tier (by primary key) that has any."""
    found: dict[tuple[str, int], dict[str, int]] = {}
    for bar in bars:
        name, value = _whole(bar)
        found.setdefault((bar.rule, bar.tier_id), {})[name] = value
    return {key: engine.Bars(**values) for key, values in found.items()}


def _whole(bar: Bar) -> tuple[str, int]:
    """Return the engine's name of a measure and its bar: cents, orders or days."""
    if bar.measure == Measure.MARGIN:
        return "margin", int(bar.value * 100)
    if bar.measure == Measure.ORDERS:
        return "orders", int(bar.value.to_integral_value(ROUND_CEILING))
    return "days", int(bar.value.to_integral_value(ROUND_FLOOR))
