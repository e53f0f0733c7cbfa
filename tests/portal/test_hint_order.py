"""Which hints come first, and at most three: by the manager's rules and by what was learned."""

import pytest
from django.utils import timezone

from customers.models import Customer, Interaction
from portal.models import HintArm, HintKind, HintRule, User
from tests.factories import make_interaction
from tests.portal.hinting import hints_of, shown

pytestmark = pytest.mark.django_db


def test_at_most_three_of_different_kinds(agent: User, rich: Customer) -> None:
    for _ in range(5):
        kinds = [hint.kind for hint in hints_of(rich, agent).shown]
        assert len(kinds) == 3 == len(set(kinds))
        Interaction.objects.filter(agent=agent).update(closed_at=timezone.now())
        make_interaction(rich, agent=agent)


def test_the_manager_pins_and_switches_off(agent: User, rich: Customer) -> None:
    HintRule.objects.filter(kind__in=["gesture", "preference"]).update(mode="off")
    assert set(shown(rich, agent)) == {"plan_b", "perk"}
    for kind in ("perk", "plan_b"):
        HintRule.objects.update(mode="off")
        HintRule.objects.filter(kind__in=["gesture", "preference"]).update(mode="learned")
        HintRule.objects.filter(kind=kind).update(mode="pinned")
        assert hints_of(rich, agent).shown[0].kind == kind


def test_a_house_without_rules_or_counts_has_hints(agent: User, rich: Customer) -> None:
    HintRule.objects.all().delete()
    assert len(hints_of(rich, agent).shown) == 3


def test_what_was_learned_moves_the_order(agent: User, rich: Customer) -> None:
    for kind in HintKind.values:
        HintArm.objects.create(kind=kind, situation="owed-spoken", shown=9000, used=9000 * (kind == "perk"))
    assert hints_of(rich, agent).shown[0].kind == "perk"
    # Somebody who writes is another situation, of which nothing was learned.
    make_interaction(rich, agent=agent, channel="email")
    assert hints_of(rich, agent).situation == "owed-written"
