"""Nights in which the clock is changed, and a machine whose clock was wrong and is put right."""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pgtrigger
import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from customers.models import Customer, Touch
from tests.factories import make_customer, make_order
from tests.tiers.customers_in_tiers import make_buyer, present, tier_of
from tiers import tasks
from tiers.days import end_of
from tiers.enums import RunKind
from tiers.models import Measures, Run, Standing
from tiers.services.runs import retier, retier_touched

pytestmark = pytest.mark.django_db

HALF_HOUR, DAY = timedelta(minutes=30), timedelta(days=1)

# The clock goes forward, and back; in Santiago at midnight, so that a day begins at one, or its last hour comes twice.
CHANGES = [
    ("Europe/London", date(2024, 3, 31)),
    ("Europe/London", date(2024, 10, 27)),
    ("America/Santiago", date(2024, 4, 6)),
    ("America/Santiago", date(2024, 9, 8)),
]


def buys_every_half_hour(zone: str, middle: date) -> tuple[Customer, list[date]]:
    """A customer who buys for a pound every half hour of the five days around a day; return the local day of each."""
    customer, days = make_customer(), []
    moment = datetime.combine(middle - 2 * DAY, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    while moment.astimezone(ZoneInfo(zone)).date() <= middle + 2 * DAY:
        make_order(customer, "4.00", moment, margin="1.00")
        days.append(moment.astimezone(ZoneInfo(zone)).date())
        moment += HALF_HOUR
    return customer, days


@pytest.mark.parametrize(("zone", "changed"), CHANGES)
@pytest.mark.parametrize("years", [0, 1])
def test_each_half_hour_counts_on_its_own_day(settings: Any, zone: str, changed: date, years: int) -> None:
    """As the days come into the twelve months, and a year later as they leave them, by runs of what is due alone."""
    settings.TIME_ZONE = zone
    retier(as_of=changed - 10 * DAY, is_full=True)
    customer, bought = buys_every_half_hour(zone, changed)
    assert sorted(bought.count(changed + n * DAY) for n in (-1, 0, 1)) in ([46, 48, 48], [48, 48, 50])
    if years:
        retier(as_of=changed + 3 * DAY)
        # From here on nothing is known but that time goes by.
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM customers_touch")
    seen = set()
    for n in range(-3, 4):
        day = changed.replace(year=changed.year + years) + n * DAY
        assert retier(as_of=day).kind == RunKind.DUE
        margin = Measures.objects.get(customer=customer).margin
        assert margin == sum(day.replace(year=day.year - 1) < one <= day for one in bought)
        seen.add(margin)
    assert len(seen) == 6


def put_clock_back(by: timedelta) -> None:
    """Let all that was decided have been decided so much later than the clock says now."""
    days = timedelta(days=by.days)
    with pgtrigger.ignore():
        Standing.objects.update(valid_from=F("valid_from") + by)
        Run.objects.update(effective_at=F("effective_at") + by, as_of=F("as_of") + days)
        Measures.objects.update(as_of=F("as_of") + days)


def test_a_clock_put_back_by_hours_loses_no_standing() -> None:
    customer = make_buyer(timezone.localdate(), "0.00")
    retier()
    # Late in the evening by less: what was decided for tomorrow has to wait for it.
    left = end_of(timezone.localdate(), settings.TIME_ZONE) - timezone.now()
    put_clock_back(min(timedelta(hours=3), left / 2))
    first = present(customer)
    make_buyer(timezone.localdate(), "300.00", orders=2, customer=customer)
    assert retier_touched() == 1
    assert tier_of(customer) == "regular"
    before, now = Standing.objects.order_by("valid_from")
    assert before.pk == first.pk
    assert before.valid_until == now.valid_from == first.valid_from + timedelta(microseconds=1)


def test_a_clock_put_back_by_days_loses_no_change(caplog: pytest.LogCaptureFixture) -> None:
    """Who was decided on for a day that has not come waits for it; everybody else is decided on at once."""
    ahead, other = make_customer(), make_customer()
    retier()
    put_clock_back(2 * DAY)
    with caplog.at_level(logging.WARNING):
        tasks.start_run()
    assert "Tiers have been decided as of" in caplog.text
    assert Run.objects.count() == 1
    # Only one of them was decided on while the clock was ahead.
    with pgtrigger.ignore():
        Standing.objects.filter(customer=other).update(valid_from=F("valid_from") - 2 * DAY)
        Measures.objects.filter(customer=other).update(as_of=timezone.localdate())
    for customer in (ahead, other):
        make_buyer(timezone.localdate(), "300.00", orders=2, customer=customer)
    tasks.retier_touched()
    assert (tier_of(ahead), tier_of(other)) == ("guest", "regular")
    assert list(Touch.objects.values_list("customer", flat=True)) == [ahead.pk]
    # Neither does a run forget it, were there one.
    Run.objects.update(as_of=timezone.localdate())
    assert retier().customers == 0
    assert list(Touch.objects.values_list("customer", flat=True)) == [ahead.pk]
    # The days have come.
    put_clock_back(-2 * DAY)
    tasks.retier_touched()
    assert tier_of(ahead) == "regular"
    assert not Touch.objects.exists()
