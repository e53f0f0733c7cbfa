"""The demo's letter box, over real SMTP."""

import os
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from portal.embedded.mailbox import keep
from portal.embedded.port import listen_anywhere
from tests.conftest import ROOT, eventually


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A running letter box: its folder and its port."""
    with listen_anywhere() as listener:
        number = listener.fileno()
        server = subprocess.Popen(
            [sys.executable, "-m", "portal.embedded.mailbox", str(tmp_path), str(number)], cwd=ROOT, pass_fds=[number]
        )
        yield tmp_path, listener.getsockname()[1]
        server.terminate()
        assert server.wait(20) == 0


def letter(to: str = "customer1@mail.example") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "hello@house.example", to, "How was it?"
    message.set_content("Did you enjoy it? Grüße.")
    message.add_alternative("<html><body>Did you <b>enjoy</b> it? Grüße.</body></html>", subtype="html")
    return message


def test_letter_is_kept_with_its_parts(mailbox: tuple[Path, int]) -> None:
    folder, port = mailbox
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.send_message(letter())
    (whole,) = folder.glob("*.eml")
    assert whole.stem.endswith("-customer1@mail.example")
    assert whole.read_bytes().startswith(
        b"Return-Path: <hello@house.example>\r\nDelivered-To: customer1@mail.example\r\nFrom:"
    )
    assert "Grüße" in whole.with_suffix(".txt").read_text()
    page = whole.with_suffix(".html").read_text()
    assert "Grüße" in page
    assert 'charset="utf-8"' in page
    assert sorted(path.suffix for path in folder.iterdir()) == [".eml", ".html", ".txt"]


def test_many_letters_lose_none(mailbox: tuple[Path, int]) -> None:
    folder, port = mailbox
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        for number in range(50):
            client.send_message(letter(f"customer{number}@mail.example"))
    assert len(list(folder.glob("*.eml"))) == 50


def test_full_folder_is_a_later_and_leaves_no_half_letter(mailbox: tuple[Path, int]) -> None:
    folder, port = mailbox
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.noop()
        folder.rmdir()
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            client.send_message(letter())
        assert refusal.value.smtp_code == 452
        folder.mkdir()
        client.send_message(letter())
    assert len(list(folder.glob("*.eml"))) == 1


@pytest.mark.parametrize(
    "to", ["../../etc/passwd@mail.example", "a" * 300 + "@mail.example", "<script>@mail.example", "käse@mail.example"]
)
def test_address_cannot_lead_out_of_the_folder(tmp_path: Path, to: str) -> None:
    kept = keep(tmp_path, b"Subject: x\r\n\r\nHello\r\n", "", [to])
    assert kept.parent == tmp_path
    assert kept.exists()
    assert len(os.fsencode(kept.name)) < 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00 no letter at all",
        b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xff",
        b"Content-Type: multipart/alternative; boundary=\r\n\r\nx",
        b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
    ],
)
def test_broken_letter_is_kept_whole(tmp_path: Path, content: bytes) -> None:
    assert keep(tmp_path, content, "", ["customer1@mail.example"]).read_bytes().endswith(content)


def test_letters_wait_while_the_box_is_away(tmp_path: Path) -> None:
    """The socket belongs to the demo: whoever connects before the box is up is served once it is."""
    with listen_anywhere() as listener:
        number, port = listener.fileno(), listener.getsockname()[1]
        server = subprocess.Popen(
            [sys.executable, "-m", "portal.embedded.mailbox", str(tmp_path), str(number)], cwd=ROOT, pass_fds=[number]
        )
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            client.send_message(letter())
        eventually(lambda: list(tmp_path.glob("*.eml")))
        server.kill()
        server.wait()
