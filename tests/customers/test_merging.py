"""Two customers turn out to be one: nothing is lost, old ways lead there, and it can be undone row by row."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from customers.models import (
    Consent,
    ContactPoint,
    Customer,
    Interaction,
    NameWord,
    Preference,
    Rating,
    Segment,
    SegmentMember,
)
from customers.selectors.merged import same_person, survivor
from customers.selectors.search import find_customers
from customers.services.erasing import erase_customer
from customers.services.following import ensure_following
from customers.services.merges import undo_merge
from customers.services.moving import columns, why_it_stays
from customers.services.people import add_customer, change_customer
from feedback.models import Recovery
from portal.roles import Role
from tests.customers.merging import merge, rows_of
from tests.factories import make_customer, make_email, make_interaction, make_order, make_user
from tests.portal.known import make_known_customer
from tests.portal.worlds import give_tier, make_phone, make_recovery, make_tiers
from tiers.models import Measures, Override, Standing
from tiers.services.overrides import set_override
from tiers.services.runs import retier_touched

pytestmark = pytest.mark.django_db

# Numbers of customers that are no foreign keys, and why they stay.
NUMBERS_THAT_STAY = {"portal.reading": "the trail says whose page was opened"}


# --- which tables ---


def test_every_table_that_knows_a_customer_is_moved_or_stays_for_a_reason() -> None:
    moved = {(column.model, column.field.name) for column in columns()}
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if field.related_model is Customer:
                assert (model, field.name) in moved or why_it_stays(model), f"{model._meta.label}.{field.name}"
            elif str(field.column).endswith("customer_id"):
                history = getattr(model, "pgh_tracked_model", None)
                assert history or model._meta.label_lower in NUMBERS_THAT_STAY, model._meta.label
    assert len(moved) >= 15


def test_a_table_that_nobody_named_is_found() -> None:
    """The control: the walk above would see a new table, and the merging would move its rows."""

    class Whim(models.Model):
        objects: models.Manager[Any] = models.Manager()
        whose = models.ForeignKey(Customer, on_delete=models.CASCADE)

        class Meta:
            app_label = "portal"

        def __str__(self) -> str:
            return ""

    try:
        assert (Whim, "whose") in {(column.model, column.field.name) for column in columns()}
        with connection.schema_editor() as editor:
            editor.create_model(Whim)
        assert ensure_following() == ["portal_whim"]
        one, other = make_customer(), make_customer()
        before = Whim.objects.create(whose=other)
        made = merge(one, other)
        after = Whim.objects.create(whose=other)
        assert set(Whim.objects.values_list("whose", flat=True)) == {one.pk}
        undo_merge(merge=made, by=None)
        assert dict(Whim.objects.values_list("pk", "whose")) == {before.pk: other.pk, after.pk: one.pk}
    finally:
        # The table goes with the test's transaction.
        del apps.all_models["portal"]["whim"]
        apps.clear_cache()


def test_each_of_them_is_followed_by_a_trigger() -> None:
    assert ensure_following() == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'zz_follow_merge%'")
        have = {row[0] for row in cursor.fetchall()}
    assert have == {column.model._meta.db_table for column in columns()}


# --- everything moves ---


def test_every_fact_moves_and_none_is_left_with_the_one_that_went_in() -> None:
    one, other = make_customer(), make_known_customer(2)
    counted = {name: len(rows) for name, rows in rows_of(one, other).items()}
    made = merge(one, other)
    for name, rows in rows_of(other).items():
        assert not rows or name == "customers.customer", name
    assert {name: len(rows) for name, rows in rows_of(one, other).items()} == counted
    other.refresh_from_db()
    assert other.merged_into == one
    assert survivor(other) == one
    assert same_person(one) == [other]
    assert made.steps.count() > 10
    assert not Measures.objects.filter(customer=other).exists()


def test_whoever_is_neither_of_the_two_is_left_alone() -> None:
    third = make_known_customer(3)
    before, measured = rows_of(third), Measures.objects.filter(customer=third).values()
    assert (measures := list(measured))
    made = merge(make_customer(), make_known_customer(2))
    assert (rows_of(third), list(measured.all())) == (before, measures)
    undo_merge(merge=made, by=None)
    assert (rows_of(third), list(measured.all())) == (before, measures)


def test_what_both_have_is_not_lost_and_stands_once() -> None:
    one, other = make_customer(), make_customer()
    for who in (one, other):
        make_email(who, "same@mail.example")
        Preference.objects.create(customer=who, text="A quiet room")
        Segment.objects.get_or_create(slug="s", defaults={"name": "S", "kind": "geographic"})[0].members.create(
            customer=who
        )
    Preference.objects.create(customer=other, text="Tea")
    Rating.objects.create(customer=one, kind="influence", value=10, source="a", as_of=date(2025, 1, 1))
    Rating.objects.create(customer=other, kind="influence", value=90, source="b", as_of=date(2026, 1, 1))
    Rating.objects.create(customer=other, kind="advocacy", value=50, source="b", as_of=date(2026, 1, 1))
    before = rows_of(one, other)
    made = merge(one, other)
    assert one.contact_points.count() == 1
    assert set(one.preferences.values_list("text", flat=True)) == {"A quiet room", "Tea"}
    assert SegmentMember.objects.filter(customer=one).count() == 1
    assert dict(one.ratings.values_list("kind", "value")) == {"influence": 90, "advocacy": 50}
    assert {len(rows) for rows in rows_of(one, other).values()} == {len(rows) for rows in before.values()}
    assert undo_merge(merge=made, by=None)
    assert rows_of(one, other) == before


def test_of_two_preferred_numbers_the_survivors_stays_preferred_and_both_can_be_dialled() -> None:
    one, other = make_customer(), make_customer()
    for number, who in enumerate((one, other)):
        make_phone(who, f"+44207946012{number}")
    ContactPoint.objects.update(is_preferred=True)
    before = rows_of(one, other)
    made = merge(one, other)
    assert list(one.contact_points.order_by("pk").values_list("is_preferred", flat=True)) == [True, False]
    undo_merge(merge=made, by=None)
    assert rows_of(one, other) == before


def test_both_have_open_contacts_and_recoveries() -> None:
    agent, colleague = make_user(), make_user()
    one, other = make_customer(), make_customer()
    older = make_interaction(one, agent=agent, opened_at=timezone.now() - timedelta(days=1))
    newer = make_interaction(other, agent=agent)
    third = make_interaction(other, agent=colleague)
    for who in (one, other):
        make_recovery(who, agent)
    before = rows_of(one, other)
    made = merge(one, other)
    assert set(Interaction.objects.open().filter(customer=one)) == {newer, third}
    older.refresh_from_db()
    assert older.closed_itself
    assert Recovery.objects.open().filter(customer=one).count() == 2
    undo_merge(merge=made, by=None)
    assert rows_of(one, other) == before


def test_who_is_chosen_and_what_was_blank() -> None:
    one = make_customer(full_name="Customer A", city="Leeds", customer_since=date(2024, 5, 1))
    other = make_customer(
        full_name="Customer B", city="York", known_as="Bee", time_zone="Europe/London", customer_since=date(2020, 1, 1)
    )
    made = merge(one, other, taken=["full_name"])
    one.refresh_from_db()
    assert (one.full_name, one.city, one.known_as, one.time_zone) == ("Customer B", "Leeds", "Bee", "Europe/London")
    assert one.customer_since == date(2020, 1, 1)
    change_customer(customer=one, city="Hull")
    undo_merge(merge=made, by=None)
    one.refresh_from_db()
    assert (one.full_name, one.city, one.known_as) == ("Customer A", "Hull", ""), "what was changed since stays"


def test_nothing_is_chosen_where_there_is_nothing() -> None:
    one = make_customer(city="Leeds", customer_since=date(2024, 5, 1))
    merge(one, make_customer(city="", customer_since=None), taken=["city", "customer_since"])
    one.refresh_from_db()
    assert (one.city, one.customer_since) == ("Leeds", date(2024, 5, 1))


def test_they_are_found_by_either_name() -> None:
    one, _ = add_customer(full_name="Adele Customer")
    other, _ = add_customer(full_name="Bruno Customer")
    made = merge(one, other)
    assert set(one.name_words.values_list("word", flat=True)) == {"adele", "bruno", "customer"}
    undo_merge(merge=made, by=None)
    assert set(one.name_words.values_list("word", flat=True)) == {"adele", "customer"}
    assert set(other.name_words.values_list("word", flat=True)) == {"bruno", "customer"}


def test_they_are_found_by_every_name_after_one_has_changed() -> None:
    one, _ = add_customer(full_name="Adele Customer")
    other, _ = add_customer(full_name="Bruno Customer")
    third, _ = add_customer(full_name="Chloe Customer")
    merge(other, third)
    made = merge(one, other)
    one.refresh_from_db()
    change_customer(customer=one, full_name="Adele Married")
    all_words = {"adele", "married", "bruno", "chloe", "customer"}
    assert set(one.name_words.values_list("word", flat=True)) == all_words
    found = {text: find_customers(user=make_user(), text=text) for text in ("married", "adele chl")}
    assert {text: [(row.customer, row.why) for row in rows] for text, rows in found.items()} == {
        "married": [(one, "Name: married")],
        "adele chl": [(one, "Name before a merging: adele chl")],
    }
    assert undo_merge(merge=made, by=None)
    assert set(one.name_words.values_list("word", flat=True)) == {"adele", "married"}
    assert set(other.name_words.values_list("word", flat=True)) == {"bruno", "chloe", "customer"}


def test_no_word_of_anybody_stays_after_forgetting() -> None:
    one, _ = add_customer(full_name="Adele Customer")
    other, _ = add_customer(full_name="Bruno Customer")
    merge(one, other)
    one.refresh_from_db()
    change_customer(customer=one, full_name="Adele Married")
    erase_customer(customer=one)
    assert not NameWord.objects.exists()


def test_the_newest_word_of_consent_stands() -> None:
    one, other = make_customer(), make_customer()
    for who, days, given in ((one, 3, True), (other, 1, False)):
        Consent.objects.create(
            customer=who, purpose="marketing", is_given=given, noted_at=timezone.now() - timedelta(days=days)
        )
    before = rows_of(one, other)
    made = merge(one, other)
    assert not one.consents.order_by("-noted_at")[0].is_given
    undo_merge(merge=made, by=None)
    assert rows_of(one, other) == before


# --- the tier ---


@pytest.mark.parametrize(("mine", "theirs", "after"), [(0, 2, 2), (2, 0, 2), (1, 1, 1), (None, 2, 2), (1, None, 1)])
def test_a_tier_is_never_lowered_and_comes_back(mine: int | None, theirs: int | None, after: int) -> None:
    tiers, one, other = make_tiers(), make_customer(), make_customer()
    for who, place in ((one, mine), (other, theirs)):
        if place is not None:
            give_tier(who, tiers[place])
    Standing.objects.filter(customer=other).update(held_until=date(2027, 1, 1))
    made = merge(one, other)
    assert Standing.objects.present().get(customer=one).tier == tiers[after]
    assert not Standing.objects.present().filter(customer=other).exists()
    if theirs is not None and after == theirs:
        assert Standing.objects.present().get(customer=one).held_until == date(2027, 1, 1)
    undo_merge(merge=made, by=None)
    for who, place in ((one, mine), (other, theirs)):
        present = Standing.objects.present().filter(customer=who).first()
        assert (present and present.tier) == (None if place is None else tiers[place])


def test_the_ordinary_look_leaves_them_there_and_counts_what_both_bought() -> None:
    one, other = make_customer(), make_customer()
    for who in (one, other):
        make_order(who, "100.00")
    retier_touched()
    made = merge(one, other)
    retier_touched()
    assert Measures.objects.get(customer=one).orders == 2
    assert not Measures.objects.filter(customer=other).exists()
    assert not Standing.objects.present().filter(customer=other).exists()
    undo_merge(merge=made, by=None)
    retier_touched()
    assert list(Measures.objects.order_by("customer").values_list("customer", "orders")) == [(one.pk, 1), (other.pk, 1)]


@pytest.mark.parametrize(
    ("mine", "theirs", "stands"),
    [
        (("ceiling", 1), ("floor", 2), ("floor", 2)),
        (("floor", 1), ("ceiling", 2), ("floor", 1)),
        (("lock", 1), ("ceiling", 2), ("lock", 1)),
        (("floor", 1), ("lock", 2), ("lock", 2)),
        (("ceiling", 2), ("ceiling", 1), ("ceiling", 2)),
    ],
)
def test_of_two_overrides_the_kinder_one_stands(
    mine: tuple[str, int], theirs: tuple[str, int], stands: tuple[str, int]
) -> None:
    tiers, one, other, owner = make_tiers(), make_customer(), make_customer(), make_user(Role.MANAGER)
    for who, (kind, place) in ((one, mine), (other, theirs)):
        set_override(customer=who, kind=kind, tier=tiers[place], reason="So", owner=owner, ends_on=None)
    before = rows_of(one, other)
    made = merge(one, other, by=owner)
    (live,) = Override.objects.live()
    assert (live.customer, live.kind, live.tier) == (one, stands[0], tiers[stands[1]])
    assert Override.objects.filter(customer=one).count() == 2
    undo_merge(merge=made, by=owner)
    assert rows_of(one, other)["tiers.override.customer"] == before["tiers.override.customer"]
