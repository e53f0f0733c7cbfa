"""Finding customers: by the search box, and for the phone system."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import ContactPoint, Currency, Customer
from customers.selectors.match import match_email, match_phone
from customers.selectors.search import find_customers, phone_tails
from customers.services.people import add_customer
from customers.services.selves import change_role
from portal.models import User
from portal.roles import Role
from tests.customers.merging import merge
from tests.factories import make_order, make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> User:
    return make_user(Role.AGENT)


def add(name: str, *phones: str, emails: tuple[str, ...] = (), **profile: Any) -> Customer:
    return add_customer(full_name=name, phones=phones, emails=emails, **profile)[0]


def found(user: User, text: str, limit: int = 20) -> list[tuple[str, str]]:
    return [(one.customer.full_name, one.why) for one in find_customers(user=user, text=text, limit=limit)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("020 7946 0123", "Phone is this number"),
        ("+44 (0)20 7946-0123", "Phone is this number"),
        ("00442079460123", "Phone is this number"),
        ("tel:+442079460123", "Phone is this number"),
        ("011 44 20 7946 0123", "Phone ends in 79460123"),
        ("7946 0123", "Phone ends in 79460123"),
        ("0123", "Phone ends in 0123"),
        (" 46-0123 ", "Phone ends in 460123"),
        ("zoe.obrien@mail.example", "Email is this address"),
        ("ZOE.OBrien@Mail.Example", "Email is this address"),
        ("zoe.obr", "Email begins with “zoe.obr”"),
        ("zoe@", None),
        ("Zoë", "Name: zoe"),
        ("ZOE", "Name: zoe"),
        ("zoë o'brien", "Name: zoe obrien"),
        ("obrien zoe", "Name: obrien zoe"),
        ("brien", "Name: brien"),
        ("bri z", "Name begins with “bri z”"),
        ("strau", "Name begins with “strau”"),
        ("Strauß", "Name: strauss"),
        ("zoe smith", None),
        ("C-1001", "Customer number is C-1001"),
        ("C-100", None),
        ("581129", "Order 581129 is theirs"),
        ("#581129", "Order 581129 is theirs"),
        ("c581130", "Order C581130 is theirs"),
        ("# C581130", "Order C581130 is theirs"),
        ("w-17a", "Order w-17a is theirs"),
        ("58112", None),
        ("012", None),
        ("9123", None),
    ],
)
def test_one_box_for_everything(agent: User, text: str, why: str | None) -> None:
    add("Zoë O’Brien", "020 7946 0123", emails=("Zoe.OBrien@mail.example",), known_as="Ms Strauß", external_id="C-1001")
    two = add("Customer 2", "020 7946 4567", emails=("two@mail.example",), external_id="C-2")
    make_order(two, external_id="581128")
    for number in ("581129", "C581130", "w-17a"):
        make_order(Customer.objects.get(external_id="C-1001"), external_id=number)
    assert found(agent, text) == ([("Zoë O’Brien", why)] if why else [])


@pytest.mark.parametrize(
    "text", ["", " ", "%", "_", "%%%%", "____", "\\", "'", "';--", "\x00", "\ud800", "(((", "@", "٪"]
)
def test_rubbish_finds_nobody(agent: User, text: str) -> None:
    add("Customer 1", "020 7946 0123", emails=("one@mail.example",), external_id="1")
    assert found(agent, text) == []
    assert found(agent, text * 5000) == []


def test_signs_of_like_are_letters(agent: User) -> None:
    add("Customer 1", emails=("a_b%c@mail.example",))
    add("Customer 2", emails=("axbyc@mail.example",))
    assert [name for name, _why in found(agent, "a_b%")] == ["Customer 1"]


def test_surest_first_and_limit(agent: User) -> None:
    add("Anna Tail", "020 7946 7777")
    add("Annabel Beginning")
    add("Anna")
    add("Customer Number", external_id="anna")
    add("Anna Whole")
    names = ["Customer Number", "Anna", "Anna Tail", "Anna Whole", "Annabel Beginning"]
    assert [name for name, _why in found(agent, "anna")] == names
    assert [name for name, _why in found(agent, "anna", limit=2)] == names[:2]
    assert found(agent, "anna", limit=0) == []


def test_exact_words_are_not_cut_off_by_many_that_begin_with_them(agent: User) -> None:
    for number in range(9):
        add(f"Anna{number} Begins")
    add("Anna Exact")
    assert found(agent, "anna", limit=1) == [("Anna Exact", "Name: anna")]


@pytest.mark.parametrize("longer", ["John Smith", "Mary Jo Smith", "Jo Smithson"])
def test_an_exact_name_is_not_cut_off_by_many_longer_ones(agent: User, longer: str) -> None:
    for number in range(9):
        add(longer, external_id=str(number))
    add("Jo Smith")
    assert found(agent, "jo smith", limit=1) == [("Jo Smith", "Name: jo smith")]
    assert found(agent, "smith jo", limit=1) == [("Jo Smith", "Name: smith jo")]


def test_a_whole_number_leaves_out_those_that_only_end_like_it(agent: User) -> None:
    add("Customer 1", "020 7946 0123")
    add("Customer 2", "+33 1 79 46 01 23")
    add("Customer 3", "020 7946 0123 ext. 9")
    assert found(agent, "020 7946 0123") == [
        ("Customer 1", "Phone is this number"),
        ("Customer 3", "Phone ends in 79460123"),
    ]
    assert len(found(agent, "0123")) == 3


def test_retired_points_are_not_found(agent: User) -> None:
    add("Customer 1", "020 7946 0123", emails=("one@mail.example",))
    ContactPoint.objects.update(is_active=False)
    assert found(agent, "0123") == found(agent, "one@") == found(agent, "020 7946 0123") == []
    assert match_phone(user=agent, phone="020 7946 0123") == match_email(user=agent, email="one@mail.example") == []


def test_who_may_not_see_contact_points_cannot_spell_them_out() -> None:
    analyst = make_user(Role.ANALYST)
    add("Customer 1", "020 7946 0123", emails=("one@mail.example",))
    assert found(analyst, "0123") == found(analyst, "one@mail") == []
    assert found(analyst, "020 7946 0123") == [("Customer 1", "Phone is this number")]
    assert found(analyst, "one@mail.example") == [("Customer 1", "Email is this address")]
    assert found(analyst, "customer 1") == [("Customer 1", "Name: customer 1")]


def test_a_number_of_two_shops_finds_both_and_leads_the_ends_of_phones(agent: User) -> None:
    one, two = add("Customer 1"), add("Customer 2")
    add("Customer 3", "020 7946 1234")
    for customer, source in ((one, "shop"), (two, "web")):
        make_order(customer, external_id="461234", source=source)
    theirs = [(name, "Order 461234 is theirs") for name in ("Customer 1", "Customer 2")]
    assert found(agent, "461234") == [*theirs, ("Customer 3", "Phone ends in 461234")]
    merge(one, two)
    assert found(agent, "461234")[0] == theirs[0]
    assert len(found(agent, "461234")) == 2


def test_who_may_not_see_orders_finds_nobody_by_one(agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_order(add("Customer 1"), external_id="581129")
    assert found(agent, "581129")
    monkeypatch.setattr(User, "has_perm", lambda _user, name, _obj=None: name != "customers.view_order")
    assert found(agent, "581129") == []


def test_who_may_not_see_customers_finds_nobody() -> None:
    nobody = make_user(Role.AGENT, is_active=False)
    add("Customer 1", "020 7946 0123", emails=("one@mail.example",), external_id="1")
    for text in ("customer", "0123", "one@mail.example", "1"):
        assert found(nobody, text) == []
    assert match_phone(user=nobody, phone="020 7946 0123") == match_email(user=nobody, email="one@mail.example") == []


@pytest.mark.parametrize("customers", [1, 3])
@pytest.mark.parametrize(("text", "queries"), [("0123", 4), ("customer", 3), ("same@mail.example", 2), ("cus nu", 2)])
def test_queries_do_not_grow(agent: User, customers: int, text: str, queries: int) -> None:
    for number in range(customers):
        add(f"Customer Number {number}", "020 7946 0123", emails=("same@mail.example",))
    with CaptureQueriesContext(connection) as asked:
        assert len(found(agent, text)) == customers
    assert len(asked) == queries


@pytest.mark.parametrize("customers", [1, 3])
def test_a_match_is_one_query(agent: User, customers: int) -> None:
    for number in range(customers):
        add(f"Customer {number}", "020 7946 0123", emails=("same@mail.example",))
    with CaptureQueriesContext(connection) as asked:
        assert len(match_phone(user=agent, phone="(020) 79460123")) == customers
        assert len(match_email(user=agent, email="Same@mail.example")) == customers
    assert len(asked) == 2


def test_match_shared_lines_and_extensions(agent: User) -> None:
    first = add("Customer 1", "020 7946 0123 ext. 5")
    second = add("Customer 2", "020 7946 0123")
    third = add("Customer 3", "020 7946 0123", "020 7946 0123 ext. 6")
    add("Customer 4", "020 7946 0124")
    assert match_phone(user=agent, phone="+442079460123") == [second, third, first]
    assert match_phone(user=agent, phone="020 7946 0123 x5") == [first, second, third]
    assert match_phone(user=agent, phone="020 7946 0123 x7") == [second, third]
    assert match_phone(user=agent, phone="20 7946 0123", region="FR") == []
    assert match_phone(user=agent, phone="0123") == match_phone(user=agent, phone="") == []
    assert match_email(user=agent, email="nobody") == []


def test_tails_of_a_typed_number() -> None:
    assert phone_tails("0123") == {"0123"}
    assert phone_tails("01234") == {"01234"}
    assert phone_tails("0794601") == {"0794601", "794601"}
    assert phone_tails("+44 20 7946 0123 ext. 99") == {"79460123"}
    assert phone_tails("12") == set()


def test_indexes_are_used(agent: User) -> None:
    _fill()
    for text, index in (
        ("0123", "contactpoint_phone_tail"),
        ("020 7946 0123", "contactpoint_exact"),
        ("customer17@mail.example", "contactpoint_exact"),
        ("customer17", "nameword_beginning"),
        ("customer17", "customer_by_number"),
        ("customer17", "order_by_number"),
    ):
        with _asking() as asked:
            found(agent, text)
        assert index in "\n".join(_plan(*query) for query in asked), text
    with _asking() as asked:
        match_phone(user=agent, phone="020 7946 0123")
        match_email(user=agent, email="customer17@mail.example")
    # A number by its line, whatever extensions there are on it.
    by = ("contactpoint_phone_tail", "contactpoint_exact")
    assert all(index in _plan(*query) for index, query in zip(by, asked, strict=True))
    # Everybody here begins with "customer": the index is read in its order, nothing is sorted as a whole.
    with _asking() as asked:
        found(agent, "customer")
    plan = next(_plan(sql, values) for sql, values in asked if "nameword" in sql)
    assert "nameword_beginning" in plan
    assert "Sort Key" not in plan
    # Two words: who begins with them and who has just these are two halves, each by the index.
    with _asking() as asked:
        found(agent, "customer17 customer18")
    plan = next(_plan(sql, values) for sql, values in asked if "nameword" in sql)
    _outside, *halves = plan.split("Limit")
    assert ["nameword_beginning" in half for half in halves] == [True, True]
    assert "Seq Scan" not in plan


def _fill() -> None:
    """Three thousand customers with a phone, an address and an order each, and the planner told of them."""
    Currency.objects.get_or_create(code="GBP", defaults={"rate": 1})
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO customers_customer (public_id, source, external_id, full_name, given_name, family_name,
                known_as, say_as, pronouns, language, country, city, time_zone)
            SELECT gen_random_uuid(), 'test', 'N' || n, 'Customer' || n, '', '', '', '', '', 'en', '', '', 'UTC'
            FROM generate_series(1, 3000) AS n
            """
        )
        cursor.execute(
            "INSERT INTO customers_nameword (customer_id, word) SELECT id, lower(full_name) FROM customers_customer"
        )
        cursor.execute(
            """
            INSERT INTO customers_contactpoint (customer_id, kind, value, normalised, label, is_preferred, is_active)
            SELECT id, kind, point, point, '', false, true FROM customers_customer CROSS JOIN LATERAL (VALUES
                ('phone', '+4420' || lpad(id::text, 8, '7')), ('email', lower(full_name) || '@mail.example')
            ) AS points (kind, point)
            """
        )
        cursor.execute(
            """
            INSERT INTO customers_order (customer_id, source, external_id, kind, placed_at, amount, margin, currency_id,
                house_amount, house_margin, is_our_fault, is_margin_estimated, description)
            SELECT id, 'test', 'O' || id, 'purchase', now(), 10, 3, 'GBP', 10, 3, false, false, ''
            FROM customers_customer
            """
        )
        cursor.execute("ANALYZE customers_customer, customers_nameword, customers_contactpoint, customers_order")


@contextmanager
def _asking() -> Iterator[list[tuple[str, Any]]]:
    """Collect what is asked, as (statement, values): prepared ones are logged without their values."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        asked.append((sql, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(note):
        yield asked


def _plan(sql: str, values: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql, values)
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("łódź works", "Buys for Łódź Works"),
        ("works lod", "Buys for Łódź Works"),
        ("anna work", "Buys for Łódź Works"),
        ("anna", "Name: anna"),
        ("ann", "Name begins with “ann”"),
        ("works other", None),
    ],
)
def test_who_buys_for_a_firm_is_found_by_it(agent: User, text: str, why: str | None) -> None:
    anna = add("Anna Buyer")
    assert change_role(customer=anna, capacity="firm", firm="Łódź Works")
    assert found(agent, text) == ([("Anna Buyer", why)] if why else [])


def test_a_firm_that_they_buy_for_no_more_finds_nobody(agent: User) -> None:
    anna = add("Anna Buyer")
    assert change_role(customer=anna, capacity="firm", firm="Works")
    assert change_role(customer=anna, capacity="private", firm="")
    assert found(agent, "works") == []
    assert found(agent, "buyer") == [("Anna Buyer", "Name: buyer")]


def test_firms_known_before_are_found(agent: User) -> None:
    anna = add("Anna Buyer")
    Customer.objects.filter(pk=anna.pk).update(capacity="firm", firm="Łódź Works")
    assert found(agent, "lodz") == []
    import_module("customers.migrations.0014_words_of_firms").add_words(apps, None)
    assert found(agent, "lodz") == [("Anna Buyer", "Buys for Łódź Works")]


@pytest.mark.parametrize("text", ["+442079460123", "9460123", "k@mail.example", "s17"])
def test_one_who_was_merged_is_not_found_beside_the_survivor(text: str) -> None:
    both = {"phones": ["+442079460123"], "emails": ["k@mail.example"]}
    one, _ = add_customer(full_name="Kate Smith", source="crm", external_id="c1", **both)
    two, _ = add_customer(full_name="Catrin Smyth", source="shop", external_id="s17", **both)
    merge(one, two)
    assert [found.customer for found in find_customers(user=make_user(), text=text)] == [one]
    page = signed_in(Role.AGENT).get("/customers/", {"q": text}, follow=True).content.decode()
    assert "Catrin Smyth" not in page
