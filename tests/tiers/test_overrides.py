"""Overrides: what they do to a tier, how they end, and what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Customer, Touch
from portal.models import User
from portal.roles import Role
from tests.customers.merging import merge
from tests.factories import make_customer, make_user, signed_in
from tests.portal.test_override_doors import ADD, in_admin
from tests.tiers.customers_in_tiers import make_buyer, present, tier_of
from tests.tiers.test_explanation_at_dates import ago, publish_with
from tiers import tasks
from tiers.enums import Basis, Measure, Rule
from tiers.models import Move, Override, Run, Scheme, Standing, Tier
from tiers.selectors.overrides import about_to_end, in_force
from tiers.selectors.wording import overridden
from tiers.services.overrides import end_overdue, end_override, set_override
from tiers.services.runs import cancel_run, retier, retier_touched, start_run

pytestmark = pytest.mark.django_db

BUYS = {"family": ("2500.00", 10), "house-guest": ("900.00", 6), "regular": ("300.00", 2), "guest": ("1.00", 1)}


def today() -> date:
    return timezone.localdate()


def make_in(slug: str) -> Customer:
    """A customer whose numbers give that tier."""
    margin, orders = BUYS[slug]
    customer = make_buyer(today(), margin, orders=orders)
    retier_touched()
    assert tier_of(customer) == slug
    return customer


def decide(customer: Customer, kind: str = "floor", tier: str = "house-guest", **more: Any) -> Override:
    """An override for a week, by a lead."""
    fields: dict[str, Any] = {"reason": "She wrote about us", "ends_on": today() + timedelta(days=7)} | more
    fields.setdefault("owner", make_user(Role.LEAD))
    return set_override(customer=customer, kind=kind, tier=Tier.objects.get(slug=tier), **fields)


# --- what they do --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "tier", "earned", "becomes", "reason"),
    [
        ("floor", "house-guest", "guest", "house-guest", "raised"),
        ("floor", "house-guest", "family", "family", "first"),
        ("ceiling", "regular", "family", "regular", "lowered"),
        ("ceiling", "regular", "guest", "guest", "first"),
        ("lock", "regular", "guest", "regular", "raised"),
        ("lock", "regular", "family", "regular", "lowered"),
        ("lock", "regular", "regular", "regular", "first"),
    ],
)
def test_it_holds_at_once_and_in_the_nights_after(kind: str, tier: str, earned: str, becomes: str, reason: str) -> None:
    customer = make_in(earned)
    decide(customer, kind, tier)
    assert (tier_of(customer), present(customer).reason) == (becomes, reason)
    assert present(customer).earned_tier.slug == earned
    retier(is_full=True)
    assert tier_of(customer) == becomes


def test_somebody_without_a_tier_gets_the_one_decided() -> None:
    customer = make_customer()
    decide(customer, "lock", "family")
    assert tier_of(customer) == "family"
    assert Move.objects.filter(customer=customer).count() == 1


def test_a_run_of_what_is_due_honours_it_when_the_numbers_move() -> None:
    retier()
    customer = make_in("guest")
    decide(customer, "ceiling", "regular")
    make_buyer(today(), "2500.00", orders=10, customer=customer)
    run = retier()
    assert run.kind == "due"
    assert tier_of(customer) == "regular"


def test_ending_it_lets_the_numbers_decide_at_once() -> None:
    customer, by = make_in("guest"), make_user(Role.MANAGER)
    override = decide(customer, "lock", "family")
    assert end_override(override=override, by=by)
    override.refresh_from_db()
    assert (override.ended_by, override.ended_at is None) == (by, False)
    # What lifted them is gone; like anybody else they go down by the rules, a step at a time.
    assert present(customer).earned_tier.slug == "guest"
    assert present(customer).below_since == today()


def test_ending_a_ceiling_brings_the_tier_earned() -> None:
    customer = make_in("family")
    override = decide(customer, "ceiling", "guest")
    assert tier_of(customer) == "guest"
    end_override(override=override, by=override.owner)
    assert tier_of(customer) == "family"


def test_ending_twice_is_ending_once() -> None:
    customer = make_in("family")
    override = decide(customer, "ceiling", "guest")
    first, second = make_user(Role.MANAGER), make_user(Role.MANAGER)
    assert end_override(override=override, by=first)
    moves = Move.objects.count()
    assert not end_override(override=override, by=second)
    override.refresh_from_db()
    assert (override.ended_by, Move.objects.count()) == (first, moves)


def test_an_override_without_rules_waits_for_them() -> None:
    customer = make_customer()
    Scheme.objects.update(state="retired", retired_at=timezone.now() + timedelta(seconds=1))
    decide(customer)
    assert not Standing.objects.filter(customer=customer).exists()


# --- the last day --------------------------------------------------------------------------------


def overdue(customer: Customer) -> Override:
    """An override whose last day was yesterday, and that nobody has ended."""
    override = decide(customer, "ceiling", "guest")
    Override.objects.filter(pk=override.pk).update(ends_on=today() - timedelta(days=1))
    return override


def test_those_whose_last_day_is_over_end_and_the_others_stay() -> None:
    over = [make_in("family") for _ in range(3)]
    for customer in over:
        overdue(customer)
    lasts = make_in("family")
    decide(lasts, "ceiling", "guest", ends_on=today())
    assert end_overdue(today=today()) == 3
    assert end_overdue(today=today()) == 0
    assert [tier_of(customer) for customer in over] == ["family"] * 3
    assert tier_of(lasts) == "guest"
    assert Override.objects.filter(ended_at__isnull=False, ended_by=None).count() == 3


def test_the_task_ends_them() -> None:
    customer = make_in("family")
    override = overdue(customer)
    tasks.end_overrides()
    override.refresh_from_db()
    assert override.ended_at is not None
    assert tier_of(customer) == "family"


def test_a_new_one_takes_the_place_of_one_that_is_over() -> None:
    customer = make_in("guest")
    old = overdue(customer)
    new = decide(customer, "lock", "regular")
    old.refresh_from_db()
    assert old.ended_at is not None
    assert list(in_force(today())) == [new]
    assert tier_of(customer) == "regular"


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "fields", "name", "sentence"),
    [
        (Role.LEAD, {"reason": " "}, "reason", "Say why"),
        (Role.LEAD, {"reason": "x" * 301}, "reason", "at most 300"),
        (Role.LEAD, {"kind": "wish"}, "kind", "not a valid choice"),
        (Role.LEAD, {"ends_on": None}, "ends_on", "Only managers"),
        (Role.MANAGER, {"ends_on": timedelta(days=-1)}, "ends_on", "has passed"),
        (Role.MANAGER, {"ends_on": timedelta(days=731)}, "ends_on", "too far away"),
        (Role.LEAD, {"kind": "floor", "tier": "guest"}, "tier", "Nobody is below Guest"),
        (Role.LEAD, {"kind": "ceiling", "tier": "family"}, "tier", "Nobody is above Family"),
    ],
)
def test_refusals(role: Role, fields: dict[str, Any], name: str, sentence: str) -> None:
    customer = make_in("guest")
    if isinstance(fields.get("ends_on"), timedelta):
        fields = fields | {"ends_on": today() + fields["ends_on"]}
    with pytest.raises(ValidationError) as refusal:
        decide(customer, owner=make_user(role), **fields)
    assert sentence in refusal.value.message_dict[name][0]
    assert not Override.objects.exists()
    assert tier_of(customer) == "guest"


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMINISTRATOR])
def test_managers_may_leave_the_end_open(role: Role) -> None:
    assert decide(make_in("guest"), owner=make_user(role), ends_on=None).ends_on is None


@pytest.mark.parametrize("days", [0, 730])
def test_the_first_and_the_last_day_that_are_taken(days: int) -> None:
    assert decide(make_in("guest"), ends_on=today() + timedelta(days=days)).pk


def test_one_at_a_time() -> None:
    customer = make_in("guest")
    first = decide(customer)
    with pytest.raises(ValidationError, match="End that one first"):
        decide(customer, "lock", "family")
    assert Override.objects.get() == first
    assert tier_of(customer) == "house-guest"
    end_override(override=first, by=first.owner)
    assert decide(customer, "lock", "family").pk


def test_lock_off_the_database_still_refuses_a_second_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The unique index stands behind the question."""
    customer = make_in("guest")
    decide(customer)
    with pytest.raises(ValidationError, match="End that one first"):
        decide(customer)


# --- how they are told ---------------------------------------------------------------------------


@pytest.fixture
def manager() -> User:
    return make_user(Role.MANAGER, display_name="Manager 1")


@pytest.mark.parametrize(
    ("kind", "ends_on", "sentence"),
    [
        ("floor", date(2024, 5, 3), "Never below House guest until 3 May, by Manager 1."),
        ("ceiling", None, "Never above House guest until it is ended, by Manager 1."),
        ("lock", date(2025, 5, 3), "Always House guest until 3 May 2025, by Manager 1."),
    ],
)
def test_what_was_decided_in_a_sentence(kind: str, ends_on: date | None, sentence: str) -> None:
    assert overridden(kind, "House guest", ends_on, "Manager 1", date(2024, 3, 1)) == sentence


def test_about_to_end_are_those_of_the_next_month_nearest_first(
    manager: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ends = {days: decide(make_customer(), ends_on=today() + timedelta(days=days)) for days in (31, 30, 0, 9)}
    decide(make_customer(), owner=manager, ends_on=None)
    end_override(override=decide(make_customer(), ends_on=today()), by=manager)
    with django_assert_num_queries(1):
        found = list(about_to_end(today()))
        assert [override.customer.full_name for override in found]
    assert found == [ends[0], ends[9], ends[30]]


@pytest.mark.parametrize("many", [1, 3])
def test_setting_and_ending_take_so_many_queries(
    manager: User, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    customers = [make_in("guest") for _ in range(many)]
    tier = Tier.objects.get(slug="regular")
    with django_assert_num_queries(QUERIES_TO_SET):
        override = set_override(customer=customers[0], kind="lock", tier=tier, reason="So", owner=manager, ends_on=None)
    with django_assert_num_queries(QUERIES_TO_END):
        end_override(override=override, by=manager)
    assert Run.objects.filter(kind="touched").exists()


QUERIES_TO_SET, QUERIES_TO_END = 29, 24


def test_an_override_on_somebody_who_was_merged_moves_the_survivor() -> None:
    one, other = make_in("guest"), make_in("guest")
    retier()
    merge(one, other)
    retier_touched()
    assert signed_in(Role.MANAGER).post(ADD, in_admin(other, tier="family")).status_code == 302
    assert Override.objects.live().get().customer == one
    retier_touched()
    assert retier().kind == "due"
    assert tier_of(one) == "family"


def test_the_override_form_does_not_offer_somebody_who_was_merged() -> None:
    one, other = make_customer(full_name="Anna One"), make_customer(full_name="Anna Two")
    merge(one, other)
    asked = {"term": "Anna", "app_label": "tiers", "model_name": "override", "field_name": "customer"}
    found = signed_in(Role.MANAGER).get("/admin/autocomplete/", asked).json()["results"]
    assert [row["id"] for row in found] == [str(one.pk)]


def test_the_numbers_lift_under_a_ceiling_as_they_lift_anybody() -> None:
    capped = make_in("guest")
    decide(capped, "ceiling", "house-guest")
    make_buyer(timezone.localdate(), "2500.00", orders=10, customer=capped)
    free = make_in("guest")
    make_buyer(timezone.localdate(), "900.00", orders=6, customer=free)
    retier_touched()
    assert (tier_of(capped), tier_of(free)) == ("house-guest", "house-guest")
    assert (present(capped).reason, present(capped).held_until) == (present(free).reason, present(free).held_until)


def test_an_override_set_while_a_run_measures_holds_though_the_run_is_cancelled() -> None:
    publish_with(("family", Rule.ENTRY, Measure.MARGIN, 20, Basis.SHARE))
    customer = make_buyer(ago(10), "2500.00", orders=10)
    retier()
    run = start_run()
    assert run is not None
    decide(customer, "lock", "regular")
    cancel_run(run=run)
    retier_touched()
    assert tier_of(customer) == "regular"


def test_an_override_is_set_and_ended_while_a_run_measures() -> None:
    publish_with(("family", Rule.ENTRY, Measure.MARGIN, 20, Basis.SHARE))
    customer = make_buyer(ago(10), "2500.00", orders=10)
    retier()
    before, run = tier_of(customer), start_run()
    assert run is not None
    assert end_override(override=decide(customer, "lock", "regular"), by=None)
    assert Touch.objects.get().customer == customer
    cancel_run(run=run)
    retier_touched()
    assert tier_of(customer) == before


def test_what_the_numbers_alone_give_is_kept_up_to_date_where_they_move_nobody() -> None:
    customer = make_in("guest")
    decide(customer, "lock", "house-guest")
    for margin in ("1.00", "300.00"):
        # The first time it is also noted since when they are below.
        make_buyer(today(), margin, orders=2, customer=customer)
        retier_touched()
    assert (tier_of(customer), present(customer).earned_tier.slug) == ("house-guest", "regular")
