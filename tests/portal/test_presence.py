"""Two colleagues with one customer: each sees that the other is there."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from portal.contact.presence import STILL_HERE
from portal.models import Presence, Reading, User
from portal.roles import Role
from portal.tasks import drop_presences
from tests.factories import make_customer, make_interaction, make_user

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, customer: Customer) -> str:
    return client.get(reverse("contact", args=[customer.public_id])).content.decode()


def here(client: Client, customer: Customer, **query: str) -> tuple[int, str]:
    response = client.get(reverse("contact_here", args=[customer.public_id]), query)
    return response.status_code, response.content.decode()


def test_each_sees_the_other_and_not_oneself() -> None:
    customer, one, two = make_customer(), make_user(display_name="Agent One"), make_user(display_name="Agent Two")
    first, second = signed_in(one), signed_in(two)
    assert "has this page open" not in page(first, customer)
    assert "Agent One has this page open, too." in page(second, customer)
    status, html = here(first, customer)
    assert status == 200
    assert "Agent Two has this page open, too." in html
    assert "Agent One" not in html
    assert "has this page open" not in page(first, make_customer())


def test_a_contact_that_is_open_says_since_when_even_where_the_page_is_closed() -> None:
    customer, one, two = make_customer(), make_user(display_name="Agent One"), make_user()
    make_interaction(customer, agent=one)
    assert "Agent One is with them, too, in a contact since" in page(signed_in(two), customer)


def test_who_was_not_heard_of_has_gone_and_a_page_that_stays_open_stays() -> None:
    customer, one, two = make_customer(), make_user(display_name="Agent One"), make_user()
    first, second = signed_in(one), signed_in(two)
    page(first, customer)
    Presence.objects.filter(colleague=one).update(seen_at=timezone.now() - STILL_HERE - timedelta(seconds=5))
    assert "Agent One has this page" not in page(second, customer)
    here(first, customer)
    assert "Agent One has this page open, too." in page(second, customer)
    assert Reading.objects.filter(user_id=one.pk).count() == 1, "to stay is not to read"


def test_nothing_is_said_twice() -> None:
    customer, one, two = make_customer(), make_user(), make_user(display_name="Agent Two")
    first = signed_in(one)
    page(signed_in(two), customer)
    html = page(first, customer)
    shown = html.split("?shown=")[1].split('"')[0]
    assert here(first, customer, shown=shown) == (204, "")
    assert here(first, customer, shown="")[0] == 200


def test_asking_takes_so_many_queries(django_assert_num_queries: pytest.FixtureRequest) -> None:
    customer, client = make_customer(), signed_in(make_user())
    page(client, customer)
    for _ in range(3):
        page(signed_in(make_user()), customer)
    with django_assert_num_queries(5):  # type: ignore[operator]
        here(client, customer)


def test_only_those_who_may_see_the_customer() -> None:
    customer = make_customer()
    url = reverse("contact_here", args=[customer.public_id])
    assert Client().get(url).status_code == 302
    assert signed_in(make_user(Role.INTEGRATION)).get(url).status_code == 403
    client = signed_in(make_user())
    assert client.post(url).status_code == 405
    assert client.get(reverse("contact_here", args=["00000000-0000-4000-8000-000000000000"])).status_code == 404
    assert Presence.objects.count() == 0


def test_one_row_for_each_and_old_ones_go() -> None:
    customer, one, two = make_customer(), make_user(), make_user()
    page(signed_in(one), customer)
    page(signed_in(one), customer)
    page(signed_in(two), customer)
    Presence.objects.filter(colleague=one).update(seen_at=timezone.now() - timedelta(days=2))
    assert drop_presences() == 1
    assert drop_presences() == 0
    with pytest.raises(IntegrityError, match="presence_once"):
        Presence.objects.create(customer=customer, colleague=two)
