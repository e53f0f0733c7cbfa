"""Runs over everybody, over those touched, and what they leave behind."""

from datetime import date, timedelta

import pgtrigger
import pytest
from django.db import transaction
from django.utils import timezone

from customers.models import Gesture, Touch
from customers.services.incidents import record_incident, resolve_incident
from tests.factories import make_customer, make_interaction, make_order, make_touch_point
from tests.tiers.customers_in_tiers import at, make_buyer, numbers_of, present, tier_of
from tiers.enums import Reason, RunKind, RunState
from tiers.exceptions import NoSchemeError, WrongDayError
from tiers.models import Measures, Move, Run, Scheme, Shard, Standing
from tiers.services import runs, shards
from tiers.services.runs import cancel_run, retier, retier_touched, start_run, work_run
from tiers.services.shards import do_shard

pytestmark = pytest.mark.django_db

DAY = date(2024, 3, 1)


def test_first_run_gives_everybody_a_standing() -> None:
    family = make_buyer(DAY, "2500.00", orders=10)
    nobody = make_customer()
    run = retier(as_of=DAY)

    assert (run.state, run.customers, run.moves) == (RunState.FINISHED, 2, 2)
    assert run.effective_at == at(DAY + timedelta(days=1), hour=0)
    assert (tier_of(family), tier_of(nobody)) == ("family", "guest")
    assert present(family).reason == Reason.FIRST
    assert present(family).valid_from == run.effective_at
    assert numbers_of(family) == {
        "margin": 2500_00,
        "orders": 10,
        "recency": 0,
        "tenure": 6,
        "cost": 0,
        "engagement": 0,
    }
    measures = Measures.objects.get(customer=nobody)
    assert (measures.margin, measures.orders, measures.last_order_on, measures.as_of) == (0, 0, None, DAY)


def test_a_second_run_on_the_day_changes_nothing() -> None:
    make_buyer(DAY, "2500.00", orders=10)
    make_customer()
    retier(as_of=DAY)
    before = (list(Measures.objects.values()), list(Move.objects.values()), list(Standing.objects.values()))
    assert retier(as_of=DAY).moves == 0
    assert (list(Measures.objects.values()), list(Move.objects.values()), list(Standing.objects.values())) == before


def test_only_what_changed_is_written() -> None:
    """A day on, rows whose numbers are the same keep the day that they were written for."""
    customer = make_buyer(DAY, "2500.00", orders=10)
    retier(as_of=DAY)
    retier(as_of=DAY + timedelta(days=1))
    assert Measures.objects.get(customer=customer).as_of == DAY


def test_up_at_once_held_then_down_by_one_step_after_hold_and_grace() -> None:
    customer = make_buyer(DAY, "100.00")
    retier(as_of=DAY)
    make_buyer(DAY + timedelta(days=10), "2500.00", orders=10, customer=customer)

    up = DAY + timedelta(days=10)
    retier(as_of=up)
    standing = present(customer)
    assert (standing.tier.slug, standing.reason, standing.held_until) == ("family", "promoted", up + timedelta(days=90))

    # The last order is 181 days ago: below the bar for staying in Family, and for staying as a House guest.
    below = up + timedelta(days=181)
    retier(as_of=below)
    standing = present(customer)
    assert (standing.tier.slug, standing.earned_tier.slug, standing.below_since) == ("family", "regular", below)
    retier(as_of=below + timedelta(days=29))
    assert tier_of(customer) == "family"
    retier(as_of=below + timedelta(days=30))
    standing = present(customer)
    assert (standing.tier.slug, standing.reason, standing.held_until) == ("house-guest", "demoted", None)
    assert standing.below_since == below + timedelta(days=30)
    retier(as_of=below + timedelta(days=60))
    assert tier_of(customer) == "regular"

    assert [move.to_tier.slug for move in Move.objects.order_by("moved_at")] == [
        "guest",
        "family",
        "house-guest",
        "regular",
    ]
    periods = list(Standing.objects.order_by("valid_from").values_list("valid_from", "valid_until"))
    assert [until for _, until in periods[:-1]] == [begin for begin, _ in periods[1:]]


def test_a_return_that_we_caused_counts_as_if_it_had_not_happened() -> None:
    ours = make_buyer(DAY, "2500.00", orders=10)
    theirs = make_buyer(DAY, "2500.00", orders=10)
    make_order(ours, "-2000.00", at(DAY), margin="-2000.00", is_our_fault=True)
    make_order(theirs, "-2000.00", at(DAY), margin="-2000.00")
    retier(as_of=DAY)
    assert (tier_of(ours), tier_of(theirs)) == ("family", "regular")
    assert Measures.objects.get(customer=theirs).orders == 10


def test_an_open_incident_of_ours_stops_the_clock() -> None:
    customer = make_buyer(DAY, "2500.00", orders=10)
    retier(as_of=DAY)
    below = DAY + timedelta(days=181)
    retier(as_of=below)

    def fail(first: int, last: int | None, *, is_our_fault: bool = True) -> None:
        incident, _ = record_incident(
            customer=customer,
            kind="late",
            touch_point=make_touch_point(),
            text=f"Late {first}",
            happened_at=at(below + timedelta(days=first)),
            is_our_fault=is_our_fault,
        )
        if last is not None:
            type(incident).objects.filter(pk=incident.pk).update(resolved_at=at(below + timedelta(days=last), 13))

    fail(-20, 2)  # days 1 and 2 count
    fail(2, 4)  # 3 and 4
    fail(10, 10)  # 10
    fail(5, 9, is_our_fault=False)
    retier(as_of=below + timedelta(days=34))
    assert tier_of(customer) == "family"
    retier(as_of=below + timedelta(days=35))
    assert tier_of(customer) == "house-guest"

    fail(36, None)
    retier(as_of=below + timedelta(days=200))
    assert (tier_of(customer), present(customer).below_since) == ("house-guest", below + timedelta(days=35))


def test_a_resolved_incident_frees_the_clock_from_the_next_day_on() -> None:
    customer = make_customer()
    retier()
    incident, _ = record_incident(
        customer=customer, kind="late", touch_point=make_touch_point(), text="Late", happened_at=timezone.now()
    )
    assert resolve_incident(incident=incident)
    assert retier().moves == 0


def test_an_order_after_the_day_does_not_count_and_a_late_one_does() -> None:
    customer = make_buyer(DAY + timedelta(days=1), "2500.00", orders=1)
    retier(as_of=DAY)
    assert Measures.objects.get(customer=customer).margin == 0
    make_buyer(DAY - timedelta(days=3), "300.00", orders=2, customer=customer)
    retier(as_of=DAY)
    assert (tier_of(customer), Measures.objects.get(customer=customer).orders) == ("regular", 2)
    # Decided twice as of the same day: the second standing begins a moment after the first.
    first, second = Standing.objects.order_by("valid_from")
    assert first.valid_until == second.valid_from == first.valid_from + timedelta(microseconds=1)


def test_months_in_sequence_age_a_customer() -> None:
    customer = make_buyer(DAY, "250.00", orders=2)
    seen = []
    for month in range(16):
        retier(as_of=DAY + timedelta(days=30 * month))
        seen.append(tier_of(customer))
    assert seen == ["regular"] * 14 + ["guest"] * 2
    assert Measures.objects.get(customer=customer).orders == 0


def test_a_day_to_come_and_a_day_before_a_decided_one_are_refused() -> None:
    with pytest.raises(WrongDayError, match="has not come yet"):
        start_run(as_of=timezone.localdate() + timedelta(days=1))
    make_customer()
    retier(as_of=DAY)
    with pytest.raises(WrongDayError, match="decided as of 1 March 2024 already"):
        start_run(as_of=DAY - timedelta(days=1))
    assert Run.objects.count() == 1


def test_without_a_published_scheme_a_run_says_so_and_touches_wait() -> None:
    make_buyer(DAY, "10.00")
    Scheme.objects.update(state="retired", retired_at=timezone.now() + timedelta(seconds=5))
    with pytest.raises(NoSchemeError, match="No scheme is published"):
        start_run()
    assert retier_touched() == 0
    assert Touch.objects.count() == 1


def test_one_run_at_a_time_and_cancelling() -> None:
    make_customer()
    run = start_run(as_of=DAY)
    assert run is not None
    assert start_run(as_of=DAY) is None
    assert cancel_run(run=run)
    assert not cancel_run(run=run)
    assert not do_shard(run_id=run.pk)
    assert not work_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.customers, Move.objects.count()) == (RunState.CANCELLED, 0, 0)
    assert retier(as_of=DAY).moves == 1


def test_cancelling_keeps_and_counts_what_was_done() -> None:
    make_customer(pk=900_001)
    make_customer(pk=930_001)
    run = start_run(as_of=DAY)
    assert run is not None
    assert do_shard(run_id=run.pk)
    assert cancel_run(run=run)
    run.refresh_from_db()
    assert (run.customers, run.moves, Standing.objects.count()) == (1, 1, 1)
    with pytest.raises(WrongDayError):
        start_run(as_of=DAY - timedelta(days=1))


def test_nobody_to_decide_about() -> None:
    run = retier()
    assert (run.state, run.customers) == (RunState.FINISHED, 0)


def test_shards_are_whole_buckets() -> None:
    for pk in (900_001, 909_999, 910_000, 981_000):
        make_customer(pk=pk)
    run = start_run()
    shards = Shard.objects.filter(run=run, first_id__gte=900_000).order_by("first_id")
    assert list(shards.values_list("first_id", "last_id")) == [
        (900_000, 909_999),
        (910_000, 919_999),
        (980_000, 989_999),
    ]


def test_a_run_goes_on_after_an_exception_in_a_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    for pk in (900_001, 920_001, 940_001):
        make_buyer(DAY, "2500.00", orders=10, customer=make_customer(pk=pk))
    run = start_run(as_of=DAY)
    assert run is not None
    assert do_shard(run_id=run.pk)

    def break_down(*_: object) -> None:
        raise RuntimeError("broke down")

    with monkeypatch.context() as patch:
        patch.setattr(shards, "write_moves", break_down)
        with pytest.raises(RuntimeError, match="broke down"), transaction.atomic():
            do_shard(run_id=run.pk)
    assert (Measures.objects.count(), Move.objects.count(), Shard.objects.filter(done_at=None).count()) == (1, 1, 2)
    work_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.customers, run.moves, Move.objects.count()) == (RunState.FINISHED, 3, 3, 3)


# --- touched customers ---------------------------------------------------------------------------


def test_a_new_order_moves_a_touched_customer() -> None:
    today = timezone.localdate()
    customer = make_customer()
    retier()
    make_buyer(today, "300.00", orders=2, customer=customer)
    assert retier_touched() == 1
    assert retier_touched() == 0
    assert tier_of(customer) == "regular"
    run = Run.objects.get(kind=RunKind.TOUCHED)
    assert (run.state, run.customers, run.moves, run.as_of) == (RunState.FINISHED, 1, 1, today)
    assert Move.objects.get(customer=customer, run=run).to_tier.slug == "regular"


def test_touched_and_never_seen_gets_a_first_standing() -> None:
    customer = make_buyer(timezone.localdate(), "10.00")
    assert retier_touched() == 1
    assert (tier_of(customer), present(customer).reason) == ("guest", "first")


def test_without_a_move_there_is_no_run() -> None:
    customer = make_customer()
    retier()
    make_buyer(timezone.localdate(), "10.00", customer=customer)
    assert retier_touched() == 1
    assert not Run.objects.filter(kind=RunKind.TOUCHED).exists()
    assert Measures.objects.get(customer=customer).margin == 10


def test_batches_take_the_longest_waiting_first() -> None:
    customers = [make_buyer(timezone.localdate(), "10.00") for _ in range(5)]
    Touch.objects.filter(customer=customers[4]).update(touched_at=at(DAY))
    assert retier_touched(limit=2) == 2
    assert set(Standing.objects.values_list("customer", flat=True)) == {customers[4].pk, customers[0].pk}


def test_a_broken_batch_keeps_its_touches(monkeypatch: pytest.MonkeyPatch) -> None:
    make_buyer(timezone.localdate(), "10.00")

    def break_down(*_: object) -> None:
        raise RuntimeError("broke down")

    monkeypatch.setattr(runs, "write_moves", break_down)
    with pytest.raises(RuntimeError), transaction.atomic():
        retier_touched()
    assert Touch.objects.count() == 1


def test_a_run_of_today_reckons_with_touches_and_one_of_the_past_leaves_them() -> None:
    make_buyer(DAY, "10.00")
    retier(as_of=DAY)
    assert Touch.objects.count() == 1
    retier()
    assert Touch.objects.count() == 0


def test_a_run_of_the_past_leaves_alone_whom_a_later_day_has_decided() -> None:
    customer = make_buyer(timezone.localdate(), "10.00")
    run = start_run(as_of=DAY)
    assert run is not None
    retier_touched()
    before = Measures.objects.values().get()
    work_run(run_id=run.pk)
    assert Measures.objects.values().get() == before
    assert Move.objects.filter(customer=customer).count() == 1


# --- how many queries ----------------------------------------------------------------------------


@pytest.mark.parametrize("customers", [1, 3])
def test_a_shard_takes_so_many_queries(django_assert_num_queries: object, customers: int) -> None:
    for number in range(customers):
        make_buyer(DAY, "2500.00", orders=10, customer=make_customer(pk=900_001 + number))
    run = start_run(as_of=DAY)
    assert run is not None
    # Savepoint and release; claim, run, lock, touches, scheme, tiers, bars; two COPYs; two writes; done.
    with django_assert_num_queries(22):  # type: ignore[operator]
        do_shard(run_id=run.pk)


@pytest.mark.parametrize("customers", [1, 3])
def test_a_touched_batch_takes_so_many_queries(django_assert_num_queries: object, customers: int) -> None:
    for number in range(customers):
        make_buyer(timezone.localdate(), "10.00", customer=make_customer(pk=900_001 + number))
    with django_assert_num_queries(22):  # type: ignore[operator]
        retier_touched()


def test_whoever_is_left_out_gives_their_numbers_to_nobody() -> None:
    """Those about whom a later day has decided already are left out, and their orders with them."""
    yesterday = timezone.localdate() - timedelta(days=1)
    none, first, neighbour, last = (make_customer(pk=900_000 + number) for number in range(4))
    retier(as_of=yesterday)
    for customer in (first, last):
        make_buyer(yesterday, "300.00", orders=2, customer=customer)
        make_interaction(customer, channel="chat", opened_at=timezone.now() - timedelta(days=1))
        Gesture.objects.create(customer=customer, what="Flowers", cost=5, given_at=timezone.now() - timedelta(days=1))
    with pgtrigger.ignore():
        Measures.objects.filter(customer__in=(first, last)).update(as_of=timezone.localdate())
    run = retier(as_of=yesterday, is_full=True)
    assert (run.customers, run.moves) == (2, 0)
    for customer in (none, neighbour):
        found = Measures.objects.get(customer=customer)
        assert (found.margin, found.orders, found.cost_to_serve, found.engagement) == (0, 0, 0, 0)
    # Their own day comes.
    assert retier(is_full=True).moves == 2
    assert {tier_of(first), tier_of(last)} == {"regular"}
