"""The sentence that says why somebody is in a tier."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.models import Order
from customers.services.incidents import record_incident
from tests.factories import make_customer, make_order, make_touch_point
from tests.tiers.customers_in_tiers import at, make_buyer
from tests.tiers.test_engine import FAMILY, RULES, one
from tiers.engine import DEMOTED, NEVER
from tiers.explanation import Held, Hold, held
from tiers.models import Measures, Perk, Scheme, Standing, Tier
from tiers.selectors import wording
from tiers.selectors.standings import Explained, explain, present_tiers
from tiers.services.runs import retier

pytestmark = pytest.mark.django_db


def explained(customer: Any, *, shows_margin: bool = True) -> Explained:
    found = explain(customer=customer, shows_margin=shows_margin)
    assert found is not None
    return found


def test_why_how_far_and_until_when() -> None:
    today = timezone.localdate()
    customer = make_buyer(today, "1240.00", orders=9)
    retier()
    until = today + timedelta(days=50)
    Standing.objects.update(held_until=until)
    found = explained(customer)
    assert found.sentence == (
        "House guest: £1,240 margin and 9 orders in the last 12 months. "
        f"£760 more margin and 1 more order bring Family. Held until {wording.day(until, today)}."
    )
    assert (found.tier.slug, found.since, found.held_until) == ("house-guest", today, until)
    assert found.next_tier == Tier.objects.get(slug="family")
    assert found.perks == list(Perk.objects.filter(tier=found.tier).values_list("text", flat=True))
    assert found.perks[0] == "Answered first, without a queue"
    assert found.measures == Measures.objects.get(customer=customer)


def test_without_margin_no_money_at_all() -> None:
    customer = make_buyer(timezone.localdate(), "1240.00", orders=9)
    retier()
    found = explained(customer, shows_margin=False)
    assert found.sentence == "House guest: 9 orders in the last 12 months."
    assert found.measures is None


@pytest.mark.parametrize(
    ("margin", "orders", "sentence"),
    [
        (
            "0.00",
            0,
            "Guest: £0 margin and 0 orders in the last 12 months. £200 more margin and 2 more orders bring Regular.",
        ),
        (
            "180.55",
            1,
            "Guest: £181 margin and 1 order in the last 12 months. £19.45 more margin and 1 more order bring Regular.",
        ),
        ("180.55", 2, "Guest: £181 margin and 2 orders in the last 12 months. £19.45 more margin brings Regular."),
        ("900.00", 4, "Regular: £900 margin and 4 orders in the last 12 months. 1 more order brings House guest."),
        ("900.00", 3, "Regular: £900 margin and 3 orders in the last 12 months. 2 more orders bring House guest."),
        (
            "1788.01",
            10,
            "House guest: £1,788 margin and 10 orders in the last 12 months. £212 more margin brings Family.",
        ),
        ("3000.00", 10, "Family: £3,000 margin and 10 orders in the last 12 months."),
    ],
)
def test_distances(margin: str, orders: int, sentence: str) -> None:
    customer = make_buyer(timezone.localdate(), margin, orders=orders) if orders else make_customer()
    retier()
    assert explained(customer).sentence == sentence


def test_only_a_new_order_is_missing() -> None:
    customer = make_buyer(timezone.localdate() - timedelta(days=130), "900.00", orders=5)
    retier()
    assert explained(customer).sentence.endswith("The next order brings House guest.")


def test_partly_estimated_margin_is_said() -> None:
    customer = make_buyer(timezone.localdate(), "240.00", orders=2)
    retier()
    Order.objects.filter(margin=0).update(is_margin_estimated=True)
    assert explained(customer).sentence.startswith(
        "Regular: about £240 margin (partly estimated) and 2 orders in the last 12 months."
    )


def test_below_the_bar_and_while_we_owe_something() -> None:
    today = timezone.localdate()
    customer = make_buyer(today - timedelta(days=200), "2500.00", orders=10)
    retier(as_of=today - timedelta(days=190))
    retier(as_of=today - timedelta(days=10))
    until = today + timedelta(days=20)
    found = explained(customer)
    assert found.held_until == until
    assert found.sentence.endswith(f"the tier stays until {wording.day(until, today)} at least.")

    make_order(customer, "1.00", at(today))
    record_incident(customer=customer, kind="late", touch_point=make_touch_point(), text="Late")
    found = explained(customer)
    assert found.held_until is None
    assert found.sentence.endswith("Nothing moves down while something of ours is still to be put right.")


@pytest.mark.parametrize("grace", [0, 1, 2, 30])
@pytest.mark.parametrize("hold", [None, 1, 2, 50])
def test_the_day_that_is_told_is_the_first_on_which_they_may_go(grace: int, hold: int | None) -> None:
    today = date(2026, 3, 1)
    until = today + timedelta(days=hold) if hold else None
    rules = replace(RULES, grace_days=grace)
    goes = next(
        day
        for day in range(today.toordinal(), today.toordinal() + 100)
        if one(
            level=FAMILY,
            below_since=today.toordinal(),
            held_until=until.toordinal() if until else NEVER,
            rules=rules,
            as_of=day,
        )[-1]
        == DEMOTED
    )
    told = held(held_until=until, below_since=today, grace_days=grace, is_frozen=False, today=today)
    assert told == Held(Hold.GRACE, date.fromordinal(goes))


def test_rules_that_change_are_seen_at_once() -> None:
    """They are read anew only when something of them is another: a tier's name, or which scheme decides."""
    customer = make_buyer(timezone.localdate(), "1240.00", orders=9)
    retier()
    assert "bring Family" in explained(customer).sentence
    Tier.objects.filter(slug="family").update(name="Household")
    assert "bring Household" in explained(customer).sentence
    Scheme.objects.update(state="retired", retired_at=timezone.now())
    assert explained(customer).next_tier is None


def test_nobody_knows_yet() -> None:
    assert explain(customer=make_customer(), shows_margin=True) is None


def test_without_a_published_scheme_there_is_no_next_tier() -> None:
    customer = make_customer()
    retier()
    Scheme.objects.update(state="retired", retired_at=timezone.now() + timedelta(seconds=5))
    found = explained(customer)
    assert (found.next_tier, found.sentence) == (None, "Guest: £0 margin and 0 orders in the last 12 months.")


def test_how_money_and_days_are_said() -> None:
    assert [wording.money(cents, "GBP") for cents in (0, 1945, 2000, 123_456_78, -500)] == [
        "£0",
        "£19.45",
        "£20",
        "£123,457",
        "−£5",
    ]
    assert wording.money(100_00, "CHF") == "CHF 100"
    assert wording.money_missing(211_01 + 10_000, "GBP") == "£312"
    assert wording.day(date(2026, 3, 3), date(2025, 12, 1)) == "3 March"
    assert wording.day(date(2027, 3, 3), date(2026, 3, 1)) == "3 March 2027"


@pytest.mark.parametrize("customers", [1, 3])
def test_explaining_takes_one_query_and_tiers_of_many_one(django_assert_num_queries: Any, customers: int) -> None:
    everybody = [make_buyer(timezone.localdate(), "900.00", orders=4) for _ in range(customers)]
    retier()
    with django_assert_num_queries(1):
        explain(customer=everybody[0], shows_margin=True)
    with django_assert_num_queries(1):
        found = present_tiers([customer.pk for customer in everybody])
        assert [found[customer.pk].name for customer in everybody] == ["Regular"] * customers
