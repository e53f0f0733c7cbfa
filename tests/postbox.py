"""A real SMTP server for tests, in a thread, that answers as a script says and keeps what it took."""

import asyncio
import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

# (step, recipient) → a reply instead of "yes", or None; DROP hangs up, STALL says nothing. The steps are "MAIL" (with
# the sender in place of the recipient), "RCPT", "DATA", "text" and, once the letter is taken and before the sender
# knows, "taken". It runs in a thread and may block.
Script = Callable[[str, str], "str | None"]
DROP = "drop"
STALL = "stall"


class Postbox:
    """What was taken, and the script by which it is taken."""

    def __init__(self, script: Script | None = None) -> None:
        self.port = 0
        self.sessions = 0
        self.script: Script = script or (lambda step, recipient: None)
        self.taken: list[tuple[str, EmailMessage]] = []

    @property
    def by_message_id(self) -> Counter[str]:
        """How often each Message-ID was taken."""
        return Counter(str(message["Message-ID"]) for _, message in self.taken)

    def letters_to(self, address: str) -> list[EmailMessage]:
        """The messages taken for one address."""
        return [message for recipient, message in self.taken if recipient == address]

    def keep(self, recipient: str, message: EmailMessage) -> None:
        """Take a letter: from here on it is delivered, whatever its sender comes to know."""
        self.taken.append((recipient, message))

    async def _reply(self, server: Any, step: str, recipient: str) -> str | None:
        reply = await asyncio.to_thread(self.script, step, recipient)
        if reply == DROP:
            server.transport.abort()
            # The conversation is over; aiosmtpd ends this handler with the connection.
            await asyncio.sleep(3600)
        if reply == STALL:
            await asyncio.sleep(3600)
        return reply

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        reply = await self._reply(server, "MAIL", address)
        if reply is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        reply = await self._reply(server, "RCPT", address)
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        recipient = envelope.rcpt_tos[0]
        reply = await self._reply(server, "text", recipient)
        if reply is None or reply.startswith("2"):
            message: Any = message_from_bytes(envelope.content, policy=policy.SMTP)
            self.keep(recipient, message)
            # What happens after the letter was taken and before the sender knows.
            reply = await self._reply(server, "taken", recipient)
        return reply or "250 OK, taken"


class _Server(SMTP):
    """aiosmtpd asks no handler before it says 354: the script may speak there too."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        box: Any = self.event_handler
        recipients: Any = self.envelope.rcpt_tos if self.envelope else []
        reply = await box._reply(self, "DATA", recipients[0]) if recipients else None
        if reply:
            await self.push(reply)
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, enable_SMTPUTF8=True)


def free_port() -> int:
    """A port that nobody listens on now (aiosmtpd cannot take port 0)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def open_postbox(script: Script | None = None) -> Iterator[Postbox]:
    """Run a postbox on a free port of this machine."""
    with serve(Postbox(script), free_port()) as box:
        yield box


@contextmanager
def serve(box: Postbox, port: int) -> Iterator[Postbox]:
    """Run a postbox of one's own making."""
    box.port = port
    controller = _Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def part_of(letter: EmailMessage, kind: str) -> str:
    """The letter's text ("plain") or HTML."""
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def link_in(letter: EmailMessage, answer: str) -> str:
    """The link for one answer in a letter's text."""
    found = re.search(rf"http\S+\?a={answer}\b", part_of(letter, "plain"))
    assert found is not None
    return found[0]
