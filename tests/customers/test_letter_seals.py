"""What is looked at when a letter leaves: its seal, and whether the address may still be written to."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone

from customers import emails
from customers.emails import build_mail, register_seal
from customers.enums import LetterState, SuppressionReason
from customers.exceptions import HoldBack
from customers.models import Letter, Suppression
from customers.services import mailing
from tests.customers.letters import fresh, write
from tests.postbox import Postbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def seals() -> Iterator[None]:
    kept = dict(emails._seals)
    yield
    emails._seals.clear()
    emails._seals.update(kept)


def test_a_seal_fills_in_secrets_that_the_row_never_holds(box: Postbox, seals: None) -> None:
    register_seal(
        "test.note", lambda letter: {"%ANSWER%": "https://house.example/a/", "%STOP%": "https://h.example/s/"}
    )
    letter = write(
        text="%ANSWER%?a=yes",
        html='<p><a href="%ANSWER%?a=yes">Yes</a></p>',
        headers={"List-Unsubscribe": "<%STOP%>"},
    )
    mailing.send_letters()
    [(_, message)] = box.taken
    text, html = message.iter_parts()
    assert text.get_content().strip() == "https://house.example/a/?a=yes"
    assert 'href="https://house.example/a/?a=yes"' in html.get_content()
    assert message["List-Unsubscribe"] == "<https://h.example/s/>"
    letter = fresh(letter)
    assert (letter.text, letter.headers) == ("%ANSWER%?a=yes", {"List-Unsubscribe": "<%STOP%>"})


def test_a_seal_can_hold_a_letter_back(box: Postbox, seals: None) -> None:
    def hold(letter: Letter) -> dict[str, str]:
        Suppression.objects.create(address="written@mail.example", reason="by_hand")
        raise HoldBack("Something is still wrong")

    register_seal("test.note", hold)
    letter, other = write(), write("two@mail.example", "2", kind="test.other")
    assert mailing.send_letters() == 1
    assert (fresh(letter).state, fresh(letter).reply) == (LetterState.SUPPRESSED, "Something is still wrong")
    assert fresh(other).state == LetterState.SENT
    assert not Suppression.objects.exists(), "what a seal wrote goes with it"


def test_a_seal_that_fails_puts_its_letter_off_and_stops_no_other(box: Postbox, seals: None) -> None:
    def fail(letter: Letter) -> dict[str, str]:
        raise RuntimeError("no")

    register_seal("test.note", fail)
    letter, other = write(), write("two@mail.example", "2", kind="test.other")
    assert mailing.send_letters() == 1
    letter = fresh(letter)
    assert (letter.state, letter.attempts) == (LetterState.QUEUED, 1)
    assert letter.due_at > timezone.now()
    assert fresh(other).state == LetterState.SENT


def test_suppression_is_looked_at_again_when_the_letter_leaves(box: Postbox) -> None:
    letter = write("One@Mail.Example")
    Suppression.objects.create(address="one@mail.example", reason=SuppressionReason.UNSUBSCRIBED)
    assert mailing.send_letters() == 0
    assert (fresh(letter).state, fresh(letter).reply) == (LetterState.SUPPRESSED, "They asked us not to write")
    assert not box.taken


@pytest.mark.django_db(transaction=True)
def test_an_address_suppressed_while_the_letter_before_is_on_its_way_gets_none(box: Postbox) -> None:
    """Both were due when the sender looked; the second is looked at again when its turn comes."""

    def suppress(step: str, recipient: str) -> None:
        if (step, recipient) == ("text", "one@mail.example"):
            Suppression.objects.create(address="two@mail.example", reason=SuppressionReason.UNSUBSCRIBED)
            connection.close()

    box.script = suppress
    first, second = write(), write("Two@mail.example", "2")
    assert mailing.send_letters() == 1
    assert (fresh(first).state, fresh(second).state) == (LetterState.SENT, LetterState.SUPPRESSED)
    assert not box.letters_to("two@mail.example")


def test_a_letter_that_cannot_be_built_is_refused_and_stops_no_other(box: Postbox) -> None:
    letter, other = write(headers={"X-Two": "a\r\nBcc: all@mail.example"}), write("two@mail.example", "2")
    assert mailing.send_letters() == 1
    assert (fresh(letter).state, fresh(other).state) == (LetterState.REFUSED, LetterState.SENT)
    with pytest.raises(ValueError, match="newlines"):
        build_mail(fresh(letter), {})
