"""The pages of the match: whose number is it, and attaching it to somebody."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from customers.models import ContactPoint, Customer
from customers.services.people import index_names
from portal.roles import Role
from tests.factories import make_customer, make_email, make_user
from tests.portal.worlds import PHONE, give_tier, make_phone, make_tiers, ring

pytestmark = pytest.mark.django_db


def test_a_number_is_attached_to_somebody_found_by_name(client: Client) -> None:
    agent, customer = make_user(), make_customer(full_name="Customer Zephyr")
    index_names(customers=[customer])
    pop = ring(agent)
    client.force_login(agent)
    html = client.get("/pop/", {"phone": PHONE, "q": "zeph", "pop": str(pop.public_id)}).content.decode()
    assert "Somebody new" in html
    assert "It is them: add this number" in html
    said = {"phone": "020 7946 0123", "customer": customer.public_id, "pop": pop.public_id}
    for sentence in ("is theirs from now on", "was theirs already"):
        answer = client.post("/pop/attach/", said)
        assert answer["Location"] == reverse("contact", args=[customer.public_id]) + "?match=phone-chosen"
        assert sentence in client.get(answer["Location"]).content.decode()
    assert [point.normalised for point in customer.contact_points.all()] == [PHONE]
    pop.refresh_from_db()
    assert (pop.customer, pop.is_standing) == (customer, False)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.metadata FROM customers_contactpointevent e JOIN pghistory_context c ON c.id = e.pgh_context_id"
        )
        assert "pop" in str(cursor.fetchall()), "who did it is kept"
    assert "Calling now · certain match" in client.get("/pop/", {"phone": PHONE}).content.decode()


def test_the_number_that_was_asked_for_is_the_one_that_is_kept_wherever_they_live(client: Client) -> None:
    customer = make_customer(country="DE")
    client.force_login(make_user())
    for _ in "12":
        client.post("/pop/attach/", {"phone": "020 7946 0123", "customer": customer.public_id})
    assert [point.normalised for point in customer.contact_points.all()] == [PHONE]
    html = client.get("/pop/", {"phone": "020 7946 0124"}).content.decode()
    # Whoever is added is read as of the country that is chosen for them.
    assert 'name="phone" value="+44 20 7946 0124"' in html
    make_phone(make_customer())
    html = client.get("/pop/", {"phone": "020 7946 0123"}).content.decode()
    assert "?phone=%2B44%2020%207946%200123" in html


def test_whoever_is_added_where_the_house_is_is_found_by_what_their_telephone_shows(
    client: Client, settings: Any
) -> None:
    settings.HOUSE_COUNTRY = "FR"
    client.force_login(make_user())
    text = "01 99 00 12 34"
    told = {"full_name": "Customer New", "phone": text, "sheet": str(uuid4())}
    added = client.post("/customers/add/", told)
    customer = Customer.objects.get()
    assert added["Location"].startswith(reverse("contact", args=[customer.public_id]))
    assert "Calling now · certain match" in client.get("/pop/", {"phone": text}).content.decode()
    found = client.get("/api/v1/customers/", {"phone": text}).json()["results"]
    assert [one["public_id"] for one in found] == [str(customer.public_id)]
    settings.HOUSE_COUNTRY = "GB"
    assert client.get("/api/v1/customers/", {"phone": text}).json()["results"] == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"phone": "12"}, 400),
        ({"phone": ""}, 400),
        ({"phone": PHONE, "email": "a@mail.example"}, 400),
        ({"email": "nowhere"}, 400),
        ({"phone": PHONE, "customer": "rubbish"}, 404),
        ({"phone": PHONE, "pop": "rubbish"}, 302),
    ],
)
def test_what_cannot_be_attached(client: Client, said: dict[str, str], expected: int) -> None:
    customer = make_customer()
    client.force_login(make_user())
    answer = client.post("/pop/attach/", {"customer": customer.public_id} | said)
    assert answer.status_code == expected
    assert ContactPoint.objects.exists() is (expected == 302)


@pytest.mark.parametrize(("role", "expected"), [(Role.ANALYST, 403), (Role.INTEGRATION, 403), (None, 302)])
def test_who_may_not_attach(client: Client, role: Role | None, expected: int) -> None:
    customer = make_customer()
    if role:
        client.force_login(make_user(role))
        assert client.get("/pop/attach/").status_code == 405
    assert client.post("/pop/attach/", {"customer": customer.public_id, "phone": PHONE}).status_code == expected
    assert not ContactPoint.objects.exists()


def test_anothers_pop_is_not_taken_by_attaching(client: Client) -> None:
    customer, pop = make_customer(), ring(make_user())
    client.force_login(make_user())
    client.post("/pop/attach/", {"customer": customer.public_id, "phone": PHONE, "pop": pop.public_id})
    pop.refresh_from_db()
    assert (pop.customer, pop.is_standing) == (None, True)


@pytest.mark.parametrize("many", [2, 4])
def test_eight_queries_for_the_chooser(
    client: Client, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(many):
        customer = make_customer(full_name=f"Customer sharing {number}")
        make_phone(customer)
        give_tier(customer, make_tiers()[number % 4])
    client.force_login(make_user())
    with django_assert_num_queries(8):
        html = client.get("/pop/", {"phone": PHONE}).content.decode()
    assert html.count("This number is theirs") == many


def test_an_address_of_several_is_chosen_too(client: Client) -> None:
    for _ in range(2):
        make_email(make_customer(), "shared@mail.example")
    client.force_login(make_user())
    html = client.get("/pop/", {"email": "Shared@mail.example"}).content.decode()
    assert "2 people share Shared@mail.example" in html
    assert "match=email-chosen" in html


def test_rubbish_beside_the_number_is_passed_over(client: Client) -> None:
    client.force_login(make_user())
    for more in ({"pop": "\0"}, {"q": "\0" * 9}, {"q": "x" * 5000}, {"pop": "x" * 5000}):
        assert client.get("/pop/", {"phone": PHONE} | more).status_code == 200
