"""Which tier somebody has, and why."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, cached_property

from django.conf import settings
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from customers.models import Customer
from customers.selectors.prepared import NOBODY, Statement
from tiers import days, explanation
from tiers.engine import AT_MOST, UNKNOWN, Bars
from tiers.enums import Measure, OverrideKind
from tiers.explanation import Held, Hold
from tiers.models import Measures, Standing, Tier
from tiers.selectors import wording
from tiers.selectors.lines import Line, amount, table
from tiers.selectors.situation import Overridden, Situation, situation, situation_of


@dataclass(frozen=True, slots=True)
class Opened:
    """A way to reach us that a tier opens: a `PerkChannel`, and its number or address as the perk has it."""

    kind: str
    address: str


@dataclass(frozen=True)
class Explained:
    """A customer's tier on a day with its reason. `measures` is None for readers who may not see margin.

    `held_until`: the first day on which a move down is possible again, or None where nothing holds the tier (or
    nobody can say until when). `table`: the numbers, for a manager. `lifts`, `lowers`, `holds`: a sentence each; what
    only some pages show is worked out when it is asked for. `safe_sentence`: what may be said to the customer.
    `channels`: the ways to reach us that it opens, each once.
    """

    tier: Tier
    sentence: str
    since: date
    held_until: date | None
    perks: list[str]
    next_tier: Tier | None
    measures: Measures | None
    on: date
    override: Overridden | None
    lifts: list[str]
    holds: list[str]
    safe_sentence: str
    channels: list[Opened]
    _now: Situation = field(repr=False)
    _shows_money: bool

    @cached_property
    def table(self) -> list[Line]:
        """A line for each measure that this reader may see."""
        return table(self._now, shows_money=self._shows_money)

    @cached_property
    def lowers(self) -> list[str]:
        """What would lower the tier."""
        rules, level = self._now.ladder.rules if self._now.ladder else None, self._now.level
        return _lowers(self._now, rules.keep[level], shows_money=self._shows_money) if rules and level else []


def present_tiers(customer_ids: Iterable[int]) -> dict[int, Tier]:
    """Return the tier of each customer who has one, by primary key (1 query)."""
    standings = _present_standings().fetch(customers=list(customer_ids))
    return {standing.customer_id: standing.tier for standing in standings}


@cache
def _present_standings() -> Statement:
    """The standings of several customers, whose keys are one array: a statement that is the same however many."""
    several = Standing.objects.annotate(
        is_wanted=RawSQL('"tiers_standing"."customer_id" = ANY(%s)', ([NOBODY],), BooleanField())
    )
    present = several.filter(is_wanted=True, valid_until=None).select_related("tier")
    return Statement(present, customers=[NOBODY])


def explain(*, customer: Customer, shows_margin: bool, on: date | None = None) -> Explained | None:
    """Return a customer's tier with its reason in plain words, or None for somebody without a tier on that day.

    Today (`on` None) in 1 query. Without `shows_margin` nothing gives money away: no margin, no prediction, no cost,
    no score, not even how far a bar on one of them is, nor a colleague's reason. Raises `WrongDayError` for a day to
    come.
    """
    now = situation(customer, on)
    return None if now is None else _explained(now, shows_money=shows_margin)


def explain_standing(standing: Standing | None, *, shows_margin: bool, today: date) -> Explained | None:
    """Return the same as `explain` does for today, of what `present_standing` found beside a customer (no query)."""
    return None if standing is None else _explained(situation_of(standing, today), shows_money=shows_margin)


def _opened(rows: list[dict[str, str]]) -> list[Opened]:
    """Return what the perks open, the first of each kind."""
    first: dict[str, Opened] = {}
    for row in rows:
        first.setdefault(row["kind"], Opened(**row))
    return list(first.values())


def _explained(now: Situation, *, shows_money: bool) -> Explained:
    rules = now.ladder.rules if now.ladder else None
    above = explanation.next_level(rules, now.level) if rules else None
    next_tier = now.ladder.tiers[above] if now.ladder and above is not None else None
    held = _held(now)
    values = now.values or {}
    lifts = _lifts(now, next_tier, rules.entry[above], shows_money=shows_money) if rules and above is not None else []
    since = values.get("tenure", UNKNOWN)
    return Explained(
        tier=now.tier,
        sentence=_sentence(now, held, lifts, next_tier, shows_money=shows_money),
        since=days.day_of(now.standing.valid_from, settings.TIME_ZONE),
        held_until=held.until if held.by is not Hold.NOTHING and held.until and held.until > now.on else None,
        perks=now.standing.perks,
        channels=_opened(now.standing.channels_),
        next_tier=next_tier,
        measures=now.measures if shows_money else None,
        on=now.on,
        override=now.override if shows_money or now.override is None else replace(now.override, reason=None),
        lifts=lifts,
        holds=_holds(now, held),
        safe_sentence=wording.safe(
            now.tier.name, orders=max(values.get("orders", 0), 0), is_regular=since not in (UNKNOWN, 0)
        ),
        _now=now,
        _shows_money=shows_money,
    )


def _held(now: Situation) -> Held:
    """Return what the rules of hold and grace keep, as far as it is recorded for that day."""
    return explanation.held(
        held_until=now.standing.held_until,
        below_since=_below_since(now),
        grace_days=now.scheme.grace_days if now.scheme else 0,
        is_frozen=now.standing.is_frozen,
        today=now.on,
    )


def _below_since(now: Situation) -> date | None:
    since: date | None = now.standing.below_since
    return since if since is not None and since <= now.on else None


def _bound(now: Situation) -> explanation.Bounded:
    """Return what a colleague's decision leaves to the numbers."""
    if now.override is None:
        return explanation.Bounded()
    kind, rank = now.override.kind, now.override.tier.rank
    return explanation.Bounded(
        lifts=kind is OverrideKind.FLOOR or rank > now.tier.rank,
        lowers=kind is OverrideKind.CEILING or rank < now.tier.rank,
    )


def _sentence(now: Situation, held: Held, lifts: list[str], next_tier: Tier | None, *, shows_money: bool) -> str:
    """Return what the numbers are, how far it is to the next tier, and what holds this one: a sentence each."""
    said = []
    bound = _bound(now)
    if now.values is not None:
        margin = now.values.get("margin", UNKNOWN)
        said.append(
            wording.numbers(
                now.tier.name,
                margin=wording.money(margin, settings.HOUSE_CURRENCY) if shows_money and margin != UNKNOWN else None,
                orders=max(now.values.get("orders", 0), 0),
                is_estimated=now.standing.is_estimated,
            )
        )
        if bound.lifts and next_tier is not None and (shows_money or not _asks_money(now, next_tier)):
            said += lifts
    if now.override is not None and not (bound.lifts and bound.lowers):
        said.append(_override_sentence(now, now.override))
    if bound.lowers:
        said.append(wording.keeping(held, now.on))
    return " ".join(filter(None, said))


def _asks_money(now: Situation, tier: Tier) -> bool:
    """Whether entering a tier asks for something that not everybody may see."""
    if now.ladder is None:
        return False
    level = now.ladder.tiers.index(tier)
    return any(Measure(name).tells_money for name in now.ladder.rules.entry[level].cuts)


def _override_sentence(now: Situation, override: Overridden) -> str:
    return wording.overridden(override.kind, override.tier.name, override.until, override.by, now.on)


def _lifts(now: Situation, tier: Tier | None, bars: Bars, *, shows_money: bool) -> list[str]:
    """Return what would bring the next tier."""
    if now.values is None or tier is None or not _bound(now).lifts:
        return []
    gaps = explanation.gaps(now.values, bars)
    if shows_money or not _asks_money(now, tier):
        return [wording.distance(gaps, tier.name, settings.HOUSE_CURRENCY)]
    open_gaps = {name: gap for name, gap in gaps.items() if not Measure(name).tells_money}
    parts = wording.missing(open_gaps, settings.HOUSE_CURRENCY)
    if not parts:
        return []
    return [_("On the way to %(tier)s: %(parts)s.") % {"tier": tier.name, "parts": wording.listed(parts)}]


def _lowers(now: Situation, bars: Bars, *, shows_money: bool) -> list[str]:
    """Return what would bring the tier down: the bars for staying, one sentence each."""
    if now.values is None or not _bound(now).lowers:
        return []
    said = []
    for name, cut in bars.cuts.items():
        measure, value = Measure(name), now.values.get(name, UNKNOWN)
        if (measure.tells_money and not shows_money) or cut == explanation.OUT_OF_REACH:
            continue
        names = {"tier": now.tier.name, "measure": measure.label, "bar": amount(measure, cut)}
        if measure is Measure.RECENCY:
            last = explanation.last_day(now.values, bars, now.on)
            if last is None:
                said.append(_("The last order is too long ago for %(tier)s; a new one puts that right.") % names)
            else:
                names["day"] = wording.day(last + timedelta(days=1), now.on)
                said.append(_("An order before %(day)s keeps %(tier)s.") % names)
            continue
        names["value"] = amount(measure, value)
        if not explanation.is_met(name, value, cut):
            said.append(_("%(measure)s is %(value)s, and staying in %(tier)s asks for %(bar)s.") % names)
        elif name in AT_MOST:
            said.append(_("%(measure)s of more than %(bar)s would lower it; it is %(value)s.") % names)
        else:
            said.append(_("%(measure)s of less than %(bar)s would lower it; it is %(value)s.") % names)
    return said


def _holds(now: Situation, held: Held) -> list[str]:
    """Return what holds the tier, and until when."""
    said = [_override_sentence(now, now.override)] if now.override else []
    said += wording.holding(held, now.on, is_frozen=now.standing.is_frozen, below_since=_below_since(now))
    return said
