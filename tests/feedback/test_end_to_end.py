"""From a closed call to an answer and its recovery, over a real mail server."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db.models.functions import Now
from django.test import Client

from customers import tasks as letter_tasks
from customers.models import Consent, Letter
from customers.services.conversations import close_interaction
from feedback import tasks
from feedback.models import Answer, Link, Recovery, Visit
from portal.roles import Role
from tests.factories import make_customer, make_email, make_interaction, make_user
from tests.postbox import Postbox, open_postbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(settings: Any) -> Iterator[Postbox]:
    with open_postbox() as box:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        yield box


def test_a_closed_call_becomes_a_letter_an_answer_and_a_recovery(box: Postbox, client: Client) -> None:
    lead = make_user(Role.LEAD)
    customer = make_customer(known_as="Ms One")
    make_email(customer, "one@mail.example")
    interaction = make_interaction(customer, agent=make_user(lead=lead))
    close_interaction(interaction=interaction)
    for _ in range(2):
        tasks.invite_due()
        letter_tasks.send_letters()

    [message] = box.letters_to("one@mail.example")
    text, html = (part.get_content() for part in message.iter_parts())
    assert "Dear Ms One," in text
    assert "%" not in html.replace("100%", "")
    links = re.findall(r"http://\S+\?a=(?:yes|partly|no)", text)
    assert [link.partition("=")[2] for link in links] == ["yes", "partly", "no"]
    assert all(f'href="{link}"' in html for link in links)
    # RFC 8058: one URI, and the header that makes it one press.
    unsubscribe = re.fullmatch(r"<(http://[^<>,\s]+)>", message["List-Unsubscribe"])
    assert unsubscribe
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    # It is read a minute later.
    Letter.objects.update(sent_at=Now() - timedelta(minutes=1))
    Link.objects.update(minted_at=Now() - timedelta(minutes=1, seconds=1))
    where = urlsplit(links[2])
    page = client.get(f"{where.path}?{where.query}")
    assert page.status_code == 200
    assert not Answer.objects.exists()
    pressed = client.post(where.path, {"enjoyed": "no", "confirm": "yes"})
    assert pressed.status_code == 303
    answer = Answer.objects.get()
    assert (answer.enjoyed, answer.is_counted, answer.invitation.interaction) == ("no", True, interaction)
    recovery = Recovery.objects.get()
    assert (recovery.owner, recovery.customer, recovery.answer) == (lead, customer, answer)
    assert list(Visit.objects.values_list("method", "hint")) == [("GET", "no"), ("POST", "no")]

    stop = urlsplit(unsubscribe[1])
    assert client.get(stop.path).status_code == 200
    assert not Consent.objects.exists()
    assert client.post(stop.path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Consent.objects.get().is_given
