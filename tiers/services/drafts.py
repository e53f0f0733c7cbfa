"""Drafts: beginning a new version of the rules, and writing what it asks."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from tiers.engine import AT_MOST
from tiers.enums import Basis, Measure, Rule, SchemeState
from tiers.models import Bar, Scheme, Weight


class NewBar(NamedTuple):
    """What a rule asks of a measure: `value` in the measure's unit, or in per cent of all customers by share."""

    tier_id: int
    rule: Rule
    measure: Measure
    value: Decimal
    basis: Basis = Basis.VALUE


class NewWeight(NamedTuple):
    """How many parts a measure has in the score, and the value (in its unit) from which it gives all of them."""

    measure: Measure
    weight: int
    full_at: Decimal


def next_version() -> int:
    """Return the version after the newest."""
    newest: int | None = Scheme.objects.aggregate(newest=Max("version"))["newest"]
    return (newest or 0) + 1


def lock_schemes() -> None:
    """Keep others from copying, publishing or writing schemes until the transaction ends."""
    list(Scheme.objects.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def begin_scheme(
    *, name: str, hold_days: int, grace_days: int, bars: Sequence[NewBar] = (), weights: Sequence[NewWeight] = ()
) -> Scheme:
    """Make a draft with the next version and these rules, and return it. Raises as `write_rules`."""
    lock_schemes()
    draft = Scheme.objects.create(version=next_version(), name=name, hold_days=hold_days, grace_days=grace_days)
    return write_rules(scheme=draft, name=name, hold_days=hold_days, grace_days=grace_days, bars=bars, weights=weights)


@transaction.atomic
def write_rules(
    *,
    scheme: Scheme,
    name: str,
    hold_days: int,
    grace_days: int,
    bars: Sequence[NewBar],
    weights: Sequence[NewWeight],
) -> Scheme:
    """Make a draft say this and nothing else, and return it. Writing the same twice changes nothing.

    A draft may be unfinished: what keeps it from being published is asked when it is. Raises `ValidationError` with a
    sentence where a bar or a weight could not be kept, or when the scheme is no draft any more.
    """
    scheme = Scheme.objects.select_for_update(no_key=True).get(pk=scheme.pk)
    if scheme.state != SchemeState.DRAFT:
        raise ValidationError(_("This scheme has been published already. Write a new draft to change the rules."))
    if wrong := [*_wrong_bars(bars), *_wrong_weights(weights)]:
        raise ValidationError(wrong)
    scheme.name, scheme.hold_days, scheme.grace_days = name, hold_days, grace_days
    scheme.full_clean(validate_constraints=False)
    scheme.save(update_fields=["name", "hold_days", "grace_days"])
    _write_bars(scheme, bars)
    _write_weights(scheme, weights)
    return scheme


@transaction.atomic
def copy_scheme(*, scheme: Scheme, name: str | None = None) -> Scheme:
    """Make a draft with the rules of a scheme in any state, and return it. Each call makes one."""
    # In step with others who copy, so that two do not take the same version.
    lock_schemes()
    draft = Scheme.objects.create(
        version=next_version(),
        name=name or _("Copy of %s") % scheme.name[:100],
        hold_days=scheme.hold_days,
        grace_days=scheme.grace_days,
    )
    Bar.objects.bulk_create(
        Bar(scheme=draft, tier_id=bar.tier_id, rule=bar.rule, measure=bar.measure, basis=bar.basis, value=bar.value)
        for bar in scheme.bars.all()
    )
    Weight.objects.bulk_create(
        Weight(scheme=draft, measure=part.measure, weight=part.weight, full_at=part.full_at)
        for part in scheme.weights.all()
    )
    return draft


def _wrong_bars(bars: Iterable[NewBar]) -> Iterable[str]:
    seen = set()
    for bar in bars:
        names = {"rule": bar.rule.label, "measure": bar.measure.label}
        if bar[:3] in seen:
            yield _("“%(measure)s” has two bars for one rule (%(rule)s). Keep one.") % names
        seen.add(bar[:3])
        if bar.basis == Basis.SHARE and bar.measure in AT_MOST:
            yield _("“The best so many per cent” has no sense for “%(measure)s”. Set a value.") % names
        elif bar.basis == Basis.SHARE and not 0 < bar.value <= 100:
            yield _("“%(measure)s”: a share is more than 0 and at most 100 per cent.") % names


def _wrong_weights(weights: Iterable[NewWeight]) -> Iterable[str]:
    seen = set()
    for part in weights:
        names = {"measure": part.measure.label}
        if part.measure in seen:
            yield _("“%(measure)s” is in the score twice. Keep one.") % names
        seen.add(part.measure)
        if part.measure is Measure.SCORE:
            yield _("The score cannot be a part of itself.")
        if not 1 <= part.weight <= 100:
            yield _("“%(measure)s”: the parts go from 1 to 100.") % names
        if part.full_at <= 0:
            yield _("“%(measure)s”: the value that gives all parts has to be more than 0.") % names


def _write_bars(scheme: Scheme, bars: Sequence[NewBar]) -> None:
    before = {(bar.tier_id, bar.rule, bar.measure): bar for bar in scheme.bars.all()}
    now = {(bar.tier_id, str(bar.rule), str(bar.measure)): bar for bar in bars}
    Bar.objects.filter(pk__in=[bar.pk for key, bar in before.items() if key not in now]).delete()
    # Rows that stay keep their keys: a preview names bars by them.
    Bar.objects.bulk_create(
        (
            Bar(
                scheme=scheme, tier_id=bar.tier_id, rule=bar.rule, measure=bar.measure, basis=bar.basis, value=bar.value
            )
            for key, bar in now.items()
            if key not in before or (before[key].basis, before[key].value) != (bar.basis, bar.value)
        ),
        update_conflicts=True,
        unique_fields=["scheme", "tier", "rule", "measure"],
        update_fields=["basis", "value"],
    )


def _write_weights(scheme: Scheme, weights: Sequence[NewWeight]) -> None:
    scheme.weights.exclude(measure__in=[part.measure for part in weights]).delete()
    Weight.objects.bulk_create(
        (Weight(scheme=scheme, measure=part.measure, weight=part.weight, full_at=part.full_at) for part in weights),
        update_conflicts=True,
        unique_fields=["scheme", "measure"],
        update_fields=["weight", "full_at"],
    )
