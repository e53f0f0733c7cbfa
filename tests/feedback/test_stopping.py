"""The link that stops letters: opening it changes nothing, one press does."""

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Consent, Suppression
from feedback.models import Invitation
from tests.feedback.makers import make_invitation, make_link
from tests.feedback.pressing import press, said

pytestmark = pytest.mark.django_db


def stop_link() -> tuple[Invitation, str]:
    invitation = make_invitation()
    return invitation, reverse("feedback:stop", args=[make_link(invitation, "stop")[1]])


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_stop_link_changes_nothing(client: Client, method: str) -> None:
    _, url = stop_link()
    response = getattr(client, method)(url)
    assert response.status_code == 200
    assert not Suppression.objects.exists()
    assert not Consent.objects.exists()


def test_the_stop_page_has_a_button(client: Client) -> None:
    _, url = stop_link()
    page = client.get(url).content.decode()
    assert '<form method="post" action="?">' in page
    assert "Do not ask me again" in page


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'),
        ("application/x-www-form-urlencoded", b""),
    ],
)
def test_one_post_stops_the_letters_without_cookie_or_redirect(content_type: str, body: bytes) -> None:
    invitation, url = stop_link()
    for _ in range(2):
        response = Client(enforce_csrf_checks=True).generic("POST", url, body, content_type)
        assert response.status_code == 200
        assert not response.cookies
        assert "We will not ask you again" in response.content.decode()
    consent = Consent.objects.get()
    assert (consent.customer, consent.purpose, consent.is_given) == (invitation.customer, "feedback", False)
    assert consent.source == "link in letter"
    suppression = Suppression.objects.get()
    assert invitation.letter
    assert (suppression.address, suppression.reason) == (invitation.letter.to_address, "unsubscribed")


def test_who_asked_us_to_stop_may_still_answer(client: Client) -> None:
    invitation, url = stop_link()
    client.post(url)
    _, token = make_link(invitation)
    assert press(client, token, "yes").status_code == 303
    assert said() == [("yes", True)]
