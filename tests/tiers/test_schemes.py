"""Publishing a scheme, what is refused, and the scheme that a new house begins with."""

from collections.abc import Callable
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.factories import make_user
from tests.tiers.customers_in_tiers import in_threads, until_waiting
from tiers.enums import Basis, Charge, Measure, Rule, SchemeState
from tiers.models import Bar, CostRate, Perk, Scheme, Tier, Weight
from tiers.selectors.faults import faults_of
from tiers.services.drafts import copy_scheme
from tiers.services.schemes import publish_scheme, reuse_scheme
from tiers.starter import ensure_starter_scheme


def make_draft(version: int = 2) -> Scheme:
    """A draft with the bars of the scheme that is published."""
    draft = Scheme.objects.create(version=version, name="Draft")
    for bar in Bar.objects.filter(scheme__state=SchemeState.PUBLISHED):
        Bar.objects.create(scheme=draft, tier=bar.tier, rule=bar.rule, measure=bar.measure, value=bar.value)
    return draft


def set_bar(draft: Scheme, tier: str, rule: str, measure: str, value: float | None, basis: str = Basis.VALUE) -> None:
    bars = draft.bars.filter(tier__slug=tier, rule=rule, measure=measure)
    if value is None:
        bars.delete()
    else:
        Bar.objects.update_or_create(
            scheme=draft,
            tier=Tier.objects.get(slug=tier),
            rule=rule,
            measure=measure,
            defaults={"value": Decimal(str(value)), "basis": basis},
        )


@pytest.mark.django_db
def test_a_new_house_has_a_published_scheme_of_four_tiers() -> None:
    scheme = Scheme.objects.get()
    assert (scheme.state, scheme.version, scheme.published_by) == (SchemeState.PUBLISHED, 1, None)
    assert list(Tier.objects.values_list("rank", "slug", "name", "shape", "recovery_hours")) == [
        (1, "guest", "Guest", "circle", 72),
        (2, "regular", "Regular", "square", 48),
        (3, "house-guest", "House guest", "diamond", 24),
        (4, "family", "Family", "star", 8),
    ]
    assert scheme.bars.count() == 18
    assert all(Perk.objects.filter(tier=tier).exists() for tier in Tier.objects.all())
    assert not Perk.objects.filter(yearly_cost=0, yearly_minutes=0).exists()
    assert set(CostRate.objects.values_list("what", flat=True)) == set(Charge.values)
    assert not ensure_starter_scheme()


@pytest.mark.django_db
def test_publishing_retires_the_old_scheme() -> None:
    old, draft, manager = Scheme.objects.get(), make_draft(), make_user("manager")
    set_bar(draft, "family", Rule.ENTRY, Measure.MARGIN, 3000)
    published = publish_scheme(scheme=draft, by=manager)
    old.refresh_from_db()
    assert (published.state, published.published_by) == (SchemeState.PUBLISHED, manager)
    assert (old.state, old.retired_at is None) == (SchemeState.RETIRED, False)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["published", "retired"])
def test_only_a_draft_is_published(state: str) -> None:
    scheme = Scheme.objects.get()
    if state == "retired":
        publish_scheme(scheme=make_draft(), by=None)
    with pytest.raises(ValidationError, match="published already"):
        publish_scheme(scheme=scheme, by=None)
    assert Scheme.objects.filter(state=SchemeState.PUBLISHED).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tier", "rule", "changes", "sentence"),
    [
        (
            "family",
            Rule.ENTRY,
            {"margin": None, "orders": None, "recency": None},
            "Family has no bars for entering: everybody would be in it.",
        ),
        ("guest", Rule.ENTRY, {"orders": 1}, "Guest is the lowest tier and open to all"),
        ("guest", Rule.KEEP, {"orders": 1}, "Guest is the lowest tier and open to all"),
        ("family", Rule.KEEP, {"margin": 2001}, "Staying in Family asks more than entering it"),
        ("family", Rule.KEEP, {"orders": 11}, "Staying in Family asks more than entering it"),
        ("family", Rule.KEEP, {"recency": 89}, "Staying in Family asks more than entering it"),
        ("family", Rule.ENTRY, {"recency": None}, "Family is easier to enter than House guest below it"),
        ("house-guest", Rule.ENTRY, {"margin": 2001}, "Family is easier to enter than House guest below it"),
        ("family", Rule.ENTRY, {"recency": -1}, "Nobody can enter Family: a recent order needs at least 0 days"),
        ("family", Rule.ENTRY, {"orders": 100_001}, "Nobody can enter Family: “Orders in 12 months” is never above"),
        ("family", Rule.ENTRY, {"influence": 101}, "Nobody can enter Family: “Influence” is never above 100"),
        ("family", Rule.KEEP, {"advocacy": 101}, "Nobody can stay in Family: “Advocacy” is never above 100"),
        ("family", Rule.ENTRY, {"cost": -1}, "Nobody can enter Family: “Cost to serve in 12 months” is never below 0"),
        ("family", Rule.ENTRY, {"score": 50}, "Family asks for a score, and nothing has a weight"),
        (
            "family",
            Rule.KEEP,
            {"tenure": 30},
            "Family asks more than entering it .Days since the first order.: whoever",
        ),
        ("house-guest", Rule.ENTRY, {"margin": 2000, "orders": 10, "recency": 90}, "ask the same for entering"),
        ("regular", Rule.ENTRY, {"margin": None, "orders": 0, "recency": None}, "Regular asks for nothing to enter"),
    ],
)
def test_a_scheme_that_cannot_work_is_refused(
    tier: str, rule: str, changes: dict[str, int | None], sentence: str
) -> None:
    draft = make_draft()
    for measure, value in changes.items():
        set_bar(draft, tier, rule, measure, value)
    with pytest.raises(ValidationError, match=sentence):
        publish_scheme(scheme=draft, by=None)
    draft.refresh_from_db()
    assert draft.state == SchemeState.DRAFT
    assert Scheme.objects.get(version=1).state == SchemeState.PUBLISHED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("bars", "sentence"),
    [
        (
            [("family", Rule.ENTRY, Measure.MARGIN, 10), ("house-guest", Rule.ENTRY, Measure.MARGIN, 10)],
            "Family takes the best 10 % by “Margin in 12 months” and House guest below it the best 10 %",
        ),
        (
            [("family", Rule.ENTRY, Measure.MARGIN, 12), ("regular", Rule.ENTRY, Measure.MARGIN, 10)],
            "Family takes the best 12 % by “Margin in 12 months” and Regular below it the best 10 %",
        ),
        (
            [("family", Rule.ENTRY, Measure.MARGIN, 5), ("family", Rule.KEEP, Measure.MARGIN, 4.5)],
            "staying is for the best 4.5 % by “Margin in 12 months” and entering for the best 5 %",
        ),
        ([("family", Rule.ENTRY, Measure.RECENCY, 5)], "“the best so many per cent” has no sense for “Days since the"),
        ([("family", Rule.ENTRY, Measure.COST, 5)], "“the best so many per cent” has no sense for “Cost to serve"),
    ],
)
def test_shares_that_cannot_work_are_refused(bars: list[tuple[str, Rule, Measure, float]], sentence: str) -> None:
    draft = make_draft()
    for tier, rule, measure, share in bars:
        set_bar(draft, tier, rule, measure, share, Basis.SHARE)
    assert any(sentence in fault for fault in faults_of(draft)), faults_of(draft)
    with pytest.raises(ValidationError):
        publish_scheme(scheme=draft, by=None)


@pytest.mark.django_db
def test_a_share_above_a_value_is_no_fault_and_neither_is_a_score_in_the_place_of_a_margin() -> None:
    draft = make_draft()
    set_bar(draft, "family", Rule.ENTRY, Measure.MARGIN, 5, Basis.SHARE)
    assert faults_of(draft) == []
    set_bar(draft, "family", Rule.ENTRY, Measure.MARGIN, None)
    set_bar(draft, "family", Rule.KEEP, Measure.MARGIN, None)
    set_bar(draft, "family", Rule.ENTRY, Measure.SCORE, 70)
    draft.weights.create(measure=Measure.MARGIN, weight=1, full_at=2000)
    assert faults_of(draft) == []


@pytest.mark.django_db
def test_faults_take_three_queries(django_assert_num_queries: Any) -> None:
    draft = make_draft()
    with django_assert_num_queries(3):
        faults_of(draft)


@pytest.mark.django_db
def test_a_copy_has_the_weights_and_what_bars_are_counted_in() -> None:
    draft = make_draft()
    set_bar(draft, "family", Rule.ENTRY, Measure.MARGIN, 5, Basis.SHARE)
    draft.weights.create(measure=Measure.ORDERS, weight=3, full_at=20)
    copy = copy_scheme(scheme=draft)
    rows = ("tier", "rule", "measure", "basis", "value")
    assert set(copy.bars.values_list(*rows)) == set(draft.bars.values_list(*rows))
    assert copy.weights.values_list("measure", "weight", "full_at").get() == (Measure.ORDERS, 3, Decimal(20))


@pytest.mark.django_db
def test_a_retired_scheme_is_used_again_and_only_a_retired_one() -> None:
    first, manager = Scheme.objects.get(), make_user("manager")
    second = publish_scheme(scheme=make_draft(), by=manager)
    first.refresh_from_db()
    again = reuse_scheme(scheme=first, by=manager)
    assert (again.state, again.version, again.name, again.bars.count()) == (SchemeState.PUBLISHED, 3, first.name, 18)
    second.refresh_from_db()
    assert second.state == SchemeState.RETIRED
    with pytest.raises(ValidationError, match="Only a retired scheme"):
        reuse_scheme(scheme=again, by=manager)


@pytest.mark.django_db
def test_what_cannot_be_used_again_leaves_no_copy_behind() -> None:
    first = Scheme.objects.get()
    publish_scheme(scheme=make_draft(), by=None)
    first.refresh_from_db()
    Tier.objects.create(rank=5, slug="crown", name="Crown", shape="star")
    with pytest.raises(ValidationError, match="Crown has no bars"):
        reuse_scheme(scheme=first, by=make_user("manager"))
    assert Scheme.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_first", [True, False])
def test_of_two_published_at_once_one_gets_a_sentence(*, is_first: bool) -> None:
    one, other = make_draft(2), make_draft(3)
    if is_first:
        Scheme.objects.filter(version=1).update(state=SchemeState.RETIRED, retired_at=timezone.now())
    is_locked = Event()

    def publish_other() -> Scheme:
        is_locked.wait(30)
        return publish_scheme(scheme=other, by=None)

    with in_threads(publish_other) as results, transaction.atomic():
        publish_scheme(scheme=one, by=None)
        is_locked.set()
        until_waiting(1)
    assert "A colleague has just published another scheme" in str(results[0])
    assert Scheme.objects.get(state=SchemeState.PUBLISHED) == one


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", ["published", "retired"])
def test_bars_and_weights_of_what_was_published_are_fixed_in_the_database(state: str) -> None:
    draft = make_draft()
    Weight.objects.create(scheme=draft, measure=Measure.MARGIN, weight=1, full_at=100)
    publish_scheme(scheme=draft, by=None)
    if state == "retired":
        publish_scheme(scheme=make_draft(3), by=None)
    family = Tier.objects.get(slug="family")
    deeds: dict[str, list[Callable[[], object]]] = {
        "bar_of_published_is_fixed": [
            lambda: draft.bars.update(value=1),
            lambda: draft.bars.update(basis=Basis.SHARE),
            lambda: draft.bars.all().delete(),
            lambda: Bar.objects.create(scheme=draft, tier=family, rule=Rule.KEEP, measure=Measure.TENURE, value=1),
            lambda: Bar.objects.filter(scheme__version=1).update(scheme=draft),
        ],
        "weight_of_published_is_fixed": [
            lambda: draft.weights.update(weight=2),
            lambda: draft.weights.all().delete(),
            lambda: Weight.objects.create(scheme=draft, measure=Measure.ORDERS, weight=1, full_at=1),
        ],
        "scheme_published_is_fixed": [
            lambda: Scheme.objects.filter(pk=draft.pk).update(hold_days=1),
            lambda: Scheme.objects.filter(pk=draft.pk).update(state=SchemeState.DRAFT, published_at=None),
        ],
    }
    for name, ways_round in deeds.items():
        for go_round in ways_round:
            with pytest.raises(IntegrityError, match="cannot be changed") as refused, transaction.atomic():
                go_round()
            assert refused.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


@pytest.mark.django_db
def test_a_tier_may_be_for_life() -> None:
    """No bars for staying: whoever entered stays."""
    draft = make_draft()
    draft.bars.filter(tier__slug="family", rule=Rule.KEEP).delete()
    assert publish_scheme(scheme=draft, by=None).state == SchemeState.PUBLISHED


@pytest.mark.django_db(transaction=True)
def test_a_bar_written_while_its_scheme_is_published_is_refused() -> None:
    """Publishing waits for a bar that is being written, and a bar that comes during the publishing is refused."""
    draft, family = make_draft(), Tier.objects.get(slug="family")
    Bar.objects.filter(scheme=draft, tier=family, rule=Rule.KEEP, measure=Measure.MARGIN).delete()

    is_published = Event()

    def write_bar() -> None:
        is_published.wait(30)
        Bar.objects.create(scheme=draft, tier=family, rule=Rule.KEEP, measure=Measure.MARGIN, value=Decimal(1))

    with in_threads(write_bar) as results, transaction.atomic():
        publish_scheme(scheme=draft, by=None)
        is_published.set()
        until_waiting(1)
    assert "cannot be changed" in str(results[0])
    assert not draft.bars.filter(tier=family, rule=Rule.KEEP, measure=Measure.MARGIN).exists()


@pytest.mark.django_db
def test_a_tier_that_one_two_above_it_swallows_is_refused() -> None:
    draft = copy_scheme(scheme=Scheme.objects.get(state=SchemeState.PUBLISHED))
    draft.bars.all().delete()
    for tier, measure, value in (("regular", "margin", 500), ("house-guest", "orders", 10), ("family", "margin", 100)):
        Bar.objects.create(scheme=draft, tier=Tier.objects.get(slug=tier), rule="entry", measure=measure, value=value)
    # Whoever brings £500 has brought £100: they are Family, and nobody is ever Regular.
    assert faults_of(draft)
