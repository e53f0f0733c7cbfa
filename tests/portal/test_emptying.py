"""What empties the database between the tests: nothing that one has committed is there for the next."""

import pytest
from django.db import connection

from customers.models import Customer, TouchPoint
from tests.emptying import Emptier
from tests.factories import make_customer
from tiers.models import Tier

pytestmark = pytest.mark.django_db(transaction=True)


def contents(emptier: Emptier) -> dict[str, list[str]]:
    """Each row of each table, as text."""
    found = {}
    with connection.cursor() as cursor:
        for table in emptier.tables:
            cursor.execute(f'SELECT one::text FROM "{table}" AS one ORDER BY 1')
            found[table] = [row for (row,) in cursor.fetchall()]
    return found


def test_what_was_committed_is_put_back() -> None:
    emptier = Emptier()
    emptier.remember()
    before = contents(emptier)
    assert before["auth_permission"]
    assert before["tiers_tier"]
    make_customer(full_name="Customer 1")
    Tier.objects.update(name="Another")
    TouchPoint.objects.all().delete()
    TouchPoint.objects.create(slug="till", name="Till")
    changed = {table for table, rows in contents(emptier).items() if rows != before[table]}
    assert changed >= {"customers_customer", "customers_touchpoint", "tiers_tier"}
    emptier.put_back()
    assert contents(emptier) == before


def test_triggers_and_foreign_keys_hold_again_afterwards() -> None:
    emptier = Emptier()
    emptier.remember()
    emptier.put_back()
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)
    assert not Customer.objects.exists()
