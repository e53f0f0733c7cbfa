"""Kept numbers against those reckoned from scratch: to the cent, whatever comes late or goes back."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Customer, Gesture, Interaction, Order
from customers.selectors.clock import database_now
from tests.factories import make_customer, make_interaction, make_order
from tests.tiers.customers_in_tiers import at
from tests.tiers.test_explanation_at_dates import ago
from tiers.engine import UNKNOWN
from tiers.enums import RunKind
from tiers.models import CostRate, Measures, Run
from tiers.selectors.measures import measure
from tiers.selectors.population import Handful
from tiers.selectors.value import latest_fit, predicted
from tiers.services import runs
from tiers.services.runs import retier, retier_touched
from tiers.services.values import fit_value

BEGINS = date(2023, 1, 10)

# What happens to one of four customers, so many days before the night: an order, a return, one that we caused, a
# contact of so many minutes, a gesture. Most is of the last days; some comes late, some a day ahead of its time.
event = st.tuples(
    st.integers(0, 3),
    st.sampled_from(["order", "return", "our fault", "contact", "gesture", "takes back", "was not theirs"]),
    st.one_of(st.integers(-1, 5), st.integers(0, 500)),
    st.integers(1, 2_000_00),
)
History = list[tuple[int, list[tuple[int, str, int, int]]]]
nights: st.SearchStrategy[History] = st.lists(
    st.tuples(st.integers(1, 150), st.lists(event, max_size=5)), min_size=1, max_size=6
)


def happen(customer: Customer, what: str, day: date, cents: int) -> None:
    money = Decimal(cents) / 100
    if what == "order":
        make_order(customer, str(money), at(day), margin=str(money / 4))
    elif what in ("return", "our fault"):
        make_order(customer, f"-{money}", at(day), margin=f"-{money}", is_our_fault=what == "our fault")
    elif what == "contact":
        ends = at(day) + timedelta(minutes=cents % 90)
        make_interaction(customer, channel="chat", opened_at=at(day), closed_at=ends)
    elif what == "gesture":
        Gesture.objects.create(customer=customer, what="Flowers", cost=money, given_at=at(day), external_id=None)
    elif what == "was not theirs":
        Interaction.objects.filter(pk=customer.interactions.order_by("-pk").values("pk")[:1]).update(is_mistaken=True)
    else:
        # An order that should never have been recorded.
        Order.objects.filter(pk=customer.orders.order_by("-pk").values("pk")[:1]).delete()


def from_scratch(customers: list[Customer], day: date) -> list[tuple[Any, ...]]:
    ids = np.array([customer.pk for customer in customers])
    found = measure(Handful(ids.tolist()), ids, day)
    promised = predicted(found, latest_fit(), day.toordinal())
    columns = [found.margin, found.orders, found.returns, found.first_order, found.last_order, found.purchase_days]
    columns += [found.repeat_margin, promised, found.cost, found.engagement]
    return [tuple(int(value) for value in row) for row in zip(*columns, strict=True)]


def kept(customers: list[Customer]) -> list[tuple[Any, ...]]:
    def cents(amount: Decimal | None) -> int:
        return UNKNOWN if amount is None else int(amount * 100)

    def ordinal(day: date | None) -> int:
        return day.toordinal() if day else 0

    rows = {row.customer_id: row for row in Measures.objects.all()}
    return [
        (
            cents(row.margin),
            row.orders,
            row.returns,
            ordinal(row.first_order_on),
            ordinal(row.last_order_on),
            row.purchase_days,
            cents(row.repeat_margin),
            cents(row.predicted_margin),
            cents(row.cost_to_serve),
            row.engagement,
        )
        for row in (rows[customer.pk] for customer in customers)
    ]


def live(history: History, *, forgets_ageing: bool = False) -> tuple[list[Customer], date]:
    """Live through the nights with runs of what is due; return the customers and the last day."""
    CostRate.objects.update_or_create(what="chat", defaults={"price": 30, "most_minutes": 60})
    CostRate.objects.update_or_create(what="return", defaults={"price": "4.50"})
    customers = [make_customer() for _ in range(4)]
    retier(as_of=BEGINS, is_full=True)
    day = BEGINS
    for apart, events in history:
        day += timedelta(days=apart)
        for who, what, before, cents in events:
            happen(customers[who], what, day - timedelta(days=before), cents)
        with connection.cursor() as cursor:
            if forgets_ageing:
                cursor.execute("ALTER TABLE tiers_measures DISABLE TRIGGER USER")
                cursor.execute("UPDATE tiers_measures SET look_on = NULL")
                cursor.execute("ALTER TABLE tiers_measures ENABLE TRIGGER USER")
        assert retier(as_of=day).kind == RunKind.DUE
        # As if it had been decided on while it was today: what was noted until then is done with.
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM customers_touch")
    return customers, day


@pytest.mark.django_db
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nights)
def test_kept_through_the_nights_and_reckoned_from_scratch_agree_to_the_cent(history: History) -> None:
    with transaction.atomic():
        customers, day = live(history)
        assert kept(customers) == from_scratch(customers, day)
        # And so do the tiers: nobody moves for having been looked at without a reason.
        assert retier(as_of=day, is_full=True).moves == 0
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_control_who_forgets_that_customers_age_is_found_out() -> None:
    history: History = [(1, [(0, "order", 0, 200_00)]), (400, [(1, "order", 0, 100_00)])]
    customers, day = live(history, forgets_ageing=True)
    assert kept(customers) != from_scratch(customers, day)


@pytest.mark.django_db
def test_a_contact_that_was_opened_by_mistake_costs_and_counts_nothing() -> None:
    CostRate.objects.update_or_create(what="chat", defaults={"price": 30, "most_minutes": 60})
    customer = make_customer()
    for _ in range(2):
        happen(customer, "contact", BEGINS - timedelta(days=1), 60)
    retier(as_of=BEGINS, is_full=True)
    measured = Measures.objects.get(customer=customer)
    assert (measured.engagement, measured.cost_to_serve) == (2, Decimal("60.00"))
    happen(customer, "was not theirs", BEGINS, 0)
    retier(as_of=BEGINS + timedelta(days=1))
    measured.refresh_from_db()
    assert (measured.engagement, measured.cost_to_serve) == (1, Decimal("30.00"))


@pytest.mark.django_db
def test_predicted_margin_is_kept_too() -> None:
    customers = [make_customer() for _ in range(80)]
    for place, customer in enumerate(customers):
        for number in range(1 + place % 5):
            make_order(customer, "40.00", at(BEGINS - timedelta(days=20 * number + place)), margin="12.00")
    fit = fit_value(until=BEGINS)
    retier(as_of=BEGINS)
    make_order(customers[7], "40.00", at(BEGINS + timedelta(days=3)), margin="12.00")
    day = BEGINS + timedelta(days=4)
    run = retier(as_of=day)
    assert (run.kind, run.value_fit) == (RunKind.DUE, fit)
    assert kept(customers) == from_scratch(customers, day)
    assert Measures.objects.exclude(predicted_margin=None).count() == len(customers)
    assert Run.objects.filter(kind=RunKind.FULL).count() == 1


@pytest.mark.django_db
def test_what_is_dated_a_few_hours_ahead_counts_when_its_day_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    make_customer()
    retier(as_of=ago(1))
    customer = make_customer()
    make_order(customer, "1000.00", timezone.now(), margin="900.00")
    monkeypatch.setattr(runs, "database_now", lambda: database_now() - timedelta(days=1))
    retier_touched()
    monkeypatch.undo()
    assert Measures.objects.get(customer=customer).orders == 0, "it is of tomorrow"
    assert retier().kind == "due"
    assert Measures.objects.get(customer=customer).orders == 1
