"""Letters as they leave: secrets filled in, styles inlined, headers in order.

A letter that opens something carries placeholders such as `%ANSWER%` in its row. The app that wrote it registers a
*seal*, which makes the secrets at the moment of sending; the row never holds a live token.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.generator import BytesGenerator
from email.utils import formatdate, parseaddr
from io import BytesIO
from typing import Any
from uuid import uuid4

import css_inline
import idna
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from customers.models import Letter

Seal = Callable[[Letter], dict[str, str]]

_seals: dict[str, Seal] = {}
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


@dataclass(frozen=True, slots=True)
class Mail:
    """A message ready for SMTP: envelope and bytes with CRLF lines."""

    sender: str
    recipient: str
    message: bytes


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


def new_message_id() -> str:
    """Return a Message-ID of the house's own domain."""
    return f"<{uuid4().hex}@{parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition('@')[2] or 'localhost'}>"


def build_mail(letter: Letter, values: Mapping[str, str]) -> Mail:
    """Build the message of a letter, with the placeholders' values put in.

    Raises:
        ValueError: something in the row cannot stand in a letter, such as a line break in a header.
    """
    fill = _filler(values)
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=fill(letter.text),
        to=[letter.to_address],
        headers={
            "Message-ID": letter.message_id,
            "Date": formatdate(),
            "Auto-Submitted": "auto-generated",
            "Content-Language": letter.language,
            **{name: fill(value) for name, value in letter.headers.items()},
        },
    )
    if letter.html:
        message.attach_alternative(_inliner.inline(fill(letter.html)), "text/html")
    return Mail(
        sender=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        recipient=_envelope(letter.to_address),
        message=_as_bytes(message.message()),
    )


def _as_bytes(message: Any) -> bytes:
    """Return the message with CRLF lines; a long link stays on its header's line, where every reader finds it."""
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
