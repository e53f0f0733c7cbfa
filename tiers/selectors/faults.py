"""What keeps a scheme from being published, a sentence for each fault."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from tiers.engine import AT_MOST
from tiers.enums import Basis, Measure, Rule
from tiers.models import Bar, Scheme, Tier
from tiers.selectors.wording import figure

Bars = Mapping[str, Bar]

# The most that a measure can be, in its own unit: nobody is rated above 100, and nobody orders 100,000 times a year.
_MOST = {
    Measure.ORDERS: Decimal(100_000),
    Measure.ENGAGEMENT: Decimal(100_000),
    Measure.TENURE: Decimal(36_500),
    Measure.INFLUENCE: Decimal(100),
    Measure.ADVOCACY: Decimal(100),
    Measure.SCORE: Decimal(100),
}
# Never below 0: a bar at 0 asks nothing of anybody.
_FROM_NOTHING = {Measure.ORDERS, Measure.ENGAGEMENT, Measure.SCORE}


def faults_of(scheme: Scheme) -> list[str]:
    """Return what keeps a scheme from being published, a sentence each (3 queries)."""
    tiers = list(Tier.objects.order_by("rank"))
    if not tiers:
        return [_("There is no tier yet. Add the tiers first.")]
    found: dict[tuple[str, int], dict[str, Bar]] = {}
    for bar in scheme.bars.all():
        found.setdefault((bar.rule, bar.tier_id), {})[bar.measure] = bar
    entry = [found.get((Rule.ENTRY, tier.pk), {}) for tier in tiers]
    keep = [found.get((Rule.KEEP, tier.pk), {}) for tier in tiers]
    has_score = bool(scheme.weights.all())
    return list(_faults(tiers, entry, keep, has_score=has_score))


def _faults(tiers: Sequence[Tier], entry: Sequence[Bars], keep: Sequence[Bars], *, has_score: bool) -> Iterator[str]:
    if entry[0] or keep[0]:
        yield _("%(tier)s is the lowest tier and open to all: take its bars away.") % {"tier": tiers[0]}
    for level, tier in enumerate(tiers[1:], start=1):
        yield from _empty(tier, entry[level])
        for rule, bars in ((Rule.ENTRY, entry[level]), (Rule.KEEP, keep[level])):
            for bar in bars.values():
                yield from _impossible(tier, rule, bar, has_score=has_score)
        yield from _circle(tier, entry[level], keep[level])
        yield from _shares(tiers, entry, level)
        if level > 1 and entry[level] and entry[level - 1]:
            yield from _overlap(tier, tiers[level - 1], entry[level], entry[level - 1])
        for lower in range(1, level - 1):
            if entry[level] and entry[lower] and _swallows(entry[level], entry[lower]):
                yield _easier(tier, tiers[lower])


def _empty(tier: Tier, entry: Bars) -> Iterator[str]:
    if not entry:
        yield _("%(tier)s has no bars for entering: everybody would be in it. Set at least one.") % {"tier": tier}
    elif all(bar.basis == Basis.VALUE and bar.measure in _FROM_NOTHING and bar.value <= 0 for bar in entry.values()):
        yield _("%(tier)s asks for nothing to enter: everybody would be in it. Raise its bars.") % {"tier": tier}


def _impossible(tier: Tier, rule: Rule, bar: Bar, *, has_score: bool) -> Iterator[str]:
    """Yield why nobody can meet a bar."""
    measure = Measure(bar.measure)
    names = {"tier": tier, "measure": measure.label, "value": _figure(bar.value), "most": _figure(_MOST.get(measure))}
    if measure is Measure.SCORE and not has_score:
        yield _("%(tier)s asks for a score, and nothing has a weight in the score. Give a measure some parts.") % names
    if bar.basis == Basis.SHARE:
        if measure in AT_MOST:
            yield _("%(tier)s: “the best so many per cent” has no sense for “%(measure)s”. Set a value.") % names
        elif not 0 < bar.value <= 100:
            yield _("%(tier)s: the best %(value)s %% by “%(measure)s” is no share. It goes up to 100 %%.") % names
        return
    nobody = (
        _("Nobody can enter %(tier)s: ") % names if rule is Rule.ENTRY else _("Nobody can stay in %(tier)s: ") % names
    )
    if measure in AT_MOST and bar.value < 0:
        if measure is Measure.RECENCY:
            yield nobody + _("a recent order needs at least 0 days.")
        else:
            yield nobody + _("“%(measure)s” is never below 0.") % names
    elif measure in _MOST and bar.value > _MOST[measure]:
        yield nobody + _("“%(measure)s” is never above %(most)s.") % names


def _circle(tier: Tier, entry: Bars, keep: Bars) -> Iterator[str]:
    """Yield why those who enter would not stay."""
    harder = [name for name, bar in keep.items() if _asks_less(entry.get(name), bar)]
    if not harder:
        return
    shares = [name for name in harder if name in entry and keep[name].basis == entry[name].basis == Basis.SHARE]
    for name in shares:
        yield _(
            "%(tier)s: staying is for the best %(keep)s %% by “%(measure)s” and entering for the best %(entry)s %%. "
            "The share for staying has to be the larger one, or whoever enters goes down again, in a circle."
        ) % {
            "tier": tier,
            "measure": Measure(name).label,
            "keep": _figure(keep[name].value),
            "entry": _figure(entry[name].value),
        }
    if rest := [str(Measure(name).label) for name in harder if name not in shares]:
        yield _(
            "Staying in %(tier)s asks more than entering it (%(measures)s): whoever enters is below the bar at once, "
            "and goes down and up in a circle. Lower its bars for staying."
        ) % {"tier": tier, "measures": ", ".join(rest)}


def _shares(tiers: Sequence[Tier], entry: Sequence[Bars], level: int) -> Iterator[str]:
    """Yield where a share is not smaller than the one below it: shares count from the top."""
    for name, bar in entry[level].items():
        below = next((lower for lower in range(level - 1, 0, -1) if _is_share(entry[lower].get(name))), None)
        if not _is_share(bar) or below is None:
            continue
        lower = entry[below][name]
        if bar.value >= lower.value:
            yield _(
                "%(tier)s takes the best %(share)s %% by “%(measure)s” and %(lower)s below it the best %(other)s %%. "
                "Shares count from the top, so the higher tier's has to be the smaller one."
            ) % {
                "tier": tiers[level],
                "lower": tiers[below],
                "share": _figure(bar.value),
                "other": _figure(lower.value),
                "measure": Measure(name).label,
            }


def _overlap(tier: Tier, below: Tier, higher: Bars, lower: Bars) -> Iterator[str]:
    """Yield where a tier is as easy to enter as the one below it, or easier.

    What cannot be compared is no fault: a share beside a value, or a measure that the tier below does not ask for in
    the place of one that it does.
    """
    names = {"tier": tier, "lower": below}
    if _same(higher, lower):
        yield _("%(tier)s and %(lower)s below it ask the same for entering: nobody would be in %(lower)s.") % names
        return
    easier = [
        name
        for name, bar in higher.items()
        if name in lower and bar.basis == lower[name].basis == Basis.VALUE and _asks_less(bar, lower[name])
    ]
    asks_more = any(name not in lower or lower[name].basis != bar.basis for name, bar in higher.items())
    missing = [name for name in lower if name not in higher]
    if easier or (missing and not asks_more):
        yield _easier(tier, below)


def _easier(tier: Tier, lower: Tier) -> str:
    names = {"tier": tier, "lower": lower}
    return _("%(tier)s is easier to enter than %(lower)s below it. Raise its bars for entering.") % names


def _swallows(higher: Bars, lower: Bars) -> bool:
    """Return whether all who may enter the lower tier may enter the higher one: nobody would ever be in the lower."""
    return all(
        name in lower and lower[name].basis == bar.basis and not _asks_less(lower[name], bar)
        for name, bar in higher.items()
    )


def _same(one: Bars, other: Bars) -> bool:
    return one.keys() == other.keys() and all(
        (bar.basis, bar.value) == (other[name].basis, other[name].value) for name, bar in one.items()
    )


def _asks_less(bar: Bar | None, than: Bar) -> bool:
    """Return whether a bar is easier to meet than another one on the same measure; no bar is the easiest."""
    if bar is None:
        return True
    if bar.basis != than.basis:
        return False
    is_most = than.basis == Basis.SHARE or than.measure in AT_MOST
    return bar.value > than.value if is_most else bar.value < than.value


def _is_share(bar: Bar | None) -> bool:
    return bar is not None and bar.basis == Basis.SHARE


def _figure(value: Decimal | None) -> str:
    return "" if value is None else figure(value)
