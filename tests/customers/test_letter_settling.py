"""Letters of which nobody knows whether they left, and the person who settles them."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from customers import tasks
from customers.enums import LetterState
from customers.models import Letter, LetterEvent
from customers.post import Fate
from customers.services import mailing
from customers.services.letters import confirm_letter, resend_letter, settle_letters
from tests.customers.letters import fresh, write
from tests.factories import make_user
from tests.postbox import DROP, Postbox

pytestmark = pytest.mark.django_db


def leave_hanging(letter: Letter) -> None:
    assert mailing.claim_letter()
    Letter.objects.filter(pk=letter.pk).update(leased_until=Now() - timedelta(seconds=1))


def test_a_letter_whose_sender_is_gone_is_uncertain_and_not_sent_again(box: Postbox) -> None:
    letter = write()
    assert mailing.claim_letter()
    assert settle_letters() == 0, "the claim still holds"
    Letter.objects.filter(pk=letter.pk).update(leased_until=Now() - timedelta(seconds=1))
    tasks.settle_letters()
    assert fresh(letter).state == LetterState.UNCERTAIN
    assert settle_letters() == 0
    assert mailing.send_letters() == 0
    assert not box.taken


def test_a_sender_that_reports_too_late_changes_nothing(box: Postbox) -> None:
    letter = write()
    claimed = mailing.claim_letter()
    assert claimed
    Letter.objects.update(leased_until=Now() - timedelta(seconds=1))
    settle_letters()
    mailing._record(claimed, mailing.Outcome(Fate.SENT, "250 OK"))
    assert fresh(letter).state == LetterState.UNCERTAIN


def test_a_person_settles_an_uncertain_letter_once(box: Postbox) -> None:
    letter = write()
    assert not confirm_letter(letter=letter)
    assert not resend_letter(letter=letter)
    leave_hanging(letter)
    settle_letters()
    assert confirm_letter(letter=letter)
    assert not confirm_letter(letter=letter)
    assert not resend_letter(letter=letter)
    assert fresh(letter).state == LetterState.SENT
    assert fresh(letter).sent_at


def test_the_story_of_a_letter_is_kept_with_who_settled_it(box: Postbox) -> None:
    user, letter = make_user(), write()
    box.script = lambda step, recipient: "450 4.2.1 later" if step == "RCPT" else None
    mailing.send_letters()
    box.script = lambda step, recipient: DROP if step == "text" else None
    Letter.objects.update(due_at=Now())
    mailing.send_letters()
    assert resend_letter(letter=letter, by=user)
    box.script = lambda step, recipient: None
    mailing.send_letters()
    story = [(event.kind, event.by) for event in LetterEvent.objects.filter(letter=letter)]
    assert story == [("put_off", None), ("uncertain", None), ("sent_again", user), ("sent", None)]
    assert LetterEvent.objects.filter(letter=letter)[0].words == "RCPT: 450 4.2.1 later"


def test_an_uncertain_letter_is_sent_again_when_a_person_says_so(box: Postbox) -> None:
    letter = write()
    leave_hanging(letter)
    settle_letters()
    message_id = fresh(letter).message_id
    assert resend_letter(letter=letter)
    assert not resend_letter(letter=letter)
    assert mailing.send_letters() == 1
    assert box.by_message_id == {message_id: 1}
