"""Looking for duplicates in the background: who is looked at, what is proposed, and what is not proposed again."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import BlockKey, ContactPoint, Customer, Duplicate, Unlooked
from customers.selectors.duplicates import meeting, why
from customers.services.duplicates import look_at_everybody, look_for_duplicates, tell_apart
from customers.services.erasing import erase_customer
from customers.services.merges import merge_customers
from customers.services.people import add_customer, change_customer
from customers.tasks import look_for_duplicates as task
from tests.factories import make_customer, make_user

pytestmark = pytest.mark.django_db


def add(name: str, phone: str = "", email: str = "", **fields: Any) -> Customer:
    return add_customer(
        full_name=name, phones=[phone] if phone else [], emails=[email] if email else [], source="t", **fields
    )[0]


def add_twins() -> tuple[Customer, Customer]:
    one, other = add("Maria Okafor", "+442079460111"), add("Marie Okafor", "+442079460111", country="GB")
    add("Peter Okafor", "+442079460111")
    return one, other


def test_new_and_changed_customers_are_looked_at_once() -> None:
    one, other = add_twins()
    looked = look_for_duplicates()
    assert looked is not None
    assert (looked.customers, looked.proposed) == (3, 1)
    pair = Duplicate.objects.get()
    assert (pair.one, pair.other, pair.state) == (one, other, "open")
    assert why(pair.reasons) == "Same phone, names alike"
    assert not Unlooked.objects.exists()
    assert look_for_duplicates().customers == 0  # type: ignore[union-attr]
    change_customer(customer=other, full_name="Dorothea Smith")
    assert list(Unlooked.objects.values_list("customer", flat=True)) == [other.pk]
    task()
    assert not Duplicate.objects.exists(), "what speaks for it no more is not proposed"


def test_not_the_same_is_not_proposed_again_unless_something_new_speaks_for_it() -> None:
    one, other = add_twins()
    task()
    assert tell_apart(duplicate=Duplicate.objects.get(), by=make_user())
    look_at_everybody()
    task()
    assert Duplicate.objects.get().state == "different"
    for who in (one, other):
        ContactPoint.objects.create(customer=who, kind="email", value="m@x.example", normalised="m@x.example")
    task()
    assert Duplicate.objects.get().state == "open"


def test_what_was_said_of_one_holds_for_whom_they_were_merged_into() -> None:
    one, other = add_twins()
    task()
    tell_apart(duplicate=Duplicate.objects.get(), by=make_user())
    third = make_customer(full_name="Somebody", country="GB")
    merge_customers(survivor=third, absorbed=other, by=None, taken=["full_name"])
    task()
    assert not Duplicate.objects.open().exists()
    assert one.merged_into_id is None


def test_a_look_in_pieces_finds_what_one_look_does() -> None:
    add_twins()
    for _ in range(3):
        look_for_duplicates(limit=1)
    assert Duplicate.objects.count() == 1


def test_a_key_that_is_everybodys_is_passed_over() -> None:
    for number in range(6):
        add(f"Customer {'abcdef'[number]}", "+442079460111")
    task()
    ids = list(Customer.objects.values_list("pk", flat=True))
    assert len(meeting(ids, most=6)) == 15
    assert meeting(ids, most=5) == []


def test_merged_and_forgotten_ones_are_left_alone() -> None:
    one, other = add_twins()
    task()
    merge_customers(survivor=one, absorbed=other, by=None)
    look_at_everybody()
    task()
    assert not Duplicate.objects.open().exists()
    assert not BlockKey.objects.filter(customer=other).exists()
    erase_customer(customer=one)
    task()
    assert not BlockKey.objects.filter(customer=one).exists()


def test_the_command_says_how_many_it_compared() -> None:
    add_twins()
    out = StringIO()
    call_command("duplicates", stdout=out)
    call_command("duplicates", "--changed", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("Looked at 3. Compared ")
    assert lines[0].endswith("pairs of 3. New or changed: 1.")
    assert lines[2].startswith("Looked at 0.")
    assert lines[1] == lines[3] == "Waiting to be looked at by a person: 1."


def test_as_many_queries_for_three_as_for_thirty() -> None:
    counts = []
    for many, name in ((3, "Anna Meyer"), (30, "Jo Smith")):
        for number in range(many):
            add(name, f"+4420794601{many:02}", external_id=f"{many}-{number}")
        with CaptureQueriesContext(connection) as queries:
            look_for_duplicates()
        counts.append(len(queries))
    assert counts[0] == counts[1]
