"""Several at once: two who start a run, workers who share one, a touched batch that meets a shard."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from customers.models import Customer, Touch
from tests.factories import make_customer
from tests.tiers.customers_in_tiers import in_threads, make_buyer, tier_of, until_waiting
from tiers.enums import RunKind, RunState
from tiers.models import Measures, Move, Run, Shard, Standing
from tiers.selectors.population import BUCKET
from tiers.selectors.progress import waiting_runs
from tiers.services import runs, settling, shards
from tiers.services.runs import cancel_run, finish_run, retier, retier_touched, start_run, work_run
from tiers.services.shards import do_shard

pytestmark = pytest.mark.django_db(transaction=True)


Release = Callable[[], None]


@contextmanager
def held(namespace: int, key: int) -> Iterator[Release]:
    """Hold an advisory lock until the block ends or the function is called."""

    def execute(function: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s, %s)", [namespace, key])

    execute("pg_advisory_lock")
    releases = iter([lambda: execute("pg_advisory_unlock")])
    release = lambda: next(releases, lambda: None)()  # noqa: E731
    try:
        yield release
    finally:
        release()


def bucket_held(customer: Customer) -> AbstractContextManager[Release]:
    """Hold the lock of a customer's bucket: whoever decides about it stands still until it is released."""
    return held(settling.LOCKS, customer.pk // BUCKET)


def settle_then_wait(**what: Any) -> Any:
    """Read and decide, then wait for whoever holds the lock (1, 1) before anything is written."""
    settlement = settling.settle(**what)
    connection.cursor().execute("SELECT pg_advisory_xact_lock_shared(1, 1)")
    return settlement


def test_two_start_at_once_and_one_run_begins() -> None:
    make_customer()
    with in_threads(*[start_run] * 6) as results:
        pass
    assert not [result for result in results if isinstance(result, BaseException)]
    (started,) = [result for result in results if result is not None]
    assert Run.objects.get() == started
    assert Shard.objects.count() == 1


def test_the_second_start_waits_for_the_first_and_then_lets_it_be() -> None:
    """Both have seen that no run is active; the database decides between them."""
    make_customer()
    has_begun = Event()

    def start_second() -> Run | None:
        has_begun.wait(30)
        return start_run()

    with in_threads(start_second) as results, transaction.atomic():
        run = start_run()
        has_begun.set()
        until_waiting(1)
    assert results == [None]
    assert run is not None
    assert Run.objects.count() == 1


def test_workers_share_a_run_and_each_shard_is_done_once() -> None:
    for number in range(24):
        make_buyer(timezone.localdate(), "2500.00", orders=10, customer=make_customer(pk=1_000_000 + number * BUCKET))
    run = start_run()
    assert run is not None
    with in_threads(*[lambda: work_run(run_id=run.pk)] * 4) as results:
        pass
    assert results == [False] * 4
    run.refresh_from_db()
    assert (run.state, run.customers, run.moves) == (RunState.FINISHED, 24, 24)
    assert Move.objects.count() == Standing.objects.count() == Measures.objects.count() == 24


@pytest.mark.parametrize("round_", range(5))
def test_a_touched_batch_and_a_shard_that_meet_decide_one_after_the_other(round_: int) -> None:
    today = timezone.localdate()
    customers = [make_customer() for _ in range(3)]
    retier(as_of=today - timedelta(days=1))
    for customer in customers:
        make_buyer(today, "2500.00", orders=10, customer=customer)
    run = start_run()
    assert run is not None

    works = (lambda: work_run(run_id=run.pk), retier_touched)
    with bucket_held(customers[0]) as release, in_threads(*works) as results:
        until_waiting(2)
        release()
    assert results[0] is False
    assert results[1] == 3
    assert [tier_of(customer) for customer in customers] == ["family"] * 3
    # Up once, by one of the two.
    assert Move.objects.filter(reason="promoted").count() == 3
    assert Standing.objects.count() == 6
    assert not Touch.objects.exists()


def test_without_the_lock_they_would_both_move_the_customer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: both read before either writes, and the second finds a standing that it has not seen."""
    customer = make_customer()
    retier()
    make_buyer(timezone.localdate(), "2500.00", orders=10, customer=customer)
    run = start_run()
    assert run is not None
    for module in (runs, shards):
        monkeypatch.setattr(module, "lock", lambda _who: None)
        monkeypatch.setattr(module, "settle", settle_then_wait)
    monkeypatch.setattr(shards, "_forget_touches", lambda *_: None)
    works = (lambda: work_run(run_id=run.pk), retier_touched)
    with held(1, 1) as release, in_threads(*works) as results:
        until_waiting(2)
        release()
    assert any(isinstance(result, BaseException) for result in results), results


def test_a_touch_during_a_shard_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order that commits after the shard has read is found by the next batch."""
    customer = make_customer()
    run = start_run()
    assert run is not None
    with monkeypatch.context() as patch:
        patch.setattr(shards, "settle", settle_then_wait)
        with held(1, 1) as release, in_threads(lambda: work_run(run_id=run.pk)):
            until_waiting(1)
            make_buyer(timezone.localdate(), "2500.00", orders=10, customer=customer)
            release()
    assert tier_of(customer) == "guest"
    assert retier_touched() == 1
    assert tier_of(customer) == "family"


def cancel_while(run: Run) -> bool:
    """Cancel once somebody else waits."""
    until_waiting(1)
    return cancel_run(run=run)


def test_cancelling_waits_for_the_shard_that_is_being_done_and_stops_the_rest() -> None:
    first, second = make_customer(pk=1_000_000), make_customer(pk=1_000_000 + BUCKET)
    run = start_run()
    assert run is not None
    works = (lambda: work_run(run_id=run.pk), lambda: cancel_while(run))
    with bucket_held(first) as release, in_threads(*works) as results:
        until_waiting(2)
        release()
    assert results == [False, True]
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert run.customers == Measures.objects.count()
    assert not Measures.objects.filter(customer=second).exists()


def test_the_sweeper_finds_runs_that_nobody_works_on() -> None:
    customer = make_customer()
    make_customer(pk=1_000_000)
    assert waiting_runs() == []
    run = start_run()
    assert run is not None
    assert waiting_runs() == [run.pk]
    with bucket_held(customer) as release, in_threads(lambda: do_shard(run_id=run.pk)):
        until_waiting(1)
        assert waiting_runs() == []
        release()
    assert waiting_runs() == [run.pk]
    assert do_shard(run_id=run.pk)
    # All shards are done, but whoever did the last one died before it said so.
    assert waiting_runs() == [run.pk]
    assert finish_run(run_id=run.pk)
    assert not finish_run(run_id=run.pk)
    assert waiting_runs() == []
    assert not Run.objects.filter(kind=RunKind.TOUCHED).exists()
