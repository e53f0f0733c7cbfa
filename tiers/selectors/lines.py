"""The table behind a tier: each measure with its value, its bars, how far they are, and where the value comes from."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from tiers import explanation
from tiers.engine import AT_MOST, UNKNOWN, Bars
from tiers.enums import Basis, Measure, Rule
from tiers.models import Bar
from tiers.selectors import wording
from tiers.selectors.rules import in_units
from tiers.selectors.situation import Situation

_IN_HUNDREDTHS = (Measure.MARGIN, Measure.PREDICTED, Measure.COST, Measure.SCORE)
_RATED = (Measure.INFLUENCE, Measure.ADVOCACY, Measure.SCORE)
_ORDERS = (Measure.MARGIN, Measure.ORDERS, Measure.RECENCY, Measure.TENURE)
# In the table whatever is asked; the others where something is known or asked.
_ALWAYS = (Measure.MARGIN, Measure.ORDERS, Measure.RECENCY)


@dataclass(frozen=True, slots=True)
class Line:
    """One measure of a customer, in words. Empty where there is no bar, no weight or nothing known.

    `bar_enter`: of the next tier up; `bar_stay`: of the tier they have. `distance`: to the bar for entering, or to the
    one for staying where there is none. `as_of`: the day up to which it was counted. `is_doubtful`: partly estimated,
    or asked for and not known.
    """

    measure: str
    label: str
    value: str
    unit: str
    bar_enter: str
    bar_stay: str
    distance: str
    weight: str
    as_of: date | None
    source: str
    is_doubtful: bool


def table(now: Situation, *, shows_money: bool) -> list[Line]:
    """Return a line for each measure that this reader may see and that says something."""
    if now.values is None:
        return []
    return [
        line
        for measure in Measure
        if (shows_money or not measure.tells_money) and (line := _line(now, now.values, measure)) is not None
    ]


def _line(now: Situation, values: dict[str, int], measure: Measure) -> Line | None:
    rules = now.ladder.rules if now.ladder else None
    level = now.level
    above = explanation.next_level(rules, level) if rules else None
    enter = _bar(now, Rule.ENTRY, above, measure)
    stay = _bar(now, Rule.KEEP, level, measure)
    weight = next((part.weight for part in rules.weights if part.measure == measure), 0) if rules else 0
    value = values.get(measure, UNKNOWN)
    is_asked = bool(enter or stay or weight)
    if not is_asked and (value == UNKNOWN or (value == 0 and measure not in _ALWAYS)):
        return None
    cut = rules.entry[above].cuts.get(measure) if rules and above is not None else None
    kept = rules.keep[level].cuts.get(measure) if rules else None
    return Line(
        measure=str(measure),
        label=str(measure.label),
        value=amount(measure, value),
        unit=unit(measure),
        bar_enter=_bar_words(measure, enter, cut),
        bar_stay=_bar_words(measure, stay, kept),
        distance=_distance(measure, value, cut, kept),
        weight=_weight(weight, sum(part.weight for part in rules.weights) if rules else 0),
        as_of=now.counted_on,
        source=_source(now, measure, value),
        is_doubtful=(measure is Measure.MARGIN and now.standing.is_estimated) or (is_asked and value == UNKNOWN),
    )


def amount(measure: Measure, value: int) -> str:
    """Return a value in the engine's units as people read it."""
    if value == UNKNOWN:
        return _("not known")
    if measure.is_money:
        return wording.money(value, settings.HOUSE_CURRENCY)
    return wording.figure(Decimal(value) / 100 if measure in _IN_HUNDREDTHS else Decimal(value))


def unit(measure: Measure) -> str:
    """Return what a measure is counted in."""
    if measure.is_money:
        return settings.HOUSE_CURRENCY
    if measure in _RATED:
        return _("out of 100")
    if measure in (Measure.RECENCY, Measure.TENURE):
        return _("days")
    return _("orders") if measure is Measure.ORDERS else _("contacts")


def _bar(now: Situation, rule: Rule, level: int | None, measure: Measure) -> Bar | None:
    if now.scheme is None or now.ladder is None or level is None:
        return None
    tier = now.ladder.tiers[level].pk
    return next(
        (bar for bar in now.scheme.bars.all() if (bar.tier_id, bar.rule, bar.measure) == (tier, rule, measure)), None
    )


def _bar_words(measure: Measure, bar: Bar | None, cut: int | None) -> str:
    if bar is None:
        return ""
    if bar.basis == Basis.SHARE:
        names = {"share": wording.figure(bar.value)}
        if cut is None or cut == explanation.OUT_OF_REACH:
            return _("best %(share)s %%, not worked out yet") % names
        return _("best %(share)s %%: from %(value)s on") % (names | {"value": amount(measure, cut)})
    words = _("at most %(value)s") if measure in AT_MOST else _("at least %(value)s")
    return words % {"value": amount(measure, in_units(measure, bar.value))}


def _distance(measure: Measure, value: int, cut: int | None, kept: int | None) -> str:
    for bar, is_entry in ((cut, True), (kept, False)):
        if bar is None:
            continue
        gap = explanation.gaps({measure: value}, Bars({str(measure): bar}))
        if gap:
            missing = gap[str(measure)]
            if missing is None:
                return _("not known")
            words = _("%(value)s to go") if is_entry else _("%(value)s short of staying")
            return words % {"value": amount(measure, missing)}
        if is_entry:
            return _("met")
        return _("%(value)s to spare") % {"value": amount(measure, abs(value - bar))}
    return ""


def _weight(parts: int, of: int) -> str:
    return _("%(parts)d of %(of)d parts") % {"parts": parts, "of": of} if parts else ""


def _source(now: Situation, measure: Measure, value: int) -> str:
    """Return where a value comes from and until when it was counted."""
    names = {"day": wording.day(now.counted_on, now.on) if now.counted_on else "", "scheme": now.scheme or ""}
    if now.moved_on:
        return _("as it was when the tier changed on %(day)s") % names
    if measure is Measure.SCORE:
        return _("the weights of %(scheme)s") % names
    if value == UNKNOWN:
        return _("nothing recorded")
    if measure is Measure.MARGIN and now.standing.is_estimated:
        return _("orders until %(day)s, partly estimated") % names
    if measure in _ORDERS:
        return _("orders until %(day)s") % names
    if measure is Measure.PREDICTED:
        return _("predicted from orders until %(day)s") % names
    if measure is Measure.COST:
        return _("contacts, gestures and returns until %(day)s") % names
    if measure is Measure.ENGAGEMENT:
        return _("contacts until %(day)s") % names
    return _("ratings brought in until %(day)s") % names
