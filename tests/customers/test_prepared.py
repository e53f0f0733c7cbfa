"""Statements that are written once and asked often."""

import pytest
from django.db import connection
from django.db.models import Count
from django.db.utils import DataError
from django.test.utils import CaptureQueriesContext

from customers.models import ContactPoint, Customer, NameWord
from customers.selectors.prepared import Statement, fetch_prepared
from tests.factories import make_customer

pytestmark = pytest.mark.django_db


def test_answers_as_the_queryset_does() -> None:
    one, two = make_customer(), make_customer()
    NameWord.objects.create(customer=two, word="100%")
    statement = Statement(
        Customer.objects.filter(pk=-1).annotate(words=Count("name_words")).order_by("pk"), customer=-1
    )
    for customer in (one, two):
        (found,) = statement.fetch(customer=customer.pk)
        assert found == customer
        assert found.words == customer.name_words.count()
        assert found.full_name == customer.full_name
        assert not found._state.adding
    assert statement.fetch(customer=-1) == []


def test_brings_what_hangs_on_it_and_tuples_in_their_order() -> None:
    customer = make_customer()
    point = ContactPoint.objects.create(
        customer=customer, kind="email", value="Regular@mail.example", normalised="regular@mail.example"
    )
    points = ContactPoint.objects.filter(normalised="somebody@house.example")
    (found,) = Statement(points.select_related("customer"), address="somebody@house.example").fetch(
        address=point.normalised
    )
    with CaptureQueriesContext(connection) as asked:
        assert found.customer == customer
    assert not asked.captured_queries
    told = Statement(points.values_list("value", "customer"), address="somebody@house.example")
    assert told.fetch(address=point.normalised) == [("Regular@mail.example", customer.pk)]


def test_what_is_put_in_is_a_value_and_nothing_else() -> None:
    make_customer()
    statement = Statement(Customer.objects.filter(full_name="\ue000", city="100%s"), name="\ue000")
    assert statement.fetch(name="' OR true --") == []
    assert statement.fetch(name="%(name)s") == []


def test_a_stand_in_that_is_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="has no somebody"):
        Statement(Customer.objects.filter(pk=1), somebody=2)
    # True is 1 to Python, and not to a statement.
    with pytest.raises(ValueError, match="has no somebody"):
        Statement(ContactPoint.objects.filter(is_active=True), somebody=1)


def test_is_counted_and_fails_as_others_do() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert fetch_prepared("SELECT %(one)s::int", {"one": 1}) == [(1,)]
    assert len(asked) == 1
    with pytest.raises(DataError):
        fetch_prepared("SELECT 1 / %(none)s::int", {"none": 0})


# --- what is done and found beside it ----------------------------------------------------------------------


def _with_last_point(doing: str = "") -> Statement:
    points = ContactPoint.objects.filter(customer=-1, is_active=True).select_related("customer")
    beside = ("customer", Statement(points, customer=-1))
    return Statement(Customer.objects.filter(full_name="\ue000"), name="\ue000").also(doing=doing, beside=beside)


def test_what_stands_beside_it_comes_in_the_same_statement() -> None:
    alone, other = make_customer(), make_customer()
    point = ContactPoint.objects.create(
        customer=other, kind="email", value="Other@mail.example", normalised="other@mail.example"
    )
    statement = _with_last_point()
    with CaptureQueriesContext(connection) as asked:
        (first,), (second,) = (statement.fetch(name=one.full_name) for one in (alone, other))
    assert len(asked) == 2
    assert (first, first.beside) == (alone, None)
    assert (second, second.beside, second.beside.customer) == (other, point, other)
    assert second.beside.value == "Other@mail.example"
    assert statement.fetch(name="Nobody") == []


def test_what_never_finds_anything_has_no_part_in_it() -> None:
    customer = make_customer()
    nothing = Statement(ContactPoint.objects.none())
    statement = Statement(Customer.objects.filter(pk=-1), customer=-1).also(beside=("customer", nothing))
    assert statement.fetch(customer=customer.pk) == [customer]


def test_what_is_done_is_done_to_what_is_found_and_to_nothing_else() -> None:
    customer = make_customer()
    doing = """
        noted AS (
            INSERT INTO customers_nameword (customer_id, word) SELECT id, lower(%(name)s || ' 50%%') FROM found
        )
    """
    statement = _with_last_point(doing)
    assert statement.fetch(name="Nobody") == []
    assert not NameWord.objects.filter(word__endswith="50%").exists()
    assert statement.fetch(name=customer.full_name) == [customer]
    assert list(NameWord.objects.filter(customer=customer, word__endswith="50%").values_list("word", flat=True)) == [
        f"{customer.full_name.lower()} 50%"
    ]
