"""Which tier somebody has, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from customers.models import Customer, Incident, Order
from tiers import days, explanation
from tiers.engine import Bars
from tiers.enums import Rule, SchemeState
from tiers.explanation import Held, Hold
from tiers.models import Bar, Measures, Perk, Standing, Tier
from tiers.selectors import wording
from tiers.selectors.rules import bars_by_tier


@dataclass(frozen=True, slots=True)
class Explained:
    """A customer's tier with its reason. `measures` is None for readers who may not see margin.

    `held_until`: the first day on which a move down is possible again, or None where nothing holds the tier (or
    nobody can say until when).
    """

    tier: Tier
    sentence: str
    since: date
    held_until: date | None
    perks: list[str]
    next_tier: Tier | None
    measures: Measures | None


def present_tiers(customer_ids: Iterable[int]) -> dict[int, Tier]:
    """Return the tier of each customer who has one, by primary key (1 query)."""
    standings = Standing.objects.filter(customer__in=list(customer_ids), valid_until=None).select_related("tier")
    return {standing.customer_id: standing.tier for standing in standings}


def explain(*, customer: Customer, shows_margin: bool) -> Explained | None:
    """Return a customer's tier with its reason in plain words (2 queries), or None for somebody without a tier yet.

    Without `shows_margin` neither the sentence nor anything else gives money away, not even how far a bar is.
    """
    today = timezone.localdate()
    standing = _present(customer, today).first()
    if standing is None:
        return None
    bars = list(_entry_bars())
    by_tier = {tier: found for (_, tier), found in bars_by_tier(bars).items()}
    higher = [bar.tier for bar in bars if bar.tier.rank > standing.tier.rank]
    next_tier = min(higher, key=lambda tier: tier.rank, default=None)
    held = explanation.held(
        held_until=standing.held_until,
        below_since=standing.below_since,
        grace_days=bars[0].scheme.grace_days if bars else 0,
        is_frozen=standing.is_frozen,
        today=today,
    )
    measures: Measures | None = getattr(standing.customer, "measures", None)
    next_bars = by_tier[next_tier.pk] if next_tier else Bars()
    return Explained(
        tier=standing.tier,
        sentence=_sentence(standing, measures, next_tier, next_bars, held, today, shows_margin=shows_margin),
        since=days.day_of(standing.valid_from, settings.TIME_ZONE),
        held_until=held.until if held.by is not Hold.NOTHING and held.until and held.until > today else None,
        perks=standing.perks,
        next_tier=next_tier,
        measures=measures if shows_margin else None,
    )


def _present(customer: Customer, today: date) -> QuerySet[Any]:
    """Return the present standing with the measures, the tier's perks, and what else the sentence speaks of."""
    window = days.window(today, settings.TIME_ZONE)
    perks = Perk.objects.filter(tier=OuterRef("tier")).order_by("position", "pk").values("text")
    incidents = Incident.objects.open().filter(customer=OuterRef("customer"), is_our_fault=True)
    estimated = Order.objects.filter(
        customer=OuterRef("customer"),
        is_margin_estimated=True,
        is_our_fault=False,
        placed_at__gte=window.begins,
        placed_at__lt=window.ends,
    )
    return (
        Standing.objects.filter(customer=customer, valid_until=None)
        .select_related("tier", "customer__measures")
        .annotate(perks=ArraySubquery(perks), is_frozen=Exists(incidents), is_estimated=Exists(estimated))
    )


def _entry_bars() -> QuerySet[Bar]:
    return Bar.objects.filter(scheme__state=SchemeState.PUBLISHED, rule=Rule.ENTRY).select_related("tier", "scheme")


def _sentence(
    standing: Any,
    measures: Measures | None,
    next_tier: Tier | None,
    next_bars: Bars,
    held: Held,
    today: date,
    *,
    shows_margin: bool,
) -> str:
    """Return what the numbers are, how far it is to the next tier, and what holds this one: a sentence each."""
    tier, currency = standing.tier.name, settings.HOUSE_CURRENCY
    said = []
    if measures is None:
        return wording.keeping(held, today)
    cents = int(measures.margin * 100)
    said.append(
        wording.numbers(
            tier,
            margin=wording.money(cents, currency) if shows_margin else None,
            orders=measures.orders,
            is_estimated=standing.is_estimated,
        )
    )
    if next_tier is not None and (shows_margin or "margin" not in next_bars.cuts):
        numbers = explanation.one(margin=cents, orders=measures.orders, last_order=measures.last_order_on, as_of=today)
        said.append(wording.distance(explanation.gap(numbers, next_bars, today), next_tier.name, currency))
    said.append(wording.keeping(held, today))
    return " ".join(filter(None, said))
