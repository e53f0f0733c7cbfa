"""What is refused about merging: by the service, by the database, and to whoever comes second."""

from datetime import timedelta
from typing import Any

import pghistory
import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import Error, IntegrityError, transaction
from django.utils import timezone

from customers.models import (
    ContactPoint,
    Customer,
    Duplicate,
    Erasure,
    Merge,
    MergeStep,
    Promise,
    Touch,
    Unlooked,
)
from customers.services.erasing import erase_customer
from customers.services.merges import merge_customers, undo_merge
from portal.roles import Role
from tests.customers.merging import merge
from tests.factories import make_customer, make_email, make_order, make_user
from tests.portal.known import make_known_customer

pytestmark = pytest.mark.django_db


# --- refusals ---


def test_twice_or_in_the_other_direction_is_one_merging() -> None:
    one, other = make_customer(), make_customer()
    made = merge(one, other)
    assert merge_customers(survivor=one, absorbed=other, by=None) == (made, False)
    assert merge_customers(survivor=other, absorbed=one, by=None) == (made, False)
    assert undo_merge(merge=made, by=None)
    assert not undo_merge(merge=made, by=None)
    assert Duplicate.objects.get().state == "different"
    again = merge(other, one)
    assert again != made


def test_what_is_refused() -> None:
    one, other, third = make_customer(), make_customer(), make_customer()
    with pytest.raises(ValidationError, match="one and the same"):
        merge(one, one)
    merge(one, other)
    with pytest.raises(ValidationError, match="somebody else"):
        merge(third, other)
    erase_customer(customer=third)
    with pytest.raises(ValidationError, match="forgotten"):
        merge(one, third)
    merge(make_customer(), make_customer())
    gone = make_customer()
    gone.delete()
    gone.pk = 999_999_999
    with pytest.raises(ValidationError, match="not there"):
        merge(one, gone)


@pytest.mark.parametrize("which", ["survivor", "absorbed"])
def test_forgetting_one_forgets_both(which: str) -> None:
    one, other = make_customer(full_name="Somebody Known"), make_customer(full_name="Another Name", city="Leeds")
    make_email(other, "other@mail.example")
    with pghistory.context(user=1):
        made = merge(one, other)
    assert erase_customer(customer=one if which == "survivor" else other)
    assert set(Customer.objects.values_list("full_name", flat=True)) == {"Erased"}
    assert Erasure.objects.count() == 2
    assert not ContactPoint.objects.exists()
    assert not MergeStep.objects.exclude(before={}).exists()
    with pytest.raises(ValidationError, match="forgotten"):
        undo_merge(merge=made, by=None)


def test_the_marks_of_work_to_do_go_with_it() -> None:
    one, other = make_customer(), make_customer()
    merge(one, other)
    assert set(Touch.objects.values_list("customer", flat=True)) == {one.pk}


def test_who_is_merged_or_parted_is_looked_at_anew() -> None:
    """Also where neither has a fact whose moving would say so."""
    one, other = make_customer(), make_customer()
    marks: tuple[Any, ...] = (Touch, Unlooked)

    def due() -> list[set[int]]:
        found = [set(model.objects.values_list("customer", flat=True)) for model in marks]
        for model in marks:
            model.objects.all().delete()
        return found

    due()
    made = merge(one, other)
    assert due() == [{one.pk}] * 2
    undo_merge(merge=made, by=None)
    assert due() == [{one.pk, other.pk}] * 2


# --- what the database holds ---


def test_what_the_database_refuses_about_merging() -> None:
    one, other, third = make_customer(), make_customer(), make_customer()
    make_order(other)
    made = merge(one, other)
    pair = {"one": one, "other": third, "bits": 1}
    cases: list[tuple[str, Any]] = [
        ("customer_not_merged_into_itself", lambda: Customer.objects.filter(pk=one.pk).update(merged_into=one.pk)),
        ("merge_of_two", lambda: Merge.objects.create(survivor=one, absorbed=one)),
        ("merge_into_one_at_a_time", lambda: Merge.objects.create(survivor=third, absorbed=other)),
        (
            "merge_undone_by_wants_a_time",
            lambda: Merge.objects.create(survivor=one, absorbed=third, undone_by=make_user()),
        ),
        ("mergestep_deed_known", lambda: MergeStep.objects.create(merge=made, deed="x", table="t", rows=[])),
        ("mergestep_changes_one_row", lambda: MergeStep.objects.create(merge=made, deed="changed", table="t", rows=[])),
        ("duplicate_pair_in_order", lambda: Duplicate.objects.create(one=other, other=one, bits=1)),
        ("duplicate_pair_once", lambda: Duplicate.objects.create(one=one, other=other, bits=1)),
        ("duplicate_state_known", lambda: Duplicate.objects.create(**pair, state="x", decided_at=timezone.now())),
        (
            "duplicate_decided_has_a_time",
            lambda: Duplicate.objects.create(**pair, state="merged"),
        ),
    ]
    for name, write in cases:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            write()
    for change in (
        lambda: Merge.objects.all().delete(),
        lambda: Merge.objects.update(merged_at=timezone.now()),
        lambda: MergeStep.objects.update(table="x"),
        lambda: MergeStep.objects.all().delete(),
    ):
        with pytest.raises(Error, match="Cannot"), transaction.atomic():
            change()
    undo_merge(merge=made, by=None)
    with pytest.raises(Error, match="Cannot"), transaction.atomic():
        Merge.objects.update(undone_at=None)


def test_history_says_who_merged() -> None:
    by = make_user(Role.LEAD)
    one, other = make_customer(), make_customer()
    Promise.objects.create(customer=other, text="x", due_at=timezone.now() + timedelta(days=1))
    made = merge(one, other, by=by)
    event = apps.get_model("customers", "PromiseEvent").objects.order_by("pgh_id").last()
    assert event.customer_id == one.pk
    assert event.pgh_context.metadata["user"] == by.pk
    assert made.by == by


def test_history_is_kept_of_every_row_that_moves() -> None:
    """Letting go of the guards of some tables lets go of nothing else."""
    one, other = make_customer(), make_known_customer()
    made = merge(one, other)
    moved = {step.table: set(step.rows) for step in made.steps.filter(deed="moved")}
    tracked = {
        model._meta.label_lower: model
        for event in apps.get_models()
        if (model := getattr(event, "pgh_tracked_model", None)) is not None
    }
    looked = sorted(moved.keys() & tracked.keys())
    assert len(looked) >= 5, looked
    for table in looked:
        events = apps.get_model(f"{table}event")._default_manager.filter(customer=one.pk)
        assert {str(pk) for pk in events.values_list("pgh_obj", flat=True)} == moved[table], table
