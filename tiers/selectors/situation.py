"""What there is to know about a customer's tier on a day: the standing, the numbers, the rules, what holds it."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Customer, Incident, Order
from customers.selectors.prepared import NOBODY, Statement
from tiers import days, explanation
from tiers.engine import MEASURES, NEVER, UNKNOWN
from tiers.enums import OverrideKind, PerkChannel, RunKind, RunState, SchemeState
from tiers.exceptions import WrongDayError
from tiers.models import Bar, Measures, Move, Override, Perk, Run, Scheme, Standing, Tier, ValueFit, Weight
from tiers.selectors.measures import inputs_of, measure, values
from tiers.selectors.population import Handful
from tiers.selectors.rules import Ladder, ladder
from tiers.selectors.value import predicted

# Moves of one day that follow one another are microseconds apart.
_A_MOMENT = timedelta(milliseconds=1)
_TIER = tuple(column.attname for column in Tier._meta.concrete_fields)
_SCHEME = tuple(column.attname for column in Scheme._meta.concrete_fields)
# Of the customer, who stands between a standing and the numbers, nothing is asked.
_CUSTOMERS_OWN = tuple(f"customer__{own.name}" for own in Customer._meta.concrete_fields if not own.primary_key)


@dataclass(frozen=True, slots=True)
class Overridden:
    """What a colleague decided: `until` is its last day, or None. `reason` is None for readers who may not see it."""

    kind: OverrideKind
    tier: Tier
    until: date | None
    by: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Situation:
    """All of it, as of a day. `values` by the engine's names and in its units; None where nobody has counted yet.

    `measures`: the same as a row (of a day that has passed, one that is not saved). `scheme` and `ladder`: the rules
    that were in force, None without any. `counted_on`: the day up to which the numbers were counted. `moved_on`: the
    day of the move whose numbers these are, or None.
    """

    on: date
    standing: Any
    tier: Tier
    values: dict[str, int] | None
    measures: Measures | None
    counted_on: date | None
    moved_on: date | None
    scheme: Scheme | None
    ladder: Ladder | None
    override: Overridden | None

    @property
    def level(self) -> int:
        """The tier's place among the tiers, 0 for the lowest."""
        tiers = self.ladder.tiers if self.ladder else []
        return next((level for level, tier in enumerate(tiers) if tier.pk == self.tier.pk), 0)


def situation(customer: Customer, on: date | None = None) -> Situation | None:
    """Return what there is to know about a customer's tier at the end of a day, or None before the first standing.

    Today in 1 query, out of the kept numbers; a day that has passed out of the facts, unless a move on that day kept
    the numbers it was decided on. Raises `WrongDayError` for a day to come.
    """
    today = timezone.localdate()
    if on is not None and on > today:
        raise WrongDayError(_("That day has not come yet: choose today or a day before."))
    if on is None or on == today:
        return _present(customer, today)
    # In the first years of the calendar there are no twelve months to look back on.
    return _past(customer, on) if on.year > date.min.year + 1 else None


def _present(customer: Customer, today: date) -> Situation | None:
    standings = present_standing(today).fetch(customer=customer.pk)
    return situation_of(standings[0], today) if standings else None


def situation_of(standing: Any, today: date) -> Situation:
    """Return what there is to know about somebody's tier now, given what `present_standing` finds of them."""
    found, scheme = _read_published(standing.published_) if standing.published_ else (None, None)
    row: Measures | None = getattr(standing.customer, "measures", None)
    values = _values_of(row, today) if row else None
    if values and found:
        values["score"] = explanation.score(values, found.rules.weights)
    return Situation(
        on=today,
        standing=standing,
        tier=standing.tier,
        values=values,
        measures=row,
        counted_on=row.as_of if row else None,
        moved_on=None,
        scheme=scheme,
        ladder=found,
        override=_override(standing, found, standing.tier),
    )


@lru_cache(maxsize=4)
def present_standing(today: date) -> Statement:
    """The standing that a `customer` has, with their numbers and the rules that decide now; there is one at most."""
    standings = _standings(Customer(pk=NOBODY), today).filter(valid_until=None).annotate(published_=_published())
    return Statement(standings.select_related("customer__measures").defer(*_CUSTOMERS_OWN), customer=NOBODY)


def _past(customer: Customer, on: date) -> Situation | None:
    ends = days.end_of(on, settings.TIME_ZONE)
    standing = _standings(customer, on).at(ends + _A_MOMENT).first()
    if standing is None:
        return None
    begins = days.end_of(on - timedelta(days=1), settings.TIME_ZONE)
    move = (
        Move.objects.filter(customer=customer, run__as_of=on, moved_at__gte=begins, moved_at__lte=ends + _A_MOMENT)
        .select_related("run__value_fit")
        .order_by("-moved_at")
        .first()
    )
    scheme, cutoffs, fit = _in_force(move.run if move else None, ends)
    found = ladder(scheme, cutoffs) if scheme else None
    row, values = _counted(customer, on, fit)
    if move and move.numbers:
        values = dict.fromkeys(MEASURES, UNKNOWN) | inputs_of(move)
    elif found:
        values["score"] = explanation.score(values, found.rules.weights)
    return Situation(
        on=on,
        standing=standing,
        tier=standing.tier,
        values=values,
        measures=row,
        counted_on=on,
        moved_on=on if move and move.numbers else None,
        scheme=scheme,
        ladder=found,
        override=_override(standing, found, standing.tier),
    )


# --- the standing and what hangs on it -----------------------------------------------------------


def _standings(customer: Customer, on: date) -> Any:
    """Return standings with the tier's perks, and what else the sentences speak of, as it was at the end of a day."""
    window = days.window(on, settings.TIME_ZONE)
    perks = Perk.objects.filter(tier=OuterRef("tier")).order_by("position", "pk")
    channels = perks.exclude(channel=PerkChannel.NONE).values(json=JSONObject(kind="channel", address="address"))
    incidents = Incident.objects.filter(
        Q(resolved_at=None) | Q(resolved_at__gte=window.ends),
        customer=OuterRef("customer"),
        is_our_fault=True,
        happened_at__lt=window.ends,
    )
    estimated = Order.objects.filter(
        customer=OuterRef("customer"),
        is_margin_estimated=True,
        is_our_fault=False,
        placed_at__gte=window.begins,
        placed_at__lt=window.ends,
    )
    return (
        Standing.objects.filter(customer=customer)
        .select_related("tier")
        .annotate(
            perks=ArraySubquery(perks.values("text")),
            channels_=ArraySubquery(channels),
            is_frozen=Exists(incidents),
            is_estimated=Exists(estimated),
            overrides_=_overrides(on, window.ends),
        )
    )


def _overrides(on: date, ends: datetime) -> ArraySubquery:
    """The decision of a colleague that held at the end of a day, as the engine's bounds read it."""
    live: QuerySet[Override] = Override.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=ends),
        Q(ends_on=None) | Q(ends_on__gte=on),
        customer=OuterRef("customer"),
        created_at__lt=ends,
    )
    return ArraySubquery(
        live.order_by("-created_at", "-pk").values(
            json=JSONObject(kind="kind", tier="tier_id", until="ends_on", by="owner__display_name", reason="reason")
        )[:1]
    )


def _override(standing: Any, found: Ladder | None, own: Tier) -> Overridden | None:
    if not standing.overrides_:
        return None
    row = standing.overrides_[0]
    tiers = {tier.pk: tier for tier in (found.tiers if found else Tier.objects.all())}
    return Overridden(
        kind=OverrideKind(row["kind"]),
        tier=tiers.get(row["tier"], own),
        until=date.fromisoformat(row["until"]) if row["until"] else None,
        by=row["by"],
        reason=row["reason"],
    )


# --- the rules -----------------------------------------------------------------------------------


def _published() -> Subquery:
    """The scheme that decides now with its bars and weights, the tiers and the cut-offs, as one text."""
    known = Run.objects.filter(scheme=OuterRef("pk"), cutoffs__isnull=False).exclude(state=RunState.CANCELLED)
    newest = known.order_by("-pk").values("cutoffs")[:1]
    bars = Bar.objects.filter(scheme=OuterRef("pk")).order_by("tier__rank", "rule", "measure")
    weights = Weight.objects.filter(scheme=OuterRef("pk")).order_by("-weight", "measure")
    told = JSONObject(
        scheme=JSONObject(**{name: name for name in _SCHEME}),
        cutoffs=Subquery(newest),
        tiers=ArraySubquery(Tier.objects.order_by("rank").values(json=JSONObject(**{name: name for name in _TIER}))),
        bars=ArraySubquery(
            bars.values(
                json=JSONObject(
                    pk="pk",
                    tier_id="tier_id",
                    rule="rule",
                    measure="measure",
                    basis="basis",
                    value=Cast("value", CharField()),
                )
            )
        ),
        weights=ArraySubquery(
            weights.values(
                json=JSONObject(pk="pk", measure="measure", weight="weight", full_at=Cast("full_at", CharField()))
            )
        ),
    )
    return Subquery(Scheme.objects.filter(state=SchemeState.PUBLISHED).values(told=Cast(told, TextField())))


# The same text is the same rules: they are asked for at each look, and change once in months.
@lru_cache(maxsize=2)
def _read_published(told: str) -> tuple[Ladder, Scheme]:
    """Return the rules that decide now with the tiers, and the scheme that has them."""
    found = json.loads(told)
    columns = {column.attname: column for column in Scheme._meta.concrete_fields}
    fields = [columns[name].to_python(found["scheme"][name]) for name in _SCHEME]
    scheme: Any = Scheme.from_db(connection.alias, _SCHEME, fields)
    scheme._prefetched_objects_cache = {
        "bars": _as_prefetched(scheme.bars, [Bar(**row | {"value": Decimal(row["value"])}) for row in found["bars"]]),
        "weights": _as_prefetched(
            scheme.weights, [Weight(**row | {"full_at": Decimal(row["full_at"])}) for row in found["weights"]]
        ),
    }
    return ladder(scheme, found["cutoffs"], [Tier(**row) for row in found["tiers"]]), scheme


def _as_prefetched(manager: Any, rows: list[Any]) -> Any:
    """Return a queryset that holds these rows already, as `prefetch_related` leaves them."""
    found = manager.all()
    found._result_cache = rows
    found._prefetch_done = True
    return found


def _in_force(run: Run | None, ends: datetime) -> tuple[Scheme | None, dict[str, int] | None, ValueFit | None]:
    """Return the rules of the run that decided last at a moment with its fit, or the rules that were published then."""
    run = run or (
        Run.objects.filter(state=RunState.FINISHED, effective_at__lte=ends + _A_MOMENT)
        .exclude(kind=RunKind.TOUCHED)
        .select_related("value_fit")
        .order_by("-effective_at", "-pk")
        .first()
    )
    schemes = Scheme.objects.prefetch_related("bars", "weights")
    if run is not None:
        return schemes.get(pk=run.scheme_id), run.cutoffs, run.value_fit
    return schemes.filter(Q(retired_at=None) | Q(retired_at__gte=ends), published_at__lt=ends).first(), None, None


# --- the numbers ---------------------------------------------------------------------------------


def _counted(customer: Customer, on: date, fit: ValueFit | None) -> tuple[Measures, dict[str, int]]:
    """Return the numbers of a day that has passed, out of the facts, with what the fit of then predicts."""
    ids = np.array([customer.pk], dtype=np.int64)
    numbers = measure(Handful([customer.pk]), ids, on)
    columns = numbers.values(on.toordinal(), predicted(numbers, fit, on.toordinal()))
    values = {name: int(column[0]) for name, column in columns.items()} | {"score": UNKNOWN}
    first, last = int(numbers.first_order[0]), int(numbers.last_order[0])
    row = Measures(
        customer=customer,
        margin=Decimal(values["margin"]) / 100,
        orders=values["orders"],
        returns=int(numbers.returns[0]),
        first_order_on=date.fromordinal(first) if first else None,
        last_order_on=date.fromordinal(last) if last else None,
        predicted_margin=None if values["predicted"] == UNKNOWN else Decimal(values["predicted"]) / 100,
        cost_to_serve=Decimal(values["cost"]) / 100,
        engagement=values["engagement"],
        influence=_known(values["influence"]),
        advocacy=_known(values["advocacy"]),
        as_of=on,
    )
    return row, values


def _known(value: int) -> int | None:
    return None if value == UNKNOWN else value


def _values_of(row: Measures, on: date) -> dict[str, int]:
    """Return a row of kept numbers as the measures of a day."""

    def cents(amount: Decimal | None) -> int:
        return UNKNOWN if amount is None else int(amount * 100)

    def ordinal(day: date | None) -> int:
        return NEVER if day is None else day.toordinal()

    kept = {
        "margin": cents(row.margin),
        "orders": row.orders,
        "first_order_on": ordinal(row.first_order_on),
        "last_order_on": ordinal(row.last_order_on),
        "predicted_margin": cents(row.predicted_margin),
        "cost_to_serve": cents(row.cost_to_serve),
        "engagement": row.engagement,
        "influence": UNKNOWN if row.influence is None else row.influence,
        "advocacy": UNKNOWN if row.advocacy is None else row.advocacy,
    }
    columns = values({name: np.array([number], dtype=np.int64) for name, number in kept.items()}, on.toordinal())
    return {name: int(column[0]) for name, column in columns.items()} | {"score": UNKNOWN}
