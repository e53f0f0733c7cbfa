"""What the database itself refuses about hints."""

from typing import Any

import pytest
from django.db import Error, connection, transaction

from portal.models import HintArm, HintOffer, HintPress, HintRule, HintShown, User
from tests.factories import make_customer, make_interaction, make_user
from tests.portal.hinting import make_shown
from tests.portal.worlds import make_tiers
from tests.refusing import refused
from tiers.models import PerkUse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"kind": "x"}, "hintshown_kind_known"),
        ({"situation": "x"}, "hintshown_situation_known"),
        ({"rank": 0}, "hintshown_rank_on_the_page"),
        ({"rank": 4}, "hintshown_rank_on_the_page"),
        ({"score": 1.5}, "hintshown_score_is_a_share"),
        ({"propensity": 0.0}, "hintshown_propensity_is_a_chance"),
        ({"outcome": "taken_back"}, "hintshown_outcome_known"),
    ],
)
def test_a_hint_that_was_shown_is_in_order(fields: dict[str, Any], name: str) -> None:
    with refused(name):
        make_shown(**fields)


def test_a_hint_is_shown_once_per_contact() -> None:
    row = make_shown()
    with refused("hintshown_once_per_contact"):
        make_shown(row.interaction, key=row.key)


def test_what_was_shown_and_said_stays_as_it_was() -> None:
    row = make_shown()
    press = HintPress.objects.create(shown=row, outcome="used", by=make_user())
    for statement, name in (
        ("UPDATE portal_hintshown SET text = 'x'", "a hint that was shown stays"),
        ("UPDATE portal_hintshown SET situation = 'owed-spoken'", "a hint that was shown stays"),
        ("DELETE FROM portal_hintshown", "Cannot delete"),
        ("UPDATE portal_hintpress SET outcome = 'wrong'", "a press on a hint stays"),
        ("DELETE FROM portal_hintpress", "Cannot delete"),
    ):
        with pytest.raises(Error, match=name), transaction.atomic():
            connection.cursor().execute(statement)
    with refused("hintpress_outcome_known"):
        HintPress.objects.create(shown=row, outcome="x")
    # A colleague may leave, and two customers may turn out to be one.
    User.objects.filter(pk=press.by_id or 0).delete()
    other = make_customer()
    HintShown.objects.update(customer=other)
    assert HintPress.objects.get().by is None


@pytest.mark.parametrize(
    ("model", "fields", "name"),
    [
        (HintRule, {"kind": "x"}, "hintrule_kind_known"),
        (HintRule, {"kind": "perk", "mode": "x"}, "hintrule_mode_known"),
        (HintRule, {"kind": "perk", "most": 0}, "hintrule_most_fits_the_page"),
        (HintRule, {"kind": "perk", "most": 4}, "hintrule_most_fits_the_page"),
        (HintOffer, {"kind": "perk", "words": "a", "text": "t", "forms": ["a"]}, "hintoffer_kind_known"),
        (HintOffer, {"kind": "plan_b", "words": "a", "text": "", "forms": ["a"]}, "hintoffer_says_something"),
        (HintOffer, {"kind": "plan_b", "words": "a", "text": "t"}, "hintoffer_has_words"),
        (HintArm, {"kind": "perk", "situation": "quiet-spoken", "shown": 1, "used": 2}, "hintarm_pressed_were_shown"),
    ],
)
def test_what_managers_decide_is_in_order(model: Any, fields: dict[str, Any], name: str) -> None:
    HintRule.objects.all().delete()
    with refused(name):
        model.objects.bulk_create([model(**fields)])


def test_once_each() -> None:
    HintArm.objects.create(kind="perk", situation="quiet-spoken", shown=1)
    with refused("hintarm_once"):
        HintArm.objects.create(kind="perk", situation="quiet-spoken", shown=1)
    perk = make_tiers()[2].perks.all()[0]
    use = PerkUse.objects.create(customer=make_customer(), perk=perk, what="x", interaction=make_interaction())
    with refused("perkuse_once_per_contact"):
        PerkUse.objects.create(customer=use.customer, perk=perk, what="x", interaction=use.interaction)
    with refused("perkuse_says_what"):
        PerkUse.objects.create(customer=use.customer, perk=perk, what="")
    perk.delete()
    use.refresh_from_db()
    assert (use.perk, use.what) == (None, "x")
