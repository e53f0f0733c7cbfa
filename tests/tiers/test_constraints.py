"""What the database itself refuses about tiers, whoever asks."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tests.factories import make_customer, make_user
from tests.refusing import refused
from tiers.models import Bar, Measures, Move, Perk, Run, Scheme, Shard, Standing, Tier
from tiers.services.schemes import publish_scheme

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def scheme() -> Scheme:
    return Scheme.objects.get()


@pytest.fixture
def run(scheme: Scheme) -> Run:
    return make_run(scheme, kind="touched", state="finished", ended_at=NOW)


def make_run(scheme: Scheme, **fields: Any) -> Run:
    fields = {"kind": "full", "as_of": date(2024, 3, 1), "effective_at": NOW} | fields
    return Run.objects.create(scheme=scheme, **fields)


def make_standing(run: Run, customer: Any = None, **fields: Any) -> Standing:
    tier = Tier.objects.get(rank=1)
    customer = customer or make_customer()
    fields = {"valid_from": NOW} | fields
    return Standing.objects.create(customer=customer, tier=tier, earned_tier=tier, reason="first", **fields)


def test_tiers() -> None:
    with refused("tier_rank_from_one"):
        Tier.objects.create(rank=0, slug="nobody", name="Nobody", shape="circle")
    with refused("tier_recovery_hours_positive"):
        Tier.objects.update(recovery_hours=0)
    tier = Tier.objects.get(rank=1)
    Perk.objects.create(tier=tier, text="A smile")
    with refused("perk_once_per_tier"):
        Perk.objects.create(tier=tier, text="A smile")


def test_one_scheme_is_published() -> None:
    draft = Scheme.objects.create(version=2, name="Draft")
    with refused("scheme_one_published"):
        Scheme.objects.filter(pk=draft.pk).update(state="published", published_at=NOW)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "published"},
        {"published_at": NOW},
        {"state": "retired", "published_at": NOW},
        {"state": "retired", "retired_at": NOW},
        {"state": "retired", "published_at": NOW, "retired_at": NOW - timedelta(seconds=1)},
    ],
)
def test_times_of_a_scheme_fit_its_state(fields: dict[str, Any]) -> None:
    with refused("scheme_times_fit_state"):
        Scheme.objects.create(version=2, name="Draft", **fields)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Another"},
        {"hold_days": 1},
        {"grace_days": 1},
        {"version": 9},
        {"state": "draft", "published_at": None},
        {"state": "retired", "retired_at": NOW + timedelta(days=1), "hold_days": 1},
        {"published_at": NOW - timedelta(days=900)},
        {"created_at": NOW - timedelta(days=900)},
    ],
)
def test_a_published_scheme_is_fixed(scheme: Scheme, change: dict[str, Any]) -> None:
    with refused("scheme_published_is_fixed"):
        Scheme.objects.filter(pk=scheme.pk).update(**change)


def test_a_published_scheme_is_not_deleted_and_a_retired_one_stays_retired(scheme: Scheme) -> None:
    with refused("scheme_published_is_fixed"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tiers_scheme WHERE id = %s", [scheme.pk])
    Scheme.objects.update(state="retired", retired_at=NOW + timedelta(days=1))
    for change in ({"state": "published", "retired_at": None}, {"retired_at": NOW + timedelta(days=2)}, {"name": "X"}):
        with refused("scheme_published_is_fixed"):
            Scheme.objects.update(**change)


def test_the_colleague_who_published_may_leave(scheme: Scheme) -> None:
    manager, other = make_user("manager"), make_user("manager")
    draft = Scheme.objects.create(version=2, name="Draft")
    for bar in list(scheme.bars.all()):
        Bar.objects.create(scheme=draft, tier=bar.tier, rule=bar.rule, measure=bar.measure, value=bar.value)
    publish_scheme(scheme=draft, by=manager)
    with refused("scheme_published_is_fixed"):
        Scheme.objects.filter(pk=draft.pk).update(published_by=other)
    manager.delete()
    draft.refresh_from_db()
    assert draft.published_by is None


def test_bars_of_a_published_scheme_are_fixed(scheme: Scheme) -> None:
    bar = scheme.bars.first()
    assert bar is not None
    guest = Tier.objects.get(rank=1)
    draft = Scheme.objects.create(version=2, name="Draft")
    free = Bar.objects.create(scheme=draft, tier=guest, rule="keep", measure="orders", value=Decimal(1))
    for act in (
        lambda: Bar.objects.filter(pk=bar.pk).update(value=1),
        lambda: Bar.objects.filter(pk=bar.pk).update(scheme=draft, tier=guest),
        lambda: Bar.objects.filter(pk=bar.pk).delete(),
        lambda: Bar.objects.create(scheme=scheme, tier=guest, rule="entry", measure="orders", value=Decimal(1)),
        lambda: Bar.objects.filter(pk=free.pk).update(scheme=scheme),
    ):
        with refused("bar_of_published_is_fixed"):
            act()
    free.value = Decimal(2)
    free.save()
    free.delete()
    draft.delete()


def test_bars_are_known_and_once() -> None:
    draft = Scheme.objects.create(version=2, name="Draft")
    tier = Tier.objects.get(rank=2)
    fields: dict[str, Any] = {"scheme": draft, "tier": tier, "rule": "entry", "measure": "orders", "value": Decimal(1)}
    Bar.objects.create(**fields)
    with refused("bar_once"):
        Bar.objects.create(**fields)
    with refused("bar_measure_known"):
        Bar.objects.create(**fields | {"measure": "charm"})
    with refused("bar_rule_known"):
        Bar.objects.create(**fields | {"rule": "leave"})


def test_one_full_run_is_active(scheme: Scheme) -> None:
    make_run(scheme)
    make_run(scheme, kind="touched")
    with refused("run_one_active"):
        make_run(scheme)


@pytest.mark.parametrize("fields", [{"ended_at": NOW}, {"state": "finished"}, {"state": "cancelled"}])
def test_a_run_that_ended_has_a_time(scheme: Scheme, fields: dict[str, Any]) -> None:
    with refused("run_ended_has_a_time"):
        make_run(scheme, **fields)


def test_shards(scheme: Scheme) -> None:
    run = make_run(scheme)
    Shard.objects.create(run=run, first_id=0, last_id=9)
    with refused("shard_once"):
        Shard.objects.create(run=run, first_id=0, last_id=5)
    with refused("shard_range_in_order"):
        Shard.objects.create(run=run, first_id=9, last_id=8)


def test_moves(run: Run) -> None:
    customer, tier = make_customer(), Tier.objects.get(rank=1)
    fields: dict[str, Any] = {"customer": customer, "to_tier": tier, "reason": "first", "moved_at": NOW}
    move = Move.objects.create(run=run, **fields)
    with refused("move_once_per_run"):
        Move.objects.create(run=run, **fields)
    with refused("move_goes_somewhere"):
        Move.objects.create(run=make_run(run.scheme), from_tier=tier, **fields)
    for sql in ("UPDATE tiers_move SET reason = 'demoted' WHERE id = %s", "DELETE FROM tiers_move WHERE id = %s"):
        with pytest.raises(DatabaseError, match=r"Cannot update or delete rows from tiers_move"), transaction.atomic():
            connection.cursor().execute(sql, [move.pk])


def test_standings_cannot_overlap(run: Run) -> None:
    customer = make_customer()
    make_standing(run, customer, valid_until=NOW + timedelta(days=2))
    make_standing(run, customer, valid_from=NOW + timedelta(days=2))
    for begins, ends in ((-1, 1), (1, 2), (-3, 9)):
        with refused("standing_periods_apart"):
            make_standing(
                run, customer, valid_from=NOW + timedelta(days=begins), valid_until=NOW + timedelta(days=ends)
            )
    with refused("standing_present_after_past"):
        make_standing(run, customer, valid_from=NOW + timedelta(days=3), valid_until=NOW + timedelta(days=4))
    make_standing(run, customer, valid_from=NOW - timedelta(days=1), valid_until=NOW)
    make_standing(run, make_customer(), valid_until=NOW + timedelta(days=2))


def test_periods_are_told_apart_to_the_microsecond(run: Run) -> None:
    customer, moment = make_customer(), timedelta(microseconds=1)
    make_standing(run, customer, valid_until=NOW + moment)
    make_standing(run, customer, valid_from=NOW + moment, valid_until=NOW + 3 * moment)
    for begins, ends in ((0, 1), (-1, 1), (2, 3), (2, 9), (1, 2)):
        with refused("standing_periods_apart"):
            make_standing(run, customer, valid_from=NOW + begins * moment, valid_until=NOW + ends * moment)
    make_standing(run, customer, valid_from=NOW - moment, valid_until=NOW)
    make_standing(run, customer, valid_from=NOW + 3 * moment, valid_until=NOW + 4 * moment)
    # Whoever has the next number has periods of their own.
    make_standing(run, make_customer(pk=customer.pk + 1), valid_until=NOW + 3 * moment)


def test_a_customers_past_is_not_looked_for_where_periods_are_kept_apart() -> None:
    """That index knows no order: for whoever asks about one customer it would be read from end to end."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("DROP INDEX standing_past")
        cursor.execute("EXPLAIN SELECT id FROM tiers_standing WHERE customer_id = 7 AND valid_until IS NOT NULL")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan" in plan, plan
    assert "standing_periods_apart" not in plan, plan


def test_the_present_standing_begins_after_the_past(run: Run) -> None:
    customer = make_customer()
    make_standing(run, customer, valid_until=NOW + timedelta(days=2))
    with refused("standing_present_after_past"):
        make_standing(run, customer, valid_from=NOW + timedelta(days=1))


def test_one_standing_is_present(run: Run) -> None:
    customer = make_customer()
    make_standing(run, customer)
    with refused("standing_one_present"):
        make_standing(run, customer, valid_from=NOW - timedelta(days=1))


def test_a_standing_ends_after_it_began(run: Run) -> None:
    with refused("standing_ends_after_it_began"):
        make_standing(run, valid_until=NOW)


@pytest.mark.parametrize("change", ["tier_id = 0", "customer_id = 0", "valid_from = now()"])
def test_a_standing_stays_what_it_is(run: Run, change: str) -> None:
    standing = make_standing(run)
    with pytest.raises(DatabaseError, match="Cannot update rows from tiers_standing"), transaction.atomic():
        connection.cursor().execute(f"UPDATE tiers_standing SET {change} WHERE id = %s", [standing.pk])


def test_the_past_is_fixed(run: Run) -> None:
    standing = make_standing(run, valid_until=NOW + timedelta(days=2))
    with pytest.raises(DatabaseError, match="Cannot update rows from tiers_standing"), transaction.atomic():
        Standing.objects.filter(pk=standing.pk).update(valid_until=NOW + timedelta(days=3))


NOBODY = 2**40


def test_nothing_names_what_is_not_there(run: Run) -> None:
    customer, tier = make_customer(), Tier.objects.get(rank=1)
    move = {"customer_id": customer.pk, "run_id": run.pk, "to_tier_id": tier.pk, "reason": "first", "moved_at": NOW}
    for name, constraint in (
        ("customer_id", "move_of_a_customer"),
        ("run_id", "move_run_id_there"),
        ("from_tier_id", "move_from_tier_id_there"),
        ("to_tier_id", "move_to_tier_id_there"),
    ):
        with refused(constraint):
            Move.objects.create(**move | {name: NOBODY})
    standing = {"customer_id": customer.pk, "tier_id": tier.pk, "earned_tier_id": tier.pk, "valid_from": NOW}
    for name, constraint in (
        ("customer_id", "standing_of_a_customer"),
        ("tier_id", "standing_tier_id_there"),
        ("earned_tier_id", "standing_earned_tier_id_there"),
    ):
        with refused(constraint):
            Standing.objects.create(**standing | {name: NOBODY})
    kept = make_standing(run)
    with refused("standing_earned_tier_id_there"):
        Standing.objects.filter(pk=kept.pk).update(earned_tier=NOBODY)
    with refused("measures_of_a_customer"):
        Measures.objects.create(customer_id=NOBODY, margin=0, orders=0, as_of=NOW)


def test_nothing_goes_while_it_is_named(run: Run) -> None:
    standing = make_standing(run)
    move = Move.objects.create(
        customer=make_customer(), run=run, to_tier=Tier.objects.get(rank=2), reason="first", moved_at=NOW
    )
    measures = Measures.objects.create(customer=make_customer(), margin=0, orders=0, as_of=NOW)
    # A tier without bars or perks, so that nothing else keeps it.
    lowest = Tier.objects.create(rank=9, slug="nine", name="Nine", shape="circle")
    Move.objects.create(customer=make_customer(), run=run, to_tier=lowest, reason="first", moved_at=NOW)
    for table, pk, constraint in (
        ("customers_customer", standing.customer_id, "customer_kept_while_named"),
        ("customers_customer", move.customer_id, "customer_kept_while_named"),
        ("customers_customer", measures.customer_id, "customer_kept_while_named"),
        ("tiers_tier", lowest.pk, "tier_kept_while_named"),
        ("tiers_run", run.pk, "run_kept_while_named"),
    ):
        with refused(constraint):
            connection.cursor().execute(f"DELETE FROM {table} WHERE id = %s", [pk])
