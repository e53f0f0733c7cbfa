"""One connection to the house's mail server, which knows how far each letter came.

Django's backend opens the line (its settings, TLS and login); the conversation about a letter is held here, step by
step, because what may be tried again depends on the step at which it failed: until the letter's text was asked for,
nothing has left; after the text and before the last reply, nobody on this side can know.
"""

import re
import smtplib
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from types import TracebackType

from django.core.mail.backends.smtp import EmailBackend

_LEADING_DOT = re.compile(rb"(?m)^\.")
# "5.1.x" speaks of the address, "5.7.x" of us, "5.2.2" of a full box (RFC 3463).
_ENHANCED = re.compile(r"^\s*5\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS_CODES = (550, 551, 553)
# 5.1.7 and 5.1.8 speak of the sender's address.
_SENDERS = ("7", "8")
# Words by which a refusal without an enhanced status speaks of us or of the letter, not of the address.
_OF_US = re.compile(
    r"spam|block|black\s?list|deny|denied|polic|reputation|\bspf\b|\bdkim\b|\bdmarc\b|relay|sender|\brbl\b|dnsbl|"
    r"\brate\b|too many|your (?:ip|host|server|domain)|authenticat|prohibited",
    re.IGNORECASE,
)


class NoPost(Exception):
    """The mail server cannot be spoken to; nothing was handed over. The text says why."""


class Fate(Enum):
    """What became of a letter that was handed over."""

    SENT = "sent"
    REFUSED = "refused"
    LATER = "later"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A letter's fate, the other side's words, and whether it says that the address is not there, for good."""

    fate: Fate
    reply: str
    is_address_gone: bool = False


def says_address_is_gone(code: int, reply: str) -> bool:
    """Tell whether a refusal of a recipient speaks of the address itself, and for good.

    The enhanced status (RFC 3463) decides where there is one; else the plain codes 550, 551 and 553 do, unless the
    words speak of us: a house that is refused for its own sake must not strike its customers' addresses off.
    """
    enhanced = _ENHANCED.match(reply)
    if enhanced:
        return (enhanced[1] == "1" and enhanced[2] not in _SENDERS) or enhanced.groups() == ("2", "1")
    return code in _ADDRESS_CODES and not _OF_US.search(reply)


class Post:
    """A line to the mail server for a batch of letters. Opens again by `open` after it broke."""

    def __init__(self) -> None:
        self._backend = EmailBackend(fail_silently=False)

    def __enter__(self) -> "Post":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        """Whether the line was opened and has not broken since, as far as is known."""
        return self._backend.connection is not None

    def open(self) -> None:
        """Open the line where it is not open.

        Raises:
            NoPost: the server does not answer, greet or let us in.
        """
        if self.is_open:
            return
        try:
            self._backend.open()
            self._line.ehlo_or_helo_if_needed()
        except OSError as error:
            self.hang_up()
            raise NoPost(str(error)) from error

    def deliver(self, *, sender: str, recipient: str, message: bytes) -> Outcome:
        """Hand over one message (CRLF lines) for one recipient; never raises for what the other side does.

        The line must be open. Where it broke, it is closed afterwards.
        """
        if not recipient.isascii() and not self._line.has_extn("smtputf8"):
            return Outcome(Fate.REFUSED, "The mail server cannot carry an address with these letters (SMTPUTF8).")
        step = "MAIL"
        try:
            code, reply = self._line.mail(sender, self._options(recipient, message))
            if code == 250:
                step = "RCPT"
                code, reply = self._line.rcpt(recipient)
            if code in (250, 251):
                step = "DATA"
                code, reply = self._line.docmd("DATA")
            if code == 354:
                step = "text"
                self._line.send(_LEADING_DOT.sub(b"..", message) + b"\r\n.\r\n")
                code, reply = self._line.getreply()
        except OSError as error:
            self.hang_up()
            return Outcome(Fate.UNCERTAIN if step == "text" else Fate.LATER, f"{step}: {error}")
        # No database takes a NUL, and what became of the letter would not be known.
        outcome = _judge(step, code, reply.decode(errors="replace").replace("\0", ""))
        if outcome.fate is not Fate.SENT:
            self._start_over(code)
        return outcome

    def close(self) -> None:
        """Say goodbye."""
        if self._backend.connection is not None:
            with suppress(OSError):
                self._line.quit()
            self.hang_up()

    def hang_up(self) -> None:
        """Drop the line without a word."""
        if self._backend.connection is not None:
            self._line.close()
            self._backend.connection = None

    @property
    def _line(self) -> smtplib.SMTP:
        line = self._backend.connection
        if line is None:
            raise NoPost("The line is not open.")
        return line

    def _options(self, recipient: str, message: bytes) -> list[str]:
        """What this letter needs of the server, as far as the server said that it can."""
        options = []
        if not recipient.isascii():
            options.append("SMTPUTF8")
        if not message.isascii() and self._line.has_extn("8bitmime"):
            options.append("BODY=8BITMIME")
        return options

    def _start_over(self, code: int) -> None:
        """Make the line ready for the next letter; with 421 the other side has hung up."""
        try:
            if code == 421 or self._line.rset()[0] != 250:
                self.hang_up()
        except OSError:
            self.hang_up()


def _judge(step: str, code: int, reply: str) -> Outcome:
    """Read the reply that ended the conversation."""
    words = f"{step}: {code} {reply}"
    if step == "text" and 200 <= code < 300:
        return Outcome(Fate.SENT, words)
    if 400 <= code < 500:
        return Outcome(Fate.LATER, words)
    if step == "MAIL" and 500 <= code < 600:
        # They will not have us: that is for the house to mend, and no letter's fault.
        return Outcome(Fate.LATER, words)
    if 500 <= code < 600:
        return Outcome(Fate.REFUSED, words, step == "RCPT" and says_address_is_gone(code, reply))
    # Not SMTP: before the text nothing has left, after it nobody knows.
    return Outcome(Fate.UNCERTAIN if step == "text" else Fate.LATER, words)
