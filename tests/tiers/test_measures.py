"""Measures as the database computes them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.psycopg_any import mogrify

from customers.models import Customer
from tests.conftest import eventually
from tests.factories import make_customer, make_order
from tiers import days
from tiers.engine import NEVER
from tiers.measuring import year_after
from tiers.selectors import facts
from tiers.selectors.columns import read_columns
from tiers.selectors.measures import measure
from tiers.selectors.population import Handful, Population, Range

DAY = date(2024, 3, 31)


def measured(who: Population, *customers: Customer, as_of: date = DAY) -> list[tuple[int, int, int]]:
    found = measure(who, np.array([customer.pk for customer in customers]), as_of)
    return list(zip(found.margin.tolist(), found.orders.tolist(), found.last_order.tolist(), strict=True))


@pytest.mark.django_db
def test_the_same_by_range_and_by_number_with_zeros_for_those_without_orders() -> None:
    first, second, third = make_customer(), make_customer(), make_customer()
    make_order(first, "10.00", datetime(2024, 3, 1, tzinfo=UTC), margin="0.10")
    make_order(first, "10.00", datetime(2024, 3, 2, tzinfo=UTC), margin="0.20")
    make_order(first, "-5.00", datetime(2024, 3, 3, tzinfo=UTC), margin="-0.05")
    make_order(third, "-5.00", datetime(2024, 3, 3, tzinfo=UTC), margin="-0.05", is_our_fault=True)
    expected = [(25, 2, date(2024, 3, 2).toordinal()), (0, 0, NEVER), (0, 0, NEVER)]
    everybody = (first, second, third)
    assert measured(Range(first.pk, third.pk), *everybody) == expected
    assert measured(Handful([customer.pk for customer in everybody]), *everybody) == expected
    assert measured(Handful([second.pk]), second) == expected[1:2]


@pytest.mark.django_db
def test_the_window_and_the_day_are_the_houses_own(settings: Any) -> None:
    """In London the summer's clock begins on 31 March 2024: the day is 23 hours long."""
    settings.TIME_ZONE = "Europe/London"
    inside = [datetime(2024, 3, 31, 22, 59, tzinfo=UTC), datetime(2023, 3, 31, 23, 0, tzinfo=UTC)]
    outside = [datetime(2024, 3, 31, 23, 0, tzinfo=UTC), datetime(2023, 3, 31, 22, 59, tzinfo=UTC)]
    customer = make_customer()
    for moment in inside + outside:
        make_order(customer, "10.00", moment, margin="1.00")
    assert measured(Handful([customer.pk]), customer) == [(200, 2, DAY.toordinal())]


@pytest.mark.parametrize("first", [date(2023, 1, 1), date(2024, 1, 1), date(2027, 12, 31)])
def test_a_fact_leaves_the_twelve_months_on_the_day_that_is_known_before(first: date) -> None:
    of_a_year = np.array([first.toordinal() + place for place in range(366)])
    for ordinal, leaves in zip(of_a_year.tolist(), year_after(of_a_year).tolist(), strict=True):
        noon = datetime.combine(date.fromordinal(ordinal), time(12), UTC)
        begins = [days.window(date.fromordinal(day), "UTC").begins for day in (leaves - 1, leaves)]
        assert begins[0] <= noon < begins[1], date.fromordinal(ordinal)


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]
)
def test_the_day_of_a_moment_where_clocks_are_changed(zone: str) -> None:
    """Also on both sides of each midnight of thirty years; Apia left one day out, Lord Howe has half hours."""
    first = date(1999, 6, 1).toordinal()
    midnights = [days.microseconds(days.end_of(date.fromordinal(day), zone)) for day in range(first, first + 11_000)]
    moments = np.array([[midnight - 1, midnight, midnight + 1] for midnight in midnights]).ravel()
    chance = np.random.default_rng(1)
    moments = np.concatenate([moments, chance.integers(moments.min(), moments.max(), 5_000)])
    chance.shuffle(moments)
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    expected = [days.day_of(epoch + timedelta(microseconds=int(moment)), zone).toordinal() for moment in moments]
    assert days.ordinals(moments, zone).tolist() == expected
    assert [int(days.ordinals(moments[n : n + 1], zone)[0]) for n in range(50)] == expected[:50]


def test_days() -> None:
    assert days.year_before(date(2024, 2, 29)) == date(2023, 2, 28)
    assert days.year_before(date(2025, 2, 28)) == date(2024, 2, 28)
    assert days.end_of(date(2024, 3, 30), "Europe/London") == datetime(2024, 3, 31, 0, tzinfo=UTC)
    assert days.end_of(date(2024, 3, 31), "Europe/London") == datetime(2024, 3, 31, 23, tzinfo=UTC)
    assert days.day_of(datetime(2024, 3, 31, 23, 30, tzinfo=UTC), "Europe/London") == date(2024, 4, 1)


@pytest.mark.django_db
def test_columns_with_nulls_are_refused() -> None:
    with pytest.raises(ValueError, match="a column was null"):
        read_columns("SELECT NULL::bigint UNION ALL SELECT 1::bigint", [], ["number"])
    assert read_columns("SELECT 1::bigint WHERE false", [], ["number"])["number"].tolist() == []


def _is_all_visible(cursor: Any) -> bool:
    """Vacuum orders, and return whether that reached every page: not while somebody looks at what was before.

    Autovacuum may, to count. To freeze a page it waits for whoever writes that page out at this moment, and with its
    indexes cleaned up no page keeps what is left of rows that other tests took away; otherwise it passes both over.
    """
    cursor.execute("VACUUM (FREEZE, ANALYZE, INDEX_CLEANUP ON) customers_order")
    cursor.execute("SELECT relallvisible = relpages FROM pg_class WHERE oid = 'customers_order'::regclass")
    return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_orders_are_read_from_the_covering_index_alone() -> None:
    make_order(make_customer(), "10.00")
    with connection.cursor() as cursor:
        # VACUUM marks a page as visible to all only when its commit is on disk for sure.
        cursor.execute("SET synchronous_commit = on")
        cursor.execute(
            """
            WITH people AS (
                INSERT INTO customers_customer (public_id, source, full_name, given_name, family_name, known_as, say_as,
                                                pronouns, language, country, city, time_zone)
                SELECT gen_random_uuid(), 'test', 'Customer ' || number, '', '', '', '', '', 'en', '', '', 'UTC'
                FROM generate_series(1, 4000) AS number RETURNING id
            )
            INSERT INTO customers_order (customer_id, source, external_id, kind, placed_at, amount, margin, currency_id,
                                         house_amount, house_margin, is_our_fault, is_margin_estimated, description)
            SELECT id, 'bulk', id || '/' || number, 'purchase', TIMESTAMPTZ '2024-03-01' - number * INTERVAL '30 days',
                   10, 3, 'GBP', 10, 3, false, false, repeat('x', 100)
            FROM people, generate_series(1, 10) AS number
            """
        )
        # As long as a house with these would have it: other tests leave it longer, and to read it would seem dear.
        cursor.execute("REINDEX INDEX order_of_customer")
        eventually(lambda: _is_all_visible(cursor))
        window = days.window(DAY, settings.TIME_ZONE)
        first = Customer.objects.order_by("pk")[1].pk
        for who in (Range(first, first + 999), Handful(list(range(first, first + 100)))):
            where, params = who.where("customer_id")
            columns = ", ".join(f"string_agg({packed}::text, '')" for packed, _ in facts._ORDERS.values())
            sql = f"SELECT {columns} {facts._OF_ORDERS.format(who=where)}"
            values = [*params, window.ends]
            cursor.execute(mogrify("EXPLAIN (ANALYZE, FORMAT TEXT) " + sql, values, connection))
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Index Only Scan using order_of_customer" in plan, plan
            # A page that VACUUM could not yet mark as visible to all may be looked at; not more.
            assert int(plan.split("Heap Fetches: ")[1].split()[0]) < 100, plan
            assert "Seq Scan" not in plan
    assert timedelta(days=30) < window.ends - window.begins
