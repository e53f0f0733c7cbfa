"""The ways in beside signing in: a new password, and no way for strangers."""

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from portal.roles import Role
from tests.factories import make_user

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


@pytest.mark.django_db(transaction=True)
def test_an_address_that_a_colleague_has_is_refused_with_a_sentence() -> None:
    other, agent = make_user(Role.ADMINISTRATOR), make_user()
    client = Client(raise_request_exception=False)
    client.post(reverse("account_login"), {"login": agent.email, "password": "a long test password"})
    page = reverse("account_email")
    client.post(page, {"action_add": "", "email": other.email})
    assert client.post(page, {"action_primary": "", "email": other.email}).status_code < 500
    assert not EmailAddress.objects.filter(user=agent, email=other.email, primary=True).exists()
