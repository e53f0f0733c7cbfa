"""Reading what mail servers write back about a letter: that it failed or is delayed, or was called junk. Pure.

The formats are RFC 3464 (delivery status) and RFC 5965 (feedback report).

What is not in one of the two formats is not understood: words alone would be guesswork, and anybody can write words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import parseaddr
from enum import Enum
from hashlib import sha256

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_NUMBER = re.compile(r"\+([0-9a-f]{32})@", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,196}>")
# The original may come whole, or only its head (RFC 6522, RFC 6533).
_ORIGINALS = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
_NAMES_ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "To")


class Report(Enum):
    """What a mail server says about a letter."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    JUNK = "junk"


@dataclass(frozen=True, slots=True)
class Bounce:
    """One report about one recipient of one letter.

    Either `message_id` ("<…>") or `number` (32 hexadecimal digits from the address that the report came to) says which
    letter; `recipients` are the addresses that the report names (the final one, and the one it was first sent to),
    and none where a complaint hides it.
    """

    report: Report
    message_id: str
    number: str
    recipients: tuple[str, ...]
    # "5.1.1" (RFC 3463), or nothing.
    status: str
    words: str
    # What makes this report another than the next; the same report read twice has the same.
    key: str


def read_bounces(raw: bytes) -> list[Bounce]:
    """Return what a message reports, one for each recipient; nothing where it is no report or names no letter."""
    message = message_from_bytes(raw)
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return []
    number = _number_in(message)
    original = _original(message)
    found = _MESSAGE_ID.search(str(original.get("Message-ID", ""))) if original else None
    message_id = found[0] if found else ""
    if not message_id and not number:
        return []
    key = sha256(raw).hexdigest()
    kinds = {"message/delivery-status": _failures, "message/global-delivery-status": _failures}
    kinds["message/feedback-report"] = _complaints
    bounces = []
    for part in message.walk():
        if read := kinds.get(part.get_content_type()):
            for report, recipients, status, words in read(part):
                bounces.append(Bounce(report, message_id, number, recipients, status, words[:500], key))
            break
    return bounces


_ACTIONS = {"failed": Report.FAILED, "delayed": Report.DELAYED, "delivered": Report.DELIVERED}
_Told = tuple[Report, tuple[str, ...], str, str]


def _failures(part: Message) -> Iterator[_Told]:
    """Read a delivery status: the first block speaks of the message, each later one of a recipient."""
    for block in _blocks(part):
        action = str(block.get("Action", "")).strip().lower()
        report = _ACTIONS.get(action)
        recipients = _recipients(block, "Final-Recipient", "Original-Recipient")
        if report is None or not recipients:
            continue
        status = _STATUS.search(str(block.get("Status", "")))
        words = " ".join(str(block.get("Diagnostic-Code", "")).split())
        yield report, recipients, status[0] if status else "", words or (status[0] if status else "")


def _complaints(part: Message) -> Iterator[_Told]:
    """Read a feedback report: only abuse is a complaint about the letter."""
    for block in _blocks(part)[:1]:
        if str(block.get("Feedback-Type", "")).strip().lower() == "abuse":
            recipients = _recipients(block, "Original-Rcpt-To")
            yield Report.JUNK, recipients, "", " ".join(str(block.get("User-Agent", "")).split())


def _blocks(part: Message) -> list[Message]:
    """Return the groups of fields of a machine-readable part, parsed here where the library does not."""
    payload = part.get_payload()
    if part.get_content_type() == "message/delivery-status" and isinstance(payload, list):
        return [block for block in payload if isinstance(block, Message)]
    if isinstance(payload, list):
        text = b"\n".join(block.as_bytes() for block in payload if isinstance(block, Message)).decode(errors="replace")
    else:
        decoded = part.get_payload(decode=True)
        text = decoded.decode(errors="replace") if isinstance(decoded, bytes) else ""
    blocks = re.split(r"\r?\n(?:[ \t]*\r?\n)+", text.strip())
    return [message_from_string(block) for block in blocks]


def _recipients(block: Message, *names: str) -> tuple[str, ...]:
    """Return the addresses in fields such as `rfc822; somebody@mail.example`."""
    values = [str(value) for name in names for value in block.get_all(name, [])]
    found = [parseaddr(value.rpartition(";")[2].strip())[1] for value in values]
    return tuple(address for address in found if "@" in address)


def _original(message: Message) -> Message | None:
    """Return the head of the letter that the report is about."""
    parts = message.get_payload()
    for part in parts if isinstance(parts, list) else []:
        if not isinstance(part, Message) or part.get_content_type() not in _ORIGINALS:
            continue
        inner = part.get_payload()
        if isinstance(inner, list) and inner and isinstance(inner[0], Message):
            return inner[0]
        text = part.get_payload(decode=True)
        return message_from_bytes(text if isinstance(text, bytes) else b"")
    return None


def _number_in(message: Message) -> str:
    """Return the letter's number in the address that the report came to, where it has one."""
    for name in _NAMES_ENVELOPE:
        for value in message.get_all(name, []):
            if found := _NUMBER.search(str(value)):
                return found[1].lower()
    return ""
