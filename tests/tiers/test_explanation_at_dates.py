"""Why somebody had their tier on a day that has passed, what a colleague decided, and what must not be told."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from customers.models import Customer, Incident, Order
from tests.factories import make_customer, make_order, make_touch_point, make_user
from tests.tiers.customers_in_tiers import at, make_buyer
from tiers.enums import Basis, Measure, Rule, SchemeState
from tiers.models import Bar, Measures, Override, Run, Scheme, Tier
from tiers.selectors import wording
from tiers.selectors.standings import Explained, Line, explain
from tiers.services.drafts import copy_scheme
from tiers.services.runs import retier, retier_touched
from tiers.services.schemes import publish_scheme

pytestmark = pytest.mark.django_db


def ago(count: int) -> date:
    return timezone.localdate() - timedelta(days=count)


def on(customer: Customer, day: date, *, shows_margin: bool = True) -> Explained:
    found = explain(customer=customer, shows_margin=shows_margin, on=day)
    assert found is not None
    return found


def line(found: Explained, measure: str) -> Line:
    return next(row for row in found.table if row.measure == measure)


def said(day: date, today: date | None = None) -> str:
    return wording.day(day, today or timezone.localdate())


def override(customer: Customer, kind: str, tier: str, **more: Any) -> Override:
    return Override.objects.create(
        customer=customer,
        kind=kind,
        tier=Tier.objects.get(slug=tier),
        reason="Worth £98765 to us",
        owner=make_user("manager", display_name="Manager 1"),
        **more,
    )


def publish_with(*bars: tuple[str, Rule, Measure, float, str], weights: dict[str, float] | None = None) -> Scheme:
    """Publish a copy of the scheme with other bars."""
    draft = copy_scheme(scheme=Scheme.objects.get(state=SchemeState.PUBLISHED))
    for tier, rule, measure, value, basis in bars:
        Bar.objects.update_or_create(
            scheme=draft,
            tier=Tier.objects.get(slug=tier),
            rule=rule,
            measure=measure,
            defaults={"value": Decimal(str(value)), "basis": basis},
        )
    for weighed, full_at in (weights or {}).items():
        draft.weights.create(measure=weighed, weight=2, full_at=Decimal(str(full_at)))
    return publish_scheme(scheme=draft, by=None)


@pytest.fixture
def falling() -> Customer:
    """Family on the 190th day before today, below its bars since the 10th."""
    customer = make_buyer(ago(200), "2500.00", orders=10)
    retier(as_of=ago(190))
    retier(as_of=ago(10))
    return customer


def test_before_the_first_standing_and_after_today(falling: Customer) -> None:
    assert explain(customer=falling, shows_margin=True, on=ago(191)) is None
    with pytest.raises(ValidationError, match="That day has not come yet"):
        explain(customer=falling, shows_margin=True, on=ago(-1))


def test_on_the_day_of_a_move_with_the_numbers_it_was_decided_on(falling: Customer) -> None:
    Order.objects.filter(customer=falling).update(house_margin=1)
    found = on(falling, ago(190))
    assert (found.tier.slug, found.since, found.next_tier) == ("family", ago(189), None)
    assert found.sentence == "Family: £2,500 margin and 10 orders in the last 12 months."
    assert line(found, "margin").value == "£2,500"
    assert line(found, "margin").source == f"as it was when the tier changed on {said(ago(190), ago(190))}"
    # The day after, the numbers are those of the facts.
    assert line(on(falling, ago(189)), "margin").value == "£10"


def test_the_numbers_and_bars_of_another_day(falling: Customer) -> None:
    make_order(falling, "10.00", at(ago(100)), margin="7.00")
    then, now = on(falling, ago(101)), on(falling, ago(100))
    assert [line(then, "orders").value, line(now, "orders").value] == ["10", "11"]
    assert [line(then, "recency").value, line(now, "recency").value] == ["99", "0"]
    assert line(now, "margin") == Line(
        measure="margin",
        label="Margin in 12 months",
        value="£2,507",
        unit="GBP",
        bar_enter="",
        bar_stay="at least £1,600",
        distance="£907 to spare",
        weight="",
        as_of=ago(100),
        source=f"orders until {said(ago(100), ago(100))}",
        is_doubtful=False,
    )
    assert now.measures is not None
    assert (now.measures.orders, now.measures.last_order_on, now.measures.as_of) == (11, ago(100), ago(100))
    assert now.lowers == [
        "Margin in 12 months of less than £1,600 would lower it; it is £2,507.",
        "Orders in 12 months of less than 8 would lower it; it is 11.",
        f"An order before {said(ago(100) + timedelta(days=181), ago(100))} keeps Family.",
    ]


def test_in_grace_and_before_it(falling: Customer) -> None:
    ends = ago(-20)
    assert on(falling, ago(10)).holds == [
        f"Below the bars for staying since {said(ago(10), ago(10))}. Grace until {said(ends, ago(10))} at least."
    ]
    assert on(falling, ago(11)).holds == []
    assert "The last order is too long ago for Family; a new one puts that right." in on(falling, ago(10)).lowers


def test_in_hold_after_moving_up() -> None:
    customer = make_customer()
    retier(as_of=ago(60))
    make_buyer(ago(50), "800.00", orders=5, customer=customer)
    retier(as_of=ago(50))
    found = on(customer, ago(40))
    assert (found.tier.slug, found.held_until) == ("house-guest", ago(-40))
    assert found.holds == [f"Held until {said(ago(-40), ago(40))} after moving up."]
    assert on(customer, ago(55)).tier.slug == "guest"
    assert on(customer, ago(55)).holds == []


def test_while_something_of_ours_is_open() -> None:
    customer = make_buyer(ago(30), "300.00", orders=2)
    retier(as_of=ago(20))
    Incident.objects.create(
        customer=customer,
        kind="late",
        touch_point=make_touch_point(),
        text="Late",
        happened_at=at(ago(15)),
        resolved_at=at(ago(10)),
    )
    sentence = "Nothing moves down while something of ours is still to be put right."
    assert [sentence in on(customer, ago(count)).holds for count in (16, 15, 11, 10, 9)] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_an_override_as_it_stood() -> None:
    customer = make_buyer(ago(30), "300.00", orders=2)
    retier(as_of=ago(20))
    made = override(customer, "floor", "regular", created_at=at(ago(12)), ends_on=ago(6))
    assert [bool(on(customer, ago(count)).override) for count in (13, 12, 6, 5, 0)] == [False, True, True, False, False]
    found = on(customer, ago(8)).override
    assert found is not None
    assert (found.kind, found.tier.slug, found.until, found.by) == ("floor", "regular", ago(6), "Manager 1")
    assert found.reason == made.reason
    sentence = f"Never below Regular until {said(ago(6), ago(8))}, by Manager 1."
    assert on(customer, ago(8)).holds == [sentence]
    assert on(customer, ago(8)).lowers == []
    Override.objects.update(ended_at=at(ago(9)), ends_on=None)
    assert [bool(on(customer, ago(count)).override) for count in (10, 9)] == [True, False]


def test_under_a_ceiling_nothing_lifts() -> None:
    customer = make_buyer(ago(0), "300.00", orders=2)
    retier()
    override(customer, "ceiling", "regular")
    found = explain(customer=customer, shows_margin=True)
    assert found is not None
    assert found.lifts == []
    assert found.sentence.endswith("Never above Regular until it is ended, by Manager 1.")
    assert found.lowers != []


def test_with_the_rules_of_the_run_that_decided_and_not_with_later_ones() -> None:
    customer = make_buyer(ago(30), "300.00", orders=2)
    retier(as_of=ago(20))
    publish_with(("house-guest", Rule.ENTRY, Measure.MARGIN, 650, Basis.VALUE))
    assert line(on(customer, ago(20)), "margin").bar_enter == "at least £700"
    assert line(on(customer, ago(5)), "margin").bar_enter == "at least £700"
    retier()
    assert line(on(customer, ago(0)), "margin").bar_enter == "at least £650"


def test_a_share_comes_with_what_it_came_to() -> None:
    rich, poor = make_buyer(ago(0), "900.00", orders=5), make_buyer(ago(0), "720.00", orders=5)
    publish_with(("family", Rule.ENTRY, Measure.MARGIN, 50, Basis.SHARE))
    retier()
    found = explain(customer=poor, shows_margin=True)
    assert found is not None
    assert line(found, "margin").bar_enter == "best 50 %: from £900 on"
    assert found.sentence.endswith("£180 more margin and 5 more orders bring Family.")
    assert line(on(rich, ago(0)), "margin").distance == "met"


def test_a_score_and_what_is_not_known() -> None:
    publish_with(
        ("house-guest", Rule.ENTRY, Measure.SCORE, 80, Basis.VALUE),
        ("family", Rule.ENTRY, Measure.SCORE, 90, Basis.VALUE),
        ("house-guest", Rule.ENTRY, Measure.PREDICTED, 100, Basis.VALUE),
        ("family", Rule.ENTRY, Measure.PREDICTED, 200, Basis.VALUE),
        weights={"margin": 2000, "orders": 10},
    )
    customer = make_buyer(ago(0), "1000.00", orders=5)
    retier()
    found = explain(customer=customer, shows_margin=True)
    assert found is not None
    score, predicted = line(found, "score"), line(found, "predicted")
    assert (score.value, score.unit, score.bar_enter, score.distance) == ("50", "out of 100", "at least 80", "30 to go")
    assert line(found, "orders").weight == "2 of 4 parts"
    assert (predicted.value, predicted.distance, predicted.is_doubtful) == ("not known", "not known", True)
    assert found.sentence.endswith(
        "To House guest it takes more “Predicted margin” than we know of and 30 more points of score."
    )


def everything(found: Explained) -> str:
    """All that is told, but the names of tiers and perks."""
    return str(
        [found.sentence, found.table, found.lifts, found.lowers, found.holds, found.safe_sentence, found.override]
    )


@pytest.mark.parametrize("count", [0, 5, 20])
def test_without_margin_no_money_gets_out(count: int) -> None:
    publish_with(
        ("house-guest", Rule.ENTRY, Measure.SCORE, 87.65, Basis.VALUE),
        ("family", Rule.ENTRY, Measure.SCORE, 97.65, Basis.VALUE),
        ("regular", Rule.KEEP, Measure.MARGIN, 143, Basis.VALUE),
        weights={"margin": 2000, "orders": 10, "cost": 50},
    )
    customer = make_buyer(ago(25), "345.67", orders=3)
    retier(as_of=ago(20))
    retier()
    row = Measures.objects.get(customer=customer)
    row.predicted_margin, row.cost_to_serve = Decimal("765.43"), Decimal("54.32")
    # A row is never changed, only replaced.
    Measures.objects.filter(customer=customer).delete()
    row.save(force_insert=True)
    override(customer, "floor", "regular", created_at=at(ago(21)))
    told = everything(on(customer, ago(count), shows_margin=False))
    for canary in (
        "£",
        "345",
        "346",
        "143",
        "87.65",
        "765",
        "54.3",
        "98765",
        "Margin",
        "margin",
        "Score",
        "Cost",
        "Predicted",
    ):
        assert canary not in told, canary
    assert "Orders in 12 months" in told
    assert on(customer, ago(count), shows_margin=False).measures is None
    assert on(customer, ago(count), shows_margin=False).lifts == ["On the way to House guest: 2 more orders."]
    shown = everything(on(customer, ago(count)))
    assert "£346" in shown
    assert "98765" in shown


@pytest.mark.parametrize(
    ("orders", "sentence"),
    [
        (0, "You are one of our Guest customers; we are glad that you are with us."),
        (1, "You are one of our Guest customers; thank you for your order."),
        (5, "You are one of our House guest customers; thank you for ordering with us so often."),
    ],
)
def test_what_may_be_said_to_the_customer(orders: int, sentence: str) -> None:
    customer = make_buyer(ago(0), "900.00", orders=orders) if orders else make_customer()
    retier()
    assert on(customer, ago(0)).safe_sentence == sentence


@pytest.mark.parametrize("orders", [1, 3])
def test_a_day_that_has_passed_takes_a_constant_number_of_queries(django_assert_num_queries: Any, orders: int) -> None:
    customer = make_buyer(ago(30), "300.00", orders=orders)
    retier(as_of=ago(20))
    retier(as_of=ago(10))
    with django_assert_num_queries(10):
        on(customer, ago(15))


def test_somebody_elses_touched_move_does_not_hide_what_a_share_comes_to() -> None:
    publish_with(("family", Rule.ENTRY, Measure.MARGIN, 20, Basis.SHARE))
    people = [make_buyer(ago(10), f"{margin}.00", orders=10) for margin in (3000, 2000, 1200, 1100, 1000)]
    retier()
    before = explain(customer=people[1], shows_margin=True)
    assert before is not None
    assert line(before, "margin").bar_enter == "best 20 %: from £3,000 on"
    make_buyer(ago(0), "1.00")
    retier_touched()
    after = explain(customer=people[1], shows_margin=True)
    assert after is not None
    assert (line(after, "margin").bar_enter, after.sentence) == (line(before, "margin").bar_enter, before.sentence)


def test_nor_on_a_day_that_has_passed() -> None:
    publish_with(("family", Rule.ENTRY, Measure.MARGIN, 20, Basis.SHARE))
    people = [make_buyer(ago(10), f"{margin}.00", orders=10) for margin in (3000, 2000, 1200, 1100, 1000)]
    retier(as_of=ago(5))
    make_buyer(ago(0), "1.00")
    retier_touched()
    Run.objects.filter(kind="touched").update(effective_at=at(ago(4)))
    assert line(on(people[1], ago(3)), "margin").bar_enter == "best 20 %: from £3,000 on"
