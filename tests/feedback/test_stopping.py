"""The link that stops letters: opening it changes nothing, one press does."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from customers.models import Consent, Suppression
from customers.services import mailing
from feedback.models import AskingRules, Invitation, Link
from feedback.services.invitations import invite
from tests.feedback.makers import make_closed, make_invitation, make_link
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


@pytest.mark.parametrize("days", [2, 30])
def test_who_wants_no_letters_is_heard_after_the_days_to_answer(client: Client, days: int) -> None:
    AskingRules.objects.update(answer_days=days)
    invite(interaction_ids=[make_closed().pk])
    claimed = mailing.claim_letter()
    assert claimed
    url = claimed.values["%STOP%"].removeprefix("http://127.0.0.1:8000")
    passed = timedelta(days=days, minutes=1)
    Link.objects.update(minted_at=F("minted_at") - passed, expires_at=F("expires_at") - passed)
    assert client.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Consent.objects.filter(purpose="feedback", is_given=False).exists()
