"""Letters: written once, claimed, and handed over by real SMTP conversations."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from customers import tasks
from customers.enums import LetterState
from customers.exceptions import NotAnAddress
from customers.models import Letter
from customers.services import mailing
from customers.services.letters import queue_letter
from tests.customers.letters import fresh, write
from tests.factories import make_customer
from tests.postbox import Postbox

pytestmark = pytest.mark.django_db


# --- writing ---


def test_a_letter_is_written_once_per_kind_and_subject() -> None:
    customer = make_customer()
    fields: dict[str, Any] = {
        "customer": customer,
        "kind": "test.note",
        "subject_key": "7",
        "to_address": " One@Mail.Example ",
        "language": "en",
        "subject": "Line\r\nbreak",
        "text": "Hello",
        "html": "",
    }
    first, is_new = queue_letter(**fields)
    again, is_new_again = queue_letter(**fields | {"text": "Other words"})
    assert (is_new, is_new_again, again.pk, again.text) == (True, False, first.pk, "Hello")
    assert (first.to_address, first.subject, first.state) == ("One@Mail.Example", "Line break", LetterState.QUEUED)


def test_a_letter_without_an_address_or_with_too_long_a_subject_is_refused() -> None:
    with pytest.raises(NotAnAddress):
        write("nobody")
    with pytest.raises(ValidationError):
        write(subject="x" * 201)
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("letter_state_known", {"state": "lost"}),
        ("letter_leased_while_sending", {"state": "sending"}),
        ("letter_leased_while_sending", {"lease": "00000000-0000-0000-0000-000000000001"}),
        ("letter_sent_has_a_time", {"state": "sent"}),
        ("letter_sent_has_a_time", {"sent_at": Now()}),
        ("letter_message_id_once", {"message_id": "<1@house.example>"}),
        ("letter_once_per_subject", {"subject_key": "1"}),
    ],
)
def test_the_database_refuses(name: str, changes: dict[str, Any]) -> None:
    Letter.objects.filter(pk=write().pk).update(message_id="<1@house.example>")
    second = write(key="2")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Letter.objects.filter(pk=second.pk).update(**changes)


# --- leaving ---


def test_a_letter_leaves_as_text_and_html_with_its_headers(box: Postbox) -> None:
    letter = write(headers={"List-Unsubscribe": "<https://house.example/stop/" + "x" * 80 + ">"}, subject="Über Öl")
    tasks.send_letters()
    letter = fresh(letter)
    assert (letter.state, letter.attempts, letter.lease) == (LetterState.SENT, 1, None)
    assert letter.sent_at
    assert "250" in letter.reply
    [message] = box.letters_to("one@mail.example")
    assert message["Message-ID"] == letter.message_id
    assert message["Subject"] == "Über Öl"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"]
    assert message["From"]
    assert message["To"] == f"{letter.customer} <one@mail.example>"
    assert message["List-Unsubscribe"] == "<https://house.example/stop/" + "x" * 80 + ">"
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert text.get_content().strip() == "Hello"
    assert 'style="color: #123456' in html.get_content()


def test_lines_that_begin_with_a_dot_arrive_whole(box: Postbox) -> None:
    write(text="one\n.\n..two\nthree", html="")
    mailing.send_letters()
    [(_, message)] = box.taken
    assert message.get_content().replace("\r\n", "\n").rstrip("\n") == "one\n.\n..two\nthree"


def test_one_connection_serves_many_letters_and_a_second_call_sends_nothing(box: Postbox) -> None:
    for number in range(5):
        write(f"{number}@mail.example", str(number))
    assert mailing.send_letters() == 5
    assert mailing.send_letters() == 0
    assert (box.sessions, len(box.taken)) == (1, 5)


def test_a_letter_waits_until_it_is_due(box: Postbox) -> None:
    letter = write(due_at=timezone.now() + timedelta(hours=1))
    assert mailing.send_letters() == 0
    assert (fresh(letter).state, box.sessions) == (LetterState.QUEUED, 0)


def test_the_message_id_and_the_claim_are_committed_before_anything_leaves(box: Postbox) -> None:
    letter = write()
    claimed = mailing.claim_letter()
    assert claimed
    held = fresh(letter)
    assert (held.state, held.lease, held.message_id) == (LetterState.SENDING, claimed.lease, claimed.letter.message_id)
    assert held.message_id.startswith("<")
    assert held.leased_until
    assert held.leased_until > timezone.now()
    assert not box.taken
    assert mailing.claim_letter() is None


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_server_is_spoken_to(box: Postbox) -> None:
    letter = write()
    seen: list[str] = []

    def look(step: str, recipient: str) -> None:
        if step == "text":
            seen.append(fresh(letter).state)
            with transaction.atomic():
                Letter.objects.select_for_update(nowait=True).get(pk=letter.pk)
            connection.close()

    box.script = look
    assert mailing.send_letters() == 1
    assert seen == ["sending"]


def test_claiming_costs_the_same_whatever_the_queue(django_assert_num_queries: Any) -> None:
    for number in range(3):
        write(f"{number}@mail.example", str(number))
    for _ in range(3):
        # savepoint, look, suppression, seal's savepoint (2), claim, release
        with django_assert_num_queries(7):
            assert mailing.claim_letter()


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_send_each_letter_once(box: Postbox) -> None:
    for number in range(40):
        write(f"{number}@mail.example", str(number))

    def work() -> None:
        try:
            mailing.send_letters()
        finally:
            connection.close()

    senders = [threading.Thread(target=work) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert Letter.objects.filter(state=LetterState.SENT).count() == 40
    assert sorted(box.by_message_id.values()) == [1] * 40
