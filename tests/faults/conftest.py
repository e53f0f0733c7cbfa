"""What the tests of faults share."""

from datetime import date, timedelta

import pytest
from celery import Celery
from django.utils import timezone

from tests.faults.retiering import CUSTOMERS, FIRST, SHARDS, begin, buy, execute
from tiers.models.references import BUCKET


@pytest.fixture
def today() -> date:
    """Customers of all kinds, decided about 40 days ago; since then some bought, some are below a bar."""
    day = timezone.localdate()
    execute("INSERT INTO customers_currency (code, rate, updated_at) VALUES ('GBP', 1, now()) ON CONFLICT DO NOTHING")
    execute(
        """
        INSERT INTO customers_customer (id, public_id, source, full_name, given_name, family_name, known_as, say_as,
                                        pronouns, language, country, city, time_zone)
        SELECT %s + number * %s, gen_random_uuid(), 'test', 'Customer ' || number,
               '', '', '', '', '', 'en', '', '', 'UTC'
        FROM generate_series(0, %s - 1) AS number
        """,
        FIRST,
        SHARDS * BUCKET // CUSTOMERS,
        CUSTOMERS,
    )
    buy(day - timedelta(days=40), "id %% 7 <> 0", orders=12, apart=20)
    begin(day)
    return day


@pytest.fixture
def celery(broker: str) -> Celery:
    """Somebody who asks workers for something through the real broker."""
    app = Celery("tests", broker=broker)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.broker_url = broker
    return app
