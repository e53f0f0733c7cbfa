"""What providers report about letters: signed reports are noted, all others are refused and change nothing."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from customers.enums import LetterState
from customers.models import Letter, LetterEvent, Suppression
from tests.factories import make_customer

pytestmark = pytest.mark.django_db

SECRET, KEY = "house:a long test secret", "a signing key"
ADDRESS, MESSAGE_ID = "one@mail.example", "0123456789abcdef0123456789abcdef@house.example"


@pytest.fixture
def letter() -> Letter:
    return Letter.objects.create(
        customer=make_customer(),
        kind="test.note",
        subject_key="1",
        to_address=ADDRESS,
        subject="Hello",
        text="Hello",
        state=LetterState.SENT,
        sent_at=Now(),
        message_id=f"<{MESSAGE_ID}>",
    )


@pytest.fixture(params=["mailgun", "postmark"])
def provider(request: Any, settings: Any) -> str:
    """A house with a provider."""
    settings.LETTER_WEBHOOK = request.param
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": KEY}
    return str(request.param)


def mailgun(
    event: str = "failed", key: str = KEY, code: int = 550, said: str = "5.1.1 No such user", **data: Any
) -> Any:
    stamp, token = "1700000000", "x" * 50
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    told = {
        "event": event,
        "severity": "permanent",
        "reason": "generic",
        "recipient": ADDRESS,
        "timestamp": 1700000000.5,
        "message": {"headers": {"message-id": MESSAGE_ID}},
        "delivery-status": {"code": code, "message": said},
    }
    return {"signature": {"timestamp": stamp, "token": token, "signature": signature}, "event-data": told | data}


def postmark(letter: Letter, kind: str = "HardBounce", said: str = "smtp;550 5.1.1 No such user", **data: Any) -> Any:
    told = {"RecordType": "Bounce", "Type": kind, "ID": 7, "MessageID": "not ours", "Email": ADDRESS, "Details": said}
    return told | {"BouncedAt": "2024-01-01T00:00:00Z", "Metadata": {"letter": str(letter.public_id)}} | data


def post(provider: str, body: Any, secret: str = SECRET) -> int:
    auth: Any = {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(secret.encode()).decode()} if secret else {}
    raw = body if isinstance(body, str) else json.dumps(body)
    client = Client(enforce_csrf_checks=True)
    return client.post(f"/post/anymail/{provider}/", raw, content_type="application/json", **auth).status_code


def report(provider: str, letter: Letter) -> Any:
    return mailgun() if provider == "mailgun" else postmark(letter)


def untouched(letter: Letter) -> bool:
    letter.refresh_from_db()
    return letter.bounced_at is None and not LetterEvent.objects.exists() and not Suppression.objects.exists()


def test_a_signed_report_is_noted_once(provider: str, letter: Letter) -> None:
    assert post(provider, report(provider, letter)) == 200
    assert post(provider, report(provider, letter)) == 200
    letter.refresh_from_db()
    assert letter.bounced_at
    assert [event.kind for event in letter.events.all()] == ["bounced"]
    assert "No such user" in letter.events.get().words
    assert Suppression.objects.get().reason == "bounced"


@pytest.mark.parametrize("secret", ["", "house:a wrong secret", "house:"])
def test_without_the_secret_nothing_is_written(provider: str, letter: Letter, secret: str) -> None:
    assert post(provider, report(provider, letter), secret) == 400
    assert untouched(letter)


def test_a_wrong_signature_is_refused(settings: Any, letter: Letter) -> None:
    settings.LETTER_WEBHOOK = "mailgun"
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": KEY}
    for body in (mailgun(key="another key"), {"event-data": mailgun()["event-data"]}, mailgun() | {"signature": {}}):
        assert post("mailgun", body) == 400
    assert untouched(letter)


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "7", '{"RecordType": 7, "Metadata": 7}'])
def test_what_cannot_be_read_is_refused(provider: str, letter: Letter, body: str) -> None:
    assert post(provider, body) in {400, 200}
    assert untouched(letter)


def test_of_other_letters_and_addresses_nothing_is_written(provider: str, letter: Letter) -> None:
    other = {"mailgun": mailgun(recipient="two@mail.example"), "postmark": postmark(letter, Email="two@mail.example")}
    nobody: Any = {"message": {"headers": {"message-id": "1@house.example"}}}
    unknown = {"mailgun": mailgun(**nobody), "postmark": postmark(letter, Metadata={"letter": "7"})}
    assert post(provider, other[provider]) == 200
    assert post(provider, unknown[provider]) == 200
    assert untouched(letter)


@pytest.mark.parametrize(
    ("said", "is_suppressed"), [("550 5.1.1 none", True), ("550 5.7.1 not you", False), ("552 5.2.2 full", False)]
)
def test_only_the_addresss_own_fault_spares_it(said: str, is_suppressed: bool, provider: str, letter: Letter) -> None:
    bodies = {"mailgun": mailgun(said=said), "postmark": postmark(letter, said=f"smtp;{said}")}
    assert post(provider, bodies[provider]) == 200
    letter.refresh_from_db()
    assert letter.bounced_at
    assert Suppression.objects.exists() is is_suppressed


def test_a_complaint_a_delay_and_a_delivery(provider: str, letter: Letter) -> None:
    bodies: dict[str, list[Any]] = {
        "mailgun": [mailgun(severity="temporary"), mailgun("delivered"), mailgun("complained"), mailgun("opened")],
        "postmark": [
            postmark(letter, "Transient"),
            postmark(letter, RecordType="Delivery"),
            postmark(letter, "SpamComplaint", RecordType="SpamComplaint"),
            postmark(letter, RecordType="Open"),
        ],
    }
    Letter.objects.update(state=LetterState.UNCERTAIN, sent_at=None)
    for body in bodies[provider]:
        assert post(provider, body) == 200
    letter.refresh_from_db()
    assert (letter.state, letter.bounced_at) == (LetterState.SENT, None)
    assert [event.kind for event in letter.events.all()] == ["delayed", "confirmed", "complained"]
    assert Suppression.objects.get().reason == "complained"


def test_the_door_is_shut_unless_it_is_set_up(letter: Letter) -> None:
    for provider in ("mailgun", "postmark", "mandrill"):
        assert post(provider, report(provider, letter)) == 404


def test_the_door_takes_no_other_method(provider: str) -> None:
    assert Client().get(f"/post/anymail/{provider}/").status_code == 405


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_links_of_a_sample_open_a_page_that_says_so(method: str) -> None:
    response = getattr(Client(enforce_csrf_checks=True), method)(reverse("letter_sample") + "?a=yes")
    assert response.status_code == 200
    assert "This link came from a sample" in response.content.decode()
