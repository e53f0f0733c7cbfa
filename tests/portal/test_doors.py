"""The ways in beside signing in: a new password, and no way for strangers."""

from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import get_resolver, reverse

from portal.roles import Role
from tests.factories import make_customer, make_user, signed_in

pytestmark = pytest.mark.django_db

RESET = "/accounts/password/reset/"


def test_the_letter_for_a_new_password_is_the_houses(client: Client, mailoutbox: list[EmailMessage]) -> None:
    user = make_user()
    assert client.post(RESET, {"email": user.email}).status_code == 302
    (letter,) = mailoutbox
    assert letter.to == [user.email]
    assert letter.subject.startswith(f"{settings.SITE_NAME}: ")
    text = str(letter.body)
    assert "/accounts/password/reset/key/" in text
    # The address stands in the link alone, and not in the place of the house's name.
    assert text.count("testserver") == 1
    assert settings.SITE_NAME in text


def test_whoever_is_no_colleague_gets_the_same_answer_and_no_letter(
    client: Client, mailoutbox: list[EmailMessage]
) -> None:
    known = client.post(RESET, {"email": make_user().email})
    unknown = client.post(RESET, {"email": "stranger@mail.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mailoutbox) == 1, "nobody can sign up, so nobody is invited to"


@pytest.mark.parametrize("door", ["password/reset", "password/reset/done", "signup"])
def test_each_of_them_leads_back_to_signing_in(client: Client, door: str) -> None:
    assert 'href="/accounts/login/">Back to signing in' in client.get(f"/accounts/{door}/").content.decode()


def way_in(name: str, **of: Any) -> tuple[str, str]:
    """The address of a door, and where a stranger who presses there is led after signing in."""
    door = reverse(name, kwargs=of)
    asked = Client().post(door)["Location"]
    assert asked.startswith(f"{reverse('account_login')}?next=")
    return door, unquote(asked.partition("?next=")[2])


def test_whoever_signs_in_after_a_press_stands_on_the_page_where_it_was() -> None:
    customer = make_customer()
    whose = {"public_id": customer.public_id}
    for name, of, page in (
        ("preference_note", whose, reverse("contact", kwargs=whose)),
        ("promise_keep", whose | {"pk": 1}, reverse("contact", kwargs=whose)),
        ("self_add", whose, reverse("selves", kwargs=whose)),
        ("prevention_change", {"pk": 1}, reverse("prevention")),
        ("gesture_answer", {"pk": 1}, reverse("desk")),
    ):
        assert way_in(name, **of)[1] == page
    # These can be opened, too.
    for door, page in (way_in("customer_add"), way_in("pin", **whose, key="order-1")):
        assert page == door
    login = f"{reverse('account_login')}?next={reverse('contact', kwargs=whose)}"
    told = {"login": make_user().email, "password": "a long test password"}
    assert Client().post(login, told, follow=True).status_code == 200


def test_whoever_signs_in_stands_before_no_door_that_can_only_be_pressed() -> None:
    example = {"public_id": uuid4(), "pk": 1, "key": "order-1"}
    rooms: list[Any] = [room for room in get_resolver().url_patterns if str(room.pattern) == ""]
    doors = [door for room in rooms for door in room.url_patterns]
    assert len(doors) > 80
    for door in doors:
        of = {name: example.get(name, "x") for name in door.pattern.converters}
        address = reverse(door.name, kwargs=of)
        if Client().get(address).status_code == 405:
            page = way_in(door.name, **of)[1]
            assert page != address
            assert Client().get(page).status_code != 405, address


def test_who_switches_keys_off_on_a_form_to_be_mended_stands_on_its_page() -> None:
    client, whose = signed_in(Role.AGENT), [make_customer().public_id]
    for name, page in (("self_add", "selves"), ("promise_make", "contact"), ("customer_add", "customer_add")):
        of = [] if name == "customer_add" else whose
        refused = client.post(reverse(name, args=of))
        assert refused.status_code == 422
        keys = refused.content.decode().partition('action="/keys/"')[2]
        assert f'name="next" value="{reverse(page, args=of)}"' in keys.partition("</form>")[0]


@pytest.mark.django_db(transaction=True)
def test_an_address_that_a_colleague_has_is_refused_with_a_sentence() -> None:
    other, agent = make_user(Role.ADMINISTRATOR), make_user()
    client = Client(raise_request_exception=False)
    client.post(reverse("account_login"), {"login": agent.email, "password": "a long test password"})
    page = reverse("account_email")
    client.post(page, {"action_add": "", "email": other.email})
    assert client.post(page, {"action_primary": "", "email": other.email}).status_code < 500
    assert not EmailAddress.objects.filter(user=agent, email=other.email, primary=True).exists()
