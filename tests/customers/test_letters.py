"""Letters: written once, claimed, handed over by real SMTP conversations, and settled."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from customers import emails, tasks
from customers.emails import build_mail, register_seal
from customers.enums import LetterState, SuppressionReason
from customers.exceptions import HoldBack, NotAnAddress
from customers.models import Customer, Letter, LetterEvent, Suppression
from customers.post import Fate, NoPost, Post, says_address_is_gone
from customers.services import mailing
from customers.services.letters import confirm_letter, queue_letter, resend_letter, settle_letters
from tests.factories import make_customer, make_user
from tests.postbox import DROP, STALL, Postbox, free_port, open_postbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(settings: Any) -> Iterator[Postbox]:
    with open_postbox() as box:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", box.port, 2
        yield box


@pytest.fixture
def seals() -> Iterator[None]:
    kept = dict(emails._seals)
    yield
    emails._seals.clear()
    emails._seals.update(kept)


def write(address: str = "one@mail.example", key: str = "1", **more: Any) -> Letter:
    fields: dict[str, Any] = {
        "kind": "test.note",
        "subject_key": key,
        "to_address": address,
        "language": "en",
        "subject": "About your call",
        "text": "Hello",
        "html": "<style>p{color:#123456}</style><p>Hello</p>",
    }
    return queue_letter(customer=make_customer(), **fields | more)[0]


def fresh(letter: Letter) -> Letter:
    return Letter.objects.get(pk=letter.pk)


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


# --- seals and suppression ---


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


# --- the bytes ---


def head_of(raw: bytes) -> dict[str, list[str]]:
    """The headers as they stand in the bytes: name → values, unfolded lines told apart from folded ones."""
    lines = raw.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    found: dict[str, list[str]] = {}
    for line in lines:
        assert line[:1] != " " or not found.get("List-Unsubscribe"), "folded where a signature must not break"
        name, _, value = line.partition(": ")
        found.setdefault(name, []).append(value)
    return found


def claimed_bytes(letter: Letter) -> bytes:
    claimed = mailing.claim_letter()
    assert claimed
    assert claimed.letter.pk == letter.pk
    return build_mail(claimed.letter, claimed.values).message


UNSUBSCRIBE = {
    "List-Unsubscribe": "<https://house.example/feedback/stop/" + "x" * 80 + ">",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def test_the_bytes_of_a_bulk_letter(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "The House <hello@mail.house.example>"
    letter = write(headers=UNSUBSCRIBE, text="Über Öl: " + "ä" * 400, language="de")
    raw = claimed_bytes(letter)
    assert raw.isascii(), "signed letters stay whole in 7 bits alone"
    assert max(map(len, raw.split(b"\r\n"))) < 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    head = head_of(raw)
    once = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", *UNSUBSCRIBE)
    assert {name: len(head[name]) for name in once} == dict.fromkeys(once, 1)
    assert head["List-Unsubscribe"] == [UNSUBSCRIBE["List-Unsubscribe"]], "one address, on one line"
    assert head["List-Unsubscribe-Post"] == ["List-Unsubscribe=One-Click"]
    assert head["Precedence"] == ["bulk"]
    assert head["Auto-Submitted"] == ["auto-generated"]
    assert head["Feedback-ID"] == ["test.note:de:mailhouseexampl"]
    assert head["Date"][0].endswith(" +0000")
    assert re.fullmatch(r"<[0-9a-f]{32}@mail\.house\.example>", head["Message-ID"][0])
    assert head["From"] == ["The House <hello@mail.house.example>"]
    message: Any = message_from_bytes(raw, policy=policy.SMTP)
    assert message.get_body(("plain",)).get_content().strip() == "Über Öl: " + "ä" * 400


def test_a_letter_to_one_person_is_not_called_bulk() -> None:
    head = head_of(claimed_bytes(write(headers={"Auto-Submitted": "no"})))
    assert not {"Precedence", "Feedback-ID", "List-Unsubscribe"} & set(head)
    assert head["Auto-Submitted"] == ["no"], "what a colleague wrote by hand may say so"


@pytest.mark.parametrize("name", ['Customer "A" \\, B', "Cüstömer, 1", "Customer\r\nBcc: all@mail.example", "اسم"])
def test_the_name_stands_beside_the_address_whatever_is_in_it(name: str) -> None:
    letter = write()
    Customer.objects.filter(letters=letter).update(full_name=name)
    message: Any = message_from_bytes(claimed_bytes(letter), policy=policy.SMTP)
    [to] = message["To"].addresses
    assert (to.display_name, to.addr_spec) == (" ".join(name.split()), "one@mail.example")
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    "uris", ["<mailto:stop@house.example>", "<https://h.example/a>, <https://h.example/b>", "https://h.example/a", ""]
)
def test_unsubscribing_by_one_press_takes_one_address(uris: str) -> None:
    letter = write(headers=UNSUBSCRIBE | {"List-Unsubscribe": uris})
    with pytest.raises(ValueError, match="List-Unsubscribe"):
        build_mail(letter, {})


@pytest.mark.parametrize(
    ("bounce_address", "sender"),
    [("", "hello@house.example"), ("b@house.example", "b@house.example"), ("b+@house.example", "b+{}@house.example")],
)
def test_bounces_have_an_address_of_their_own(settings: Any, bounce_address: str, sender: str) -> None:
    settings.DEFAULT_FROM_EMAIL, settings.BOUNCE_ADDRESS = "hello@house.example", bounce_address
    write()
    claimed = mailing.claim_letter()
    assert claimed
    number = claimed.letter.message_id[1:33]
    assert build_mail(claimed.letter, {}).sender == sender.format(number)


# --- what the other side may say ---

CASES = [
    # step, reply, fate, address suppressed
    ("RCPT", "421 4.3.2 closing", "queued", False),
    ("RCPT", "450 4.2.1 greylisted", "queued", False),
    ("RCPT", "550 5.1.1 no such user", "refused", True),
    ("RCPT", "550 no such user", "refused", True),
    ("RCPT", "550 5.7.1 not from you", "refused", False),
    ("RCPT", "550 blocked: your host is on a list", "refused", False),
    ("RCPT", "552 5.2.2 mailbox full", "refused", False),
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


# --- settling ---


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
