"""The tasks by their names, over a real broker and a real worker."""

import pytest
from django.db import transaction
from django.utils import timezone

from customers.models import Touch
from tests.conftest import Programs, eventually
from tests.factories import make_customer
from tests.tiers.customers_in_tiers import make_buyer, tier_of
from tiers import tasks
from tiers.enums import RunState
from tiers.models import Run, Standing
from tiers.services.runs import start_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("worker")]


def test_names() -> None:
    assert [task.name for task in (tasks.start_run, tasks.work_run, tasks.sweep_runs, tasks.retier_touched)] == [
        "tiers.start_run",
        "tiers.work_run",
        "tiers.sweep_runs",
        "tiers.retier_touched",
    ]


def test_a_worker_loads_the_mathematics_once_and_pages_never(start_program: Programs) -> None:
    """In a process of its own: here others have loaded them long ago."""
    program = """
import sys, django
django.setup()
from celery.signals import worker_init
import tiers.tasks
assert "scipy.special" not in sys.modules
worker_init.send(sender=None)
assert "scipy.special" in sys.modules
"""
    assert start_program("-c", program).wait(60) == 0


def test_a_worker_does_the_days_run_and_touched_customers(start_worker: Programs, start_program: Programs) -> None:
    for number in range(3):
        make_customer(pk=60_000_000 + number * 5_000)
    start_worker()
    start_program("-m", "celery", "-A", "portal", "call", "tiers.start_run").wait(60)
    eventually(lambda: Run.objects.filter(state=RunState.FINISHED, customers=3, moves=3).exists())

    customer = make_buyer(timezone.localdate(), "300.00", orders=2)
    start_program("-m", "celery", "-A", "portal", "call", "tiers.retier_touched").wait(60)
    eventually(lambda: Standing.objects.filter(customer=customer).exists())
    assert tier_of(customer) == "regular"
    assert not Touch.objects.exists()


def test_a_run_that_is_gone_and_a_day_that_is_refused_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    tasks.work_run(0)
    assert "run 0 is gone" in caplog.text
    # Nothing is enqueued for a run of somebody else's.
    make_customer()
    start_run()
    with transaction.atomic():
        tasks.start_run()
    assert Run.objects.count() == 1
