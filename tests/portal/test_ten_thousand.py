"""A customer with 10,500 entries costs what one with ten does: queries, rows read and bytes, not time."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, Gesture, Incident, Interaction, Order, Promise
from portal.models import User
from tests.factories import make_customer, make_order, make_touch_point, make_user

pytestmark = pytest.mark.django_db

# Ten entries do not fill the first page of the timeline, a long history does: that many rows and bytes more are fair.
MOST_ROWS_MORE = 700
MOST_BYTES_MORE = 1.4


def add_entries(customer: Customer, many: int) -> None:
    """So many entries, seven of ten of them orders, over as many hours."""
    now, place = timezone.now(), make_touch_point()
    first = make_order(customer)

    def at(number: int) -> timedelta:
        return timedelta(hours=number + 1)

    tenth = range(many // 10)
    orders = [
        Order(
            customer=customer, kind="purchase", source="many", external_id=f"{customer.pk}-{n}", placed_at=now - at(n),
            amount=Decimal(10), margin=Decimal(3), currency_id=first.currency_id, house_amount=Decimal(10),
            house_margin=Decimal(3), description=f"Thing {n}",
        )
        for n in range(many * 7 // 10 - 1)
    ]  # fmt: skip
    Order.objects.bulk_create(orders)
    Interaction.objects.bulk_create(
        Interaction(customer=customer, channel="phone", touch_point=place, opened_at=now - at(n), closed_at=now - at(n))
        for n in tenth
    )
    Incident.objects.bulk_create(
        Incident(
            customer=customer, kind="late", touch_point=place, text=f"Late {n}", happened_at=now - at(n),
            resolved_at=now - at(n),
        )
        for n in tenth
    )  # fmt: skip
    Promise.objects.bulk_create(
        Promise(customer=customer, text=f"Ring {n}", made_at=now - 2 * at(n), due_at=now - at(n), kept_at=now - at(n))
        for n in tenth[: len(tenth) // 2]
    )
    Gesture.objects.bulk_create(
        Gesture(customer=customer, what=f"Flowers {n}", cost=Decimal(5), given_at=now - at(n))
        for n in tenth[: len(tenth) - len(tenth) // 2]
    )


def rows_read() -> int:
    """How many rows this transaction has read so far, from tables and by indexes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables")
        return int(cursor.fetchone()[0])


def cost_of_a_look(agent: User, customer: Customer) -> tuple[int, int, int]:
    """Return the queries, the rows read and the bytes of a page of this customer, the timeline on it."""
    client = Client()
    client.force_login(agent)
    page = reverse("contact", args=[customer.public_id]) + "?show=timeline"
    client.get(page)
    before = rows_read()
    with CaptureQueriesContext(connection) as asked:
        response = client.get(page)
    assert response.status_code == 200
    return len(asked), rows_read() - before, len(response.content)


def test_ten_thousand_entries_cost_what_ten_do() -> None:
    agent, short, long = make_user(), make_customer(), make_customer()
    add_entries(short, 10)
    add_entries(long, 10_500)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    few, many = cost_of_a_look(agent, short), cost_of_a_look(agent, long)
    assert few[0] == many[0] <= 8
    assert many[1] - few[1] <= MOST_ROWS_MORE, (few, many)
    assert many[2] <= few[2] * MOST_BYTES_MORE, (few, many)
