"""Fitting to the house's own orders: what is read, what is kept, what the database refuses."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Event
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Currency, Customer, Order
from tests.factories import make_customer, make_order, make_user
from tests.refusing import refused
from tests.tiers.buying import TODAY, made, predicted
from tests.tiers.customers_in_tiers import in_threads, until_waiting
from tiers import tasks
from tiers.models import ValueFit
from tiers.selectors import value as selector
from tiers.selectors.value import as_fit, chosen_customers, every_purchase, latest_fit, purchases_of
from tiers.services import values
from tiers.services.values import fit_value
from tiers.value.fitting import Caution, Fit, Model, fit
from tiers.value.purchases import Rows, tally

pytestmark = pytest.mark.django_db

DAY = date(2024, 3, 31)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def fill_house(customers: int = 120, *, chance_to_leave: float = 0.3) -> Rows:
    """Give the house customers with purchases up to today; return these as rows, customers by primary key."""
    rows = made(customers, chance_to_leave=chance_to_leave)
    Currency.objects.get_or_create(code="GBP", defaults={"rate": 1})
    people = Customer.objects.bulk_create(Customer(full_name=f"Customer {number}") for number in range(customers))
    shift = timezone.localdate().toordinal() - TODAY
    keys = np.array([person.pk for person in people])
    moved = Rows(keys[rows.customer], rows.day + shift, rows.cents, rows.is_purchase)
    Order.objects.bulk_create(
        Order(
            customer_id=int(customer),
            source="test",
            external_id=f"made-{place}",
            kind="purchase",
            placed_at=at(date.fromordinal(int(day)), 0),
            amount=1000,
            margin=Decimal(int(cents)) / 100,
            currency_id="GBP",
            house_amount=1000,
            house_margin=Decimal(int(cents)) / 100,
        )
        for place, (customer, day, cents) in enumerate(zip(moved.customer, moved.day, moved.cents, strict=True))
    )
    return moved


def make_fit(**fields: Any) -> ValueFit:
    fields = {
        "version": 1,
        "model": "none",
        "last_day": DAY,
        "horizon_days": 365,
        "customers": 0,
        "parameters": {},
    } | fields
    return ValueFit.objects.create(**fields)


def test_the_house_is_fitted_like_the_rows() -> None:
    rows = fill_house()
    version = fit_value()
    today = timezone.localdate().toordinal()
    assert as_fit(version) == fit(tally(rows, today), until=today)
    assert (version.version, version.model, version.customers) == (1, "bg_nbd", 120)
    assert (version.last_day, version.horizon_days) == (timezone.localdate(), 365)
    assert version.warnings == version.parameters["warnings"]
    assert version.log_likelihood == as_fit(version).log_likelihood
    assert sum(row["customers"] for row in version.calibration["classes"]) > 100


def test_each_fit_is_a_version_and_the_newest_holds() -> None:
    fill_house(60)
    manager = make_user("manager")
    first, second = fit_value(), fit_value(horizon_days=30, by=manager)
    assert (first.version, second.version, second.fitted_by, second.horizon_days) == (1, 2, manager, 30)
    newest = latest_fit()
    assert newest == second
    assert as_fit(second) == as_fit(first).ahead(30)


def test_an_empty_house_is_fitted_too() -> None:
    assert latest_fit() is None
    version = fit_value()
    assert (version.model, version.warnings, version.first_day) == ("none", ["no_purchases"], None)
    assert version.calibration == {}
    assert as_fit(version).model == Model.NONE


def test_a_short_history_says_that_it_was_not_checked() -> None:
    rows = fill_house(200)
    early = date.fromordinal(int(rows.day.min()) + 35)
    version = fit_value(until=early)
    assert version.last_day == early
    assert Caution.NO_HOLDOUT in as_fit(version).warnings or version.model == "none"


@pytest.mark.parametrize("changes", [{"horizon_days": 0}, {"horizon_days": 3654}, {"until": date(2999, 1, 1)}])
def test_what_cannot_be_asked_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        fit_value(**changes)
    assert not ValueFit.objects.exists()


def test_margin_is_read_by_business_day_and_our_faults_are_not() -> None:
    customer = make_customer()
    with override_settings(TIME_ZONE="Pacific/Auckland"):
        # Half past eleven in the evening there, and half past twelve at night.
        make_order(customer, "100.00", datetime(2024, 3, 1, 10, 30, tzinfo=UTC))
        make_order(customer, "50.00", datetime(2024, 3, 1, 11, 30, tzinfo=UTC))
        make_order(customer, "-20.00", datetime(2024, 3, 1, 12, 30, tzinfo=UTC))
        make_order(customer, "-70.00", datetime(2024, 3, 1, 13, 30, tzinfo=UTC), is_our_fault=True)
        make_order(customer, "0.00", at(DAY), margin=Decimal("-1.25"))
        make_order(customer, "10.00", at(DAY + timedelta(days=1)))
        rows = purchases_of([customer.pk], DAY)
    first = date(2024, 3, 1).toordinal()
    found = sorted(zip(rows.day.tolist(), rows.is_purchase.tolist(), rows.cents.tolist(), strict=True))
    assert found == [(first, True, 3000), (first + 1, False, -600), (first + 1, True, 1500)]


def test_a_house_larger_than_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    fill_house(150)
    monkeypatch.setattr(values, "MOST_CUSTOMERS", 100)
    fitted = as_fit(fit_value())
    assert (fitted.customers, fitted.population, Caution.SAMPLED in fitted.warnings) == (100, 150, True)
    today = timezone.localdate()
    chosen, population = chosen_customers(today, 100)
    assert (len(set(chosen)), population) == (100, 150)
    assert chosen_customers(today, 100)[0] == chosen
    assert chosen_customers(today, 10)[0] == chosen[:10]
    assert chosen != sorted(chosen)


def test_queries_do_not_grow_with_the_customers(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    today = timezone.localdate()
    for count in (1, 3):
        for _ in range(count):
            make_order(make_customer())
        with django_assert_num_queries(2):
            purchases_of(chosen_customers(today, 100)[0], today)


def test_everybody_is_read_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = fill_house(25)
    monkeypatch.setattr(selector, "_PORTION", 10)
    parts = list(every_purchase(timezone.localdate()))
    assert len(parts) == 3
    assert np.concatenate([part.customer for part in parts]).tolist() == sorted(rows.customer.tolist())
    assert sum(int(part.cents.sum()) for part in parts) == int(rows.cents.sum())


def test_predictions_of_a_stored_fit_are_those_of_the_fit() -> None:
    rows = fill_house()
    today = timezone.localdate().toordinal()
    tallies = tally(rows, today)
    stored = as_fit(ValueFit.objects.get(pk=fit_value().pk))
    assert (predicted(stored, tallies, today) == predicted(fit(tallies, until=today), tallies, today)).all()


def test_the_task_notes_who_asked() -> None:
    manager = make_user("manager")
    tasks.fit_value(manager.pk)
    tasks.fit_value()
    tasks.fit_value(0)
    assert [version.fitted_by for version in ValueFit.objects.order_by("version")] == [manager, None, None]
    assert tasks.fit_value.name == "tiers.fit_value"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"version": 0}, "valuefit_version_from_one"),
        ({"model": "guess", "first_day": DAY, "log_likelihood": -1.0}, "valuefit_model_known"),
        ({"horizon_days": 0}, "valuefit_horizon_positive"),
        ({"first_day": DAY + timedelta(days=1)}, "valuefit_window_in_order"),
        ({"log_likelihood": -1.0}, "valuefit_likelihood_of_a_model"),
        ({"model": "nbd", "first_day": DAY}, "valuefit_likelihood_of_a_model"),
        ({"model": "nbd", "log_likelihood": -1.0}, "valuefit_likelihood_of_a_model"),
    ],
)
def test_what_the_database_refuses(fields: dict[str, Any], name: str) -> None:
    with refused(name):
        make_fit(**fields)


def test_a_version_is_one_and_never_changes() -> None:
    version = make_fit(fitted_by=make_user("manager"))
    with refused("tiers_valuefit_version_key"):
        make_fit()
    for change in ({"customers": 5}, {"parameters": {"r": 1}}, {"fitted_by": None, "version": 2}):
        with refused("valuefit_append_only"):
            ValueFit.objects.filter(pk=version.pk).update(**change)
    with refused("valuefit_append_only"):
        ValueFit.objects.filter(pk=version.pk).update(fitted_by=make_user("manager"))
    with refused("valuefit_append_only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tiers_valuefit")


def test_the_colleague_who_asked_may_leave() -> None:
    manager = make_user("manager")
    version = make_fit(fitted_by=manager)
    manager.delete()
    version.refresh_from_db()
    assert version.fitted_by is None


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_two_versions() -> None:
    """Both wait for somebody who is writing a version; then they go one after the other."""
    fitted = Fit.from_json(fit_value().parameters)
    assert fitted.model == Model.NONE
    is_writing = Event()

    def fit_then() -> ValueFit:
        is_writing.wait()
        return fit_value()

    with in_threads(fit_then, fit_then) as results, transaction.atomic():
        make_fit(version=2)
        is_writing.set()
        until_waiting(2)
    assert sorted(result.version for result in results) == [3, 4]
    assert list(ValueFit.objects.values_list("version", flat=True)) == [4, 3, 2, 1]
