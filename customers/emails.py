"""Letters as they leave: secrets filled in, styles inlined, headers in order.

A letter that opens something carries placeholders such as `%ANSWER%` in its row. The app that wrote it registers a
*seal*, which makes the secrets at the moment of sending; the row never holds a live token.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.charset import QP, Charset
from email.generator import BytesGenerator
from email.message import Message
from email.utils import format_datetime, parseaddr
from io import BytesIO
from typing import Any, Protocol
from uuid import uuid4

import css_inline
import idna
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.functional import Promise

from customers.models import Letter

# RFC 8058 lets a letter name one address to POST to.
_ONE_URI = re.compile(r"<https?://[^<>\s,]+>")
# What a plus in the bounce address makes room for.
_NUMBER = re.compile(r"^<([0-9a-f]{32})@")
# Signed letters stay whole on their way only in 7 bits (RFC 6376, section 5.3).
_SEVEN_BITS = Charset("utf-8")
_SEVEN_BITS.body_encoding = QP

Seal = Callable[[Letter], dict[str, str]]
SampleWriter = Callable[[str], "Sample"]


class Words(Protocol):
    """What a composer gives: the parts of a letter."""

    @property
    def language(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def headers(self) -> dict[str, str]: ...


Composer = Callable[[Letter], Words]

_seals: dict[str, Seal] = {}
_composers: dict[str, Composer] = {}
_samples: dict[str, "SampleKind"] = {}
# What stands in a row where a secret comes.
_PLACEHOLDER = re.compile(r"%[A-Z][A-Z_]+%")
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


@dataclass(frozen=True, slots=True)
class Mail:
    """A message ready for SMTP: envelope and bytes with CRLF lines."""

    sender: str
    recipient: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """A letter that nobody is meant by, with placeholders where its secrets would be."""

    language: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class SampleKind:
    """A kind of letter that samples can be written of; `name` is for people."""

    kind: str
    name: str | Promise
    write: SampleWriter
    is_for_colleagues: bool = False

    @property
    def languages(self) -> list[tuple[str, str]]:
        """The languages that such letters go out in, each with its name: colleagues read the house's own."""
        every = [(code, str(name)) for code, name in settings.LANGUAGES]
        return [one for one in every if one[0] == settings.LANGUAGE_CODE or not self.is_for_colleagues]


def register_sample(kind: str, *, name: str | Promise, write: SampleWriter, is_for_colleagues: bool = False) -> None:
    """Have `write(language)` give a sample of letters of this kind in one of their languages, saving nothing.

    `kind` may also be a variety of a kind, such as `feedback.invitation.after_mending`.
    """
    _samples[kind] = SampleKind(kind, name, write, is_for_colleagues)


def sample_kinds() -> list[SampleKind]:
    """Return the kinds of letters that samples can be written of."""
    return [_samples[kind] for kind in sorted(_samples)]


def write_sample(*, kind: str, language: str) -> Sample:
    """Write a sample whose links lead to a page that says so.

    Raises:
        LookupError: there is no such kind, or the house does not write it in this language.
    """
    if language not in dict(_samples[kind].languages):
        raise LookupError(language)
    found = _samples[kind].write(language)
    headers = {name: without_secrets(value) for name, value in found.headers.items()}
    return replace(found, text=without_secrets(found.text), html=without_secrets(found.html), headers=headers)


def without_secrets(text: str) -> str:
    """Return a letter's text with links to the page for samples in place of those that open something."""
    return _PLACEHOLDER.sub(settings.SITE_URL + reverse("letter_sample"), text)


def register_seal(kind: str, seal: Seal) -> None:
    """Have `seal(letter)` give the values of the placeholders of letters of this kind.

    It is called inside the transaction that claims the letter, so what it writes is committed before the letter
    leaves. It may raise `customers.exceptions.HoldBack(reason)`: the letter is then held back for good.
    """
    _seals[kind] = seal


def values_for(letter: Letter) -> dict[str, str]:
    """Return the placeholders of a letter with their values; a kind without a seal has none."""
    seal = _seals.get(letter.kind)
    return seal(letter) if seal else {}


def register_composer(kind: str, composer: Composer) -> None:
    """Have `composer(letter)` write the letters of this kind that were queued without words.

    Letters that are queued by the thousand are rows alone until they leave; then each is written, once, and its
    words stay on the record.
    """
    _composers[kind] = composer


def compose(letter: Letter) -> dict[str, Any]:
    """Write a letter that has no words yet, and return what was written, by field; nothing where it has its words."""
    composer = _composers.get(letter.kind)
    if letter.text or composer is None:
        return {}
    words = composer(letter)
    written = {name: getattr(words, name) for name in ("language", "subject", "text", "html", "headers")}
    for name, value in written.items():
        setattr(letter, name, value)
    return written


def new_message_id() -> str:
    """Return a Message-ID of the house's own domain."""
    return f"<{uuid4().hex}@{parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition('@')[2] or 'localhost'}>"


def build_mail(letter: Letter, values: Mapping[str, str]) -> Mail:
    """Build the message of a letter, with the placeholders' values put in.

    Raises:
        ValueError: something in the row cannot stand in a letter, such as a line break in a header.
    """
    fill = _filler(values)
    headers = _headers(letter) | {name: fill(value) for name, value in letter.headers.items()}
    _check_unsubscribing(headers)
    message = EmailMultiAlternatives(
        subject=letter.subject, body=fill(letter.text), to=[_named(letter)], headers=headers
    )
    if letter.html:
        message.attach_alternative(_inliner.inline(fill(letter.html)), "text/html")
    return Mail(
        sender=envelope_sender(letter),
        recipient=_envelope(letter.to_address),
        message=_as_bytes(message.message()),
    )


def envelope_sender(letter: Letter) -> str:
    """Return the address that bounces go to; a plus at the end of its name makes room for the letter's number."""
    address = settings.BOUNCE_ADDRESS or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    name, _, domain = address.rpartition("@")
    number = _NUMBER.match(letter.message_id)
    return f"{name}{number[1]}@{domain}" if name.endswith("+") and number else address


def _headers(letter: Letter) -> dict[str, str]:
    """Return the headers that the house puts on a letter; the letter's own come over them."""
    headers = {
        "Message-ID": letter.message_id,
        "Date": format_datetime(datetime.now(UTC)),
        "Auto-Submitted": "auto-generated",
        "Content-Language": letter.language,
    }
    if "List-Unsubscribe" in letter.headers:
        # Written to many: no holiday replies, and mailbox providers can tell us of each kind how it is received.
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
        headers["Precedence"] = "bulk"
        headers["Feedback-ID"] = f"{letter.kind}:{letter.language}:{re.sub('[^a-z0-9]', '', domain.lower())[:15]}"
    if settings.LETTER_WEBHOOK == "postmark":
        # It gives letters numbers of its own; this one comes back with its reports.
        headers["X-PM-Metadata-letter"] = str(letter.public_id)
    return headers


def _check_unsubscribing(headers: Mapping[str, str]) -> None:
    """Refuse a letter whose unsubscribing by one press would not work (RFC 8058, section 3.1)."""
    if "List-Unsubscribe-Post" in headers and not _ONE_URI.fullmatch(headers.get("List-Unsubscribe", "")):
        raise ValueError("List-Unsubscribe must be one https address")


def _named(letter: Letter) -> str:
    """Return the address with the name of whose it is."""
    named = letter.customer.full_name if letter.customer else str(letter.colleague or "")
    name = " ".join(named.split())[:100].replace("\\", "\\\\").replace('"', '\\"')
    return f'"{name}" <{letter.to_address}>' if name and name != letter.to_address else letter.to_address


def _as_bytes(message: Any) -> bytes:
    """Return the message with CRLF lines; a long link stays on its header's line, where every reader finds it."""
    for part in message.walk():
        if part["Content-Transfer-Encoding"] == "8bit":
            text = part.get_payload(decode=True).decode()
            del part["Content-Transfer-Encoding"]
            # The plain method of the standard library: Django's own would choose 8 bits again.
            Message.set_payload(part, text, _SEVEN_BITS)
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, maxheaderlen=0).flatten(message, linesep="\r\n")
    return out.getvalue()


def _filler(values: Mapping[str, str]) -> Callable[[str], str]:
    """Return a function that puts the values in place of their placeholders, each once and in one pass."""
    if not values:
        return lambda text: text
    pattern = re.compile("|".join(map(re.escape, values)))
    return lambda text: pattern.sub(lambda found: values[found[0]], text)


def _envelope(address: str) -> str:
    """Return an address with its domain as mail servers know it (IDNA)."""
    local, _, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}@{idna.encode(domain, uts46=True).decode()}"
