"""A letter box for the demo: an SMTP server that delivers nothing and keeps each letter as files.

`python -m portal.embedded.mailbox FOLDER FD` serves the listening socket that it was handed as file descriptor FD.
A letter to `customer@mail.example` becomes `FOLDER/<time>-customer@mail.example.eml`, with its parts beside it as
`.txt` and `.html` for reading in an editor and a browser.
"""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

_ODD = re.compile(r"[^A-Za-z0-9@._+-]")


class Keeper:
    """aiosmtpd's handler: a letter is accepted once it is on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a letter. A full disk is a "try again later", not a lost letter."""
        content = envelope.original_content or b""
        try:
            kept = keep(self.folder, content, str(envelope.mail_from or ""), [str(to) for to in envelope.rcpt_tos])
        except OSError as error:
            return f"452 Cannot keep the letter: {error.strerror}"
        return f"250 Kept as {kept.name}"


def keep(folder: Path, content: bytes, sender: str, recipients: Sequence[str]) -> Path:
    """Write a letter and its readable parts; the `.eml` comes last, so that whoever sees it sees all.

    Raises `OSError` where the folder takes no files.
    """
    name = f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%fZ}-{_ODD.sub('_', recipients[0] if recipients else 'nobody')[:80]}"
    # What a mail server notes on delivery: the addresses of the envelope, which no header has to agree with.
    delivered = "".join(f"Delivered-To: {recipient}\r\n" for recipient in recipients)
    head = f"Return-Path: <{sender}>\r\n{delivered}".encode()
    message = message_from_bytes(content, policy=policy.default)
    for kind, ending in (("plain", ".txt"), ("html", ".html")):
        if (text := _part(message, kind)) is not None:
            _write(folder / f"{name}{ending}", text.encode("utf-8", "replace"))
    _write(folder / f"{name}.eml", head + content)
    return folder / f"{name}.eml"


def _part(message: EmailMessage, kind: str) -> str | None:
    """Return a letter's text in one form, or None where it has none or it cannot be read."""
    try:
        part = message.get_body((kind,))
        if part is None:
            return None
        text = str(part.get_content())
    except (LookupError, ValueError, AttributeError, TypeError):
        return None
    if kind == "html" and "charset" not in text[:1024].lower():
        # A browser that opens the file has no header that names the encoding.
        text = '<!doctype html><meta charset="utf-8">\n' + re.sub(r"^\s*<!doctype[^>]*>", "", text, flags=re.I)
    return text


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


async def serve(folder: Path, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    handler = Keeper(folder)
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="localhost", ident="Regulars demo", enable_SMTPUTF8=True), sock=listener
    )
    await over.wait()
    server.close()


def main(arguments: Sequence[str]) -> None:
    """Serve the socket that was handed over."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    os.umask(0o077)
    asyncio.run(serve(folder, socket.socket(fileno=int(arguments[1]))))


if __name__ == "__main__":
    main(sys.argv[1:])
