"""Publishing a scheme, what is refused, and the scheme that a new house begins with."""

from decimal import Decimal
from threading import Event

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from tests.factories import make_user
from tests.tiers.customers_in_tiers import in_threads, until_waiting
from tiers.enums import Measure, Rule, SchemeState
from tiers.models import Bar, Perk, Scheme, Tier
from tiers.services.schemes import publish_scheme
from tiers.starter import ensure_starter_scheme


def make_draft(version: int = 2) -> Scheme:
    """A draft with the bars of the scheme that is published."""
    draft = Scheme.objects.create(version=version, name="Draft")
    for bar in Bar.objects.filter(scheme__state=SchemeState.PUBLISHED):
        Bar.objects.create(scheme=draft, tier=bar.tier, rule=bar.rule, measure=bar.measure, value=bar.value)
    return draft


def set_bar(draft: Scheme, tier: str, rule: str, measure: str, value: int | None) -> None:
    bars = draft.bars.filter(tier__slug=tier, rule=rule, measure=measure)
    if value is None:
        bars.delete()
    else:
        Bar.objects.update_or_create(
            scheme=draft,
            tier=Tier.objects.get(slug=tier),
            rule=rule,
            measure=measure,
            defaults={"value": Decimal(value)},
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
        ("family", Rule.ENTRY, {"recency": -1}, "Nobody can enter Family"),
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
