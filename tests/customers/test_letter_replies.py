"""What the other side may say to a letter, and what becomes of the letter then."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from customers.enums import LetterState
from customers.models import Letter, Suppression
from customers.post import NoPost, Post, says_address_is_gone
from customers.services import mailing
from tests.customers.letters import fresh, write
from tests.postbox import DROP, STALL, Postbox, free_port

pytestmark = pytest.mark.django_db

CASES = [
    # step, reply, fate, address suppressed
    ("RCPT", "421 4.3.2 closing", "queued", False),
    ("RCPT", "450 4.2.1 greylisted", "queued", False),
    ("RCPT", "550 5.1.1 no such user", "refused", True),
    ("RCPT", "550 no such user", "refused", True),
    ("RCPT", "550 5.7.1 not from you", "refused", False),
    ("RCPT", "550 blocked: your host is on a list", "refused", False),
    ("RCPT", "552 5.2.2 mailbox full", "refused", False),
    ("RCPT", "550 5.1.1 no such \0 user", "refused", True),
    ("RCPT", DROP, "queued", False),
    ("RCPT", STALL, "queued", False),
    ("DATA", "451 4.3.0 try later", "queued", False),
    ("DATA", "554 5.5.1 no", "refused", False),
    ("DATA", DROP, "queued", False),
    ("DATA", STALL, "queued", False),
    ("text", "451 4.3.0 try later", "queued", False),
    ("text", "421 4.3.2 closing", "queued", False),
    ("text", "550 5.6.0 not this content", "refused", False),
    ("text", DROP, "uncertain", False),
    ("text", STALL, "uncertain", False),
    ("taken", DROP, "uncertain", False),
]


@pytest.mark.parametrize(("step", "reply", "state", "is_suppressed"), CASES)
def test_each_reply_has_its_end_and_the_next_letter_still_leaves(
    box: Postbox, settings: Any, step: str, reply: str, state: str, is_suppressed: bool
) -> None:
    settings.EMAIL_TIMEOUT = 1
    box.script = lambda at, recipient: reply if (at, recipient) == (step, "one@mail.example") else None
    letter, other = write(), write("two@mail.example", "2")
    mailing.send_letters()
    letter = fresh(letter)
    assert letter.state == state, letter.reply
    assert letter.reply.startswith(step if step != "taken" else "text")
    assert Suppression.objects.filter(address="one@mail.example").exists() is is_suppressed
    assert fresh(other).state == LetterState.SENT
    if state == "queued":
        assert letter.due_at > timezone.now() + timedelta(seconds=40)
    # Nothing that left is sent again by itself.
    mailing.send_letters()
    assert len(box.letters_to("one@mail.example")) == (1 if step == "taken" else 0)


def test_a_server_that_will_not_have_the_house_costs_no_letter(box: Postbox) -> None:
    box.script = lambda step, recipient: "550 5.7.1 we do not know you" if step == "MAIL" else None
    letter = write()
    assert mailing.send_letters() == 0
    assert (fresh(letter).state, fresh(letter).attempts) == (LetterState.QUEUED, 1)
    assert not Suppression.objects.exists()


def test_a_letter_that_is_put_off_waits_longer_each_time_and_is_refused_in_the_end(box: Postbox) -> None:
    box.script = lambda step, recipient: "450 4.2.1 later" if step == "RCPT" else None
    letter = write()
    waits = []
    for _ in range(mailing.TRIES - 1):
        mailing.send_letters()
        letter = fresh(letter)
        assert letter.state == LetterState.QUEUED
        waits.append(letter.due_at - timezone.now())
        Letter.objects.filter(pk=letter.pk).update(due_at=Now())
    assert waits[3] > 2 * waits[0]
    assert waits[-1] <= timedelta(hours=5)
    mailing.send_letters()
    assert (fresh(letter).state, fresh(letter).attempts) == (LetterState.REFUSED, mailing.TRIES)
    assert not Suppression.objects.exists()


def test_a_letter_that_was_put_off_keeps_its_message_id(box: Postbox) -> None:
    box.script = lambda step, recipient: "450 4.2.1 later" if step == "RCPT" else None
    letter = write()
    mailing.send_letters()
    first = fresh(letter).message_id
    box.script = lambda step, recipient: None
    Letter.objects.filter(pk=letter.pk).update(due_at=Now())
    assert mailing.send_letters() == 1
    assert box.by_message_id == {first: 1}


def test_without_a_mail_server_every_letter_waits(settings: Any) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    letter = write()
    assert mailing.send_letters() == 0
    assert (fresh(letter).state, fresh(letter).attempts) == (LetterState.QUEUED, 0)
    with pytest.raises(NoPost):
        Post().open()


def test_an_address_beyond_ascii_leaves_where_the_server_can_carry_it(box: Postbox) -> None:
    write("jörg@mail.example")
    write("One@straße.example", "2")
    assert mailing.send_letters() == 2
    assert [recipient for recipient, _ in box.taken] == ["jörg@mail.example", "One@xn--strae-oqa.example"]


@pytest.mark.parametrize(
    ("code", "reply", "is_gone"),
    [
        (550, "5.1.1 no such user", True),
        (550, "5.2.1 mailbox disabled", True),
        (551, "moved", True),
        (553, "not allowed", True),
        (550, "5.1.8 bad sender", False),
        (550, "Rejected by policy", False),
        (550, "message looks like SPAM", False),
        (550, "your domain has no SPF record", False),
        (550, "5.7.1 blocked", False),
        (552, "full", False),
        (554, "no", False),
    ],
)
def test_only_a_refusal_of_the_address_itself_is_for_good(code: int, reply: str, is_gone: bool) -> None:
    assert says_address_is_gone(code, reply) is is_gone
