"""Letters that came back: what mail servers report is read, believed about our own letters alone, and noted once."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from customers import tasks
from customers.bounces import Report, read_bounces
from customers.enums import LetterState
from customers.models import Letter, LetterEvent, Suppression
from customers.postbag import NoPostbag, empty_postbag
from customers.services.bounces import take_bounces
from tests.customers.letters import fresh
from tests.factories import make_customer
from tests.imap import serve_imap

pytestmark = pytest.mark.django_db

ADDRESS = "One@straße.example"
NUMBER = "0123456789abcdef0123456789abcdef"


def make_letter(**fields: Any) -> Letter:
    given: dict[str, Any] = {
        "state": LetterState.SENT,
        "message_id": f"<{NUMBER}@house.example>",
        "to_address": ADDRESS,
    }
    given |= {"kind": "test.note", "subject_key": "1", "subject": "Hello", "text": "Hello", "attempts": 1} | fields
    if given["state"] == LetterState.SENT:
        given["sent_at"] = Now()
    return Letter.objects.get(pk=Letter.objects.create(customer=make_customer(), **given).pk)


def dsn(
    *,
    status: str = "5.1.1",
    action: str = "failed",
    recipient: str = "rfc822; one@xn--strae-oqa.example",
    diagnostic: str = "smtp; 550 5.1.1 No such user",
    original: str = f"Message-ID: <{NUMBER}@house.example>\nSubject: Hello\n",
    kind: str = "message/rfc822",
    to: str = "hello@house.example",
    more: str = "",
) -> bytes:
    """A delivery status notification, as Postfix writes it."""
    return f"""From: MAILER-DAEMON@mail.example
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I am sorry to have to inform you{more}

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
X-Postfix-Queue-ID: 1

Final-Recipient: {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: {diagnostic}

--b
Content-Type: {kind}

{original}
Hello

--b--
""".encode()


def arf(*, kind: str = "abuse", recipient: str = "") -> bytes:
    """A feedback report about a letter, as mailbox providers write it."""
    named = f"Original-Rcpt-To: {recipient}\n" if recipient else ""
    raw = dsn(original=f"Message-ID: <{NUMBER}@house.example>\nTo: hidden\n").decode()
    head, _, rest = raw.partition("Reporting-MTA")
    rest = rest[rest.index("--b\nContent-Type: message/rfc822") :]
    head = head.replace("delivery-status", "feedback-report")
    return f"{head}Feedback-Type: {kind}\nUser-Agent: Mail/1\n{named}\n{rest}".encode()


def events(letter: Letter) -> list[str]:
    return [event.kind for event in letter.events.all()]


# --- reading ---


def test_a_report_is_read() -> None:
    [bounce] = read_bounces(dsn())
    assert (bounce.report, bounce.status, bounce.recipients) == (
        Report.FAILED,
        "5.1.1",
        ("one@xn--strae-oqa.example",),
    )
    assert bounce.message_id == f"<{NUMBER}@house.example>"
    assert bounce.words == "smtp; 550 5.1.1 No such user"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\x00 nothing",
        b"Subject: I am on holiday\n\nHello",
        dsn().replace(b"multipart/report", b"multipart/mixed"),
        dsn(original="Subject: Hello\n"),
        dsn(action="expanded"),
        dsn(recipient="rfc822;"),
        dsn()[:400],
    ],
)
def test_what_is_no_report_about_a_letter_is_nothing(raw: bytes) -> None:
    assert read_bounces(raw) == []


def test_a_head_alone_and_letters_beyond_ascii_are_read() -> None:
    [bounce] = read_bounces(dsn(kind="text/rfc822-headers"))
    assert bounce.message_id == f"<{NUMBER}@house.example>"
    raw = dsn(recipient="utf-8; jörg@mail.example").replace(b"message/delivery", b"message/global-delivery")
    [bounce] = read_bounces(raw.replace(b"message/rfc822", b"message/global-headers"))
    assert (bounce.recipients, bounce.message_id) == (("jörg@mail.example",), f"<{NUMBER}@house.example>")


# --- noting ---


def test_a_letter_that_came_back_is_noted_once_and_its_address_spared() -> None:
    letter = make_letter()
    assert take_bounces(messages=[dsn()]) == 1
    letter = fresh(letter)
    assert letter.state == LetterState.SENT
    assert letter.bounced_at
    suppression = Suppression.objects.get()
    assert (suppression.address, suppression.reason) == ("one@straße.example", "bounced")
    assert suppression.detail == "smtp; 550 5.1.1 No such user"
    assert take_bounces(messages=[dsn(), dsn(more=", again")]) == 0
    assert (events(letter), fresh(letter).bounced_at) == (["bounced"], letter.bounced_at)


@pytest.mark.parametrize(
    ("status", "diagnostic", "is_suppressed"),
    [
        ("5.1.1", "smtp; 550 5.1.1 no such user", True),
        ("5.2.1", "", True),
        ("5.0.0", "smtp; 550 no such user", True),
        ("5.0.0", "smtp; 550 blocked for spam", False),
        ("5.0.0", "", False),
        ("5.2.2", "smtp; 552 5.2.2 full", False),
        ("5.7.1", "smtp; 550 5.7.1 not from you", False),
        ("5.1.8", "smtp; 550 5.1.8 bad sender", False),
        ("4.4.7", "x; given up", False),
    ],
)
def test_only_the_address_s_own_fault_spares_it(status: str, diagnostic: str, is_suppressed: bool) -> None:
    letter = make_letter()
    assert take_bounces(messages=[dsn(status=status, diagnostic=diagnostic)]) == 1
    assert fresh(letter).bounced_at
    assert Suppression.objects.exists() is is_suppressed


def test_a_delay_is_only_recorded() -> None:
    letter = make_letter(state=LetterState.UNCERTAIN)
    late = dsn(status="4.4.1", action="delayed")
    assert take_bounces(messages=[late, late, dsn(status="4.4.1", action="delayed", more=" again")]) == 2
    assert (fresh(letter).state, fresh(letter).bounced_at) == (LetterState.UNCERTAIN, None)
    assert events(letter) == ["delayed", "delayed"]
    assert not Suppression.objects.exists()


def test_an_uncertain_letter_that_comes_back_has_left() -> None:
    letter = make_letter(state=LetterState.UNCERTAIN)
    assert take_bounces(messages=[dsn(status="5.2.2")]) == 1
    letter = fresh(letter)
    assert letter.state == LetterState.SENT
    assert letter.sent_at
    assert letter.bounced_at


def test_a_delivery_report_settles_an_uncertain_letter_alone() -> None:
    letter = make_letter(state=LetterState.UNCERTAIN)
    delivered = dsn(status="2.0.0", action="delivered")
    assert take_bounces(messages=[delivered, delivered]) == 1
    assert (fresh(letter).state, events(letter)) == (LetterState.SENT, ["confirmed"])


@pytest.mark.parametrize(
    "raw",
    [
        dsn(original="Message-ID: <ffff@house.example>\n"),
        dsn(recipient="rfc822; other@mail.example"),
        dsn(to=f"bounces+{'f' * 32}@house.example", original="Subject: x\n"),
        arf(recipient="other@mail.example"),
        arf(kind="not-spam"),
    ],
)
def test_a_forged_report_changes_nothing(raw: bytes) -> None:
    letter = make_letter()
    Suppression.objects.all().delete()
    assert take_bounces(messages=[raw]) == 0
    assert (fresh(letter).bounced_at, events(letter), Suppression.objects.count()) == (None, [], 0)


def test_a_letter_that_never_left_cannot_come_back() -> None:
    letter = make_letter(state=LetterState.QUEUED, message_id="")
    assert take_bounces(messages=[dsn(original="Message-ID: <>\n", to="b+@house.example")]) == 0
    assert not fresh(letter).bounced_at


def test_a_report_without_the_letter_is_matched_by_the_address_that_it_came_to() -> None:
    letter = make_letter()
    assert take_bounces(messages=[dsn(original="Subject: x\n", to=f"<bounces+{NUMBER.upper()}@house.example>")]) == 1
    assert fresh(letter).bounced_at


@pytest.mark.parametrize("recipient", ["", "ONE@straße.example"])
def test_a_complaint_stops_the_letters(recipient: str) -> None:
    letter = make_letter()
    raw = arf(recipient=recipient)
    assert take_bounces(messages=[raw, raw]) == 1
    assert (events(letter), fresh(letter).bounced_at) == (["complained"], None)
    assert Suppression.objects.get().reason == "complained"


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("letterevent_kind_known", {"kind": "lost"}),
        ("letterevent_once_for_all", {"kind": "bounced"}),
        ("letterevent_once_per_source", {"kind": "delayed", "source_key": "1"}),
    ],
)
def test_the_database_refuses_events(name: str, fields: dict[str, str]) -> None:
    letter = make_letter()
    good = fields if fields["kind"] != "lost" else {"kind": "sent"}
    LetterEvent.objects.bulk_create([LetterEvent(letter=letter, **good)])
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        LetterEvent.objects.bulk_create([LetterEvent(letter=letter, **fields)])


def test_the_database_refuses_that_what_never_left_came_back() -> None:
    letter = make_letter(state=LetterState.QUEUED, message_id="")
    with pytest.raises(IntegrityError, match="letter_came_back_after_it_left"), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(bounced_at=Now())


# --- the mailbox ---


@pytest.fixture
def maildir(tmp_path: Path, settings: Any) -> Path:
    """An empty Maildir that the house reads."""
    for part in ("new", "cur", "tmp"):
        (tmp_path / part).mkdir()
    settings.BOUNCE_MAILBOX = f"maildir://{tmp_path}"
    return tmp_path


def test_a_maildir_is_read_once(maildir: Path) -> None:
    letter = make_letter()
    (maildir / "new" / "1.a").write_bytes(dsn())
    (maildir / "cur" / "2.b:2,F").write_bytes(b"Subject: spam\n\nBuy")
    (maildir / "cur" / "3.c:2,S").write_bytes(b"Subject: old\n\nRead")
    tasks.read_bounces()
    assert fresh(letter).bounced_at
    assert {file.name for file in (maildir / "cur").iterdir()} == {"1.a:2,S", "2.b:2,FS", "3.c:2,S"}
    assert empty_postbag(lambda raw: pytest.fail("read twice")) == 0


def test_what_was_not_noted_is_read_again(maildir: Path) -> None:
    def die(raw: bytes) -> None:
        raise RuntimeError("killed")

    (maildir / "new" / "1.a").write_bytes(dsn())
    with pytest.raises(RuntimeError):
        empty_postbag(die)
    read: list[bytes] = []
    assert empty_postbag(read.append) == 1
    assert read == [dsn()]


@pytest.mark.parametrize(
    "raw",
    [
        dsn(original="Message-ID: <\0@house.example>\n"),
        dsn(diagnostic="smtp; 550 5.1.1 \0"),
        dsn().replace(b"message/delivery-status", b"message/global-delivery-status").replace(b"\nX-", b"\x1cX-"),
        b"Content-Type: multipart/report; boundary=b\n\n--b\n" + b"Content-Type: message/rfc822\n\n" * 5000 + dsn(),
    ],
    ids=["number", "words", "fields", "depth"],
)
def test_a_message_that_cannot_be_read_stands_in_the_way_of_none(maildir: Path, raw: bytes) -> None:
    letter = make_letter()
    (maildir / "new" / "1.a").write_bytes(raw)
    (maildir / "new" / "2.b").write_bytes(dsn())
    tasks.read_bounces()
    assert fresh(letter).bounced_at
    assert not list((maildir / "new").iterdir())


def test_an_imap_folder_is_read_once(settings: Any) -> None:
    letter = make_letter()
    with serve_imap({1: b"Subject: spam\r\n\r\nBuy", 2: dsn(), 3: b"x" * 3_000_000}) as server:
        settings.BOUNCE_MAILBOX = f"imap://us%40house.example:a%20secret@127.0.0.1:{server.port}/Bounces"
        tasks.read_bounces()
        assert fresh(letter).bounced_at
        assert (server.login, server.folder, server.seen) == (("us@house.example", "a secret"), "Bounces", {1, 2, 3})
        assert empty_postbag(lambda raw: pytest.fail("read twice")) == 0


@pytest.mark.parametrize("url", ["maildir:///nowhere/at/all", "pop3://house.example", "imap://127.0.0.1:1"])
def test_a_mailbox_that_cannot_be_read_is_said_and_waits(url: str, settings: Any) -> None:
    settings.BOUNCE_MAILBOX = url
    with pytest.raises(NoPostbag):
        empty_postbag(lambda raw: None)
    tasks.read_bounces()
    with pytest.raises(CommandError):
        call_command("bounces")


def test_without_a_mailbox_nothing_is_read() -> None:
    tasks.read_bounces()
    with pytest.raises(CommandError, match="BOUNCE_MAILBOX"):
        call_command("bounces")


# --- the command ---


def test_the_command_reads_what_a_mail_server_pipes(monkeypatch: pytest.MonkeyPatch) -> None:
    letter = make_letter()
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(dsn())))
    call_command("bounces", "--from", "-", stdout=out)
    assert fresh(letter).bounced_at
    assert out.getvalue() == "1 message read, 1 report was news.\n"


def test_the_command_reads_a_file_of_many(tmp_path: Path) -> None:
    letter = make_letter()
    out = io.StringIO()
    (tmp_path / "mbox").write_bytes(b"From a@b Mon Jan  1 00:00:00 2024\n" + dsn() + b"\nFrom c@d x\nSubject: x\n\ny\n")
    call_command("bounces", "--from", str(tmp_path / "mbox"), stdout=out)
    assert fresh(letter).bounced_at
    assert out.getvalue() == "2 messages read, 1 report was news.\n"
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("bounces", "--from", str(tmp_path / "nothing"))
