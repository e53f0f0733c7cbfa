"""Letters that came back, are delayed, or were called junk: noted on the letter, and the address spared if need be.

Whoever reports is believed only about a letter that exists and an address that it went to: its Message-ID is not to be
guessed, so a report about it comes from somebody who had the letter in hand.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import replace

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from customers.addresses import compared
from customers.bounces import Bounce, Report, read_bounces
from customers.enums import LetterEventKind, LetterState, SuppressionReason
from customers.exceptions import NotAnAddress
from customers.models import Letter, LetterEvent
from customers.post import says_address_is_gone
from customers.services.contact_points import suppress_address
from customers.texts import writable

logger = logging.getLogger(__name__)

# "smtp; 550 5.1.1 No such user", as a report quotes a mail server.
_QUOTED = re.compile(r"smtp;\s*(\d{3})[ -]\s*(.*)", re.IGNORECASE | re.DOTALL)
_KINDS = {
    Report.FAILED: LetterEventKind.BOUNCED,
    Report.DELAYED: LetterEventKind.DELAYED,
    Report.DELIVERED: LetterEventKind.CONFIRMED,
    Report.JUNK: LetterEventKind.COMPLAINED,
}


def take_bounces(*, messages: Iterable[bytes]) -> int:
    """Note what messages from the bounce mailbox report; return how many reports were news."""
    return sum(note_bounce(bounce=bounce) for raw in messages for bounce in _read(raw))


def _read(raw: bytes) -> list[Bounce]:
    """Read a message, or none of it where that cannot be done: anybody may write to the mailbox.

    One that was tried again and again would keep us from all that came after it.
    """
    try:
        return read_bounces(raw)
    except Exception:
        logger.exception("A message in the bounce mailbox cannot be read, and is passed over.")
        return []


@transaction.atomic
def note_bounce(*, bounce: Bounce, public_id: str = "") -> bool:
    """Note one report on its letter; return False where it is no news, or of no letter of ours to that address.

    A letter is found by its Message-ID, its number in the bounce address, or by `public_id` where a provider gives
    that back. One that did not arrive is noted once and stays *sent*; one that was uncertain has left, as is known
    now. An address that is gone for good gets no more letters, and so does one whose reader called a letter junk.
    That a letter was delivered is news of an uncertain one alone.
    """
    bounce = _storable(bounce)
    letter = _letter_of(bounce, public_id)
    if letter is None or not _is_about(letter, bounce):
        logger.info("A report about %s is of no letter of ours.", bounce.message_id or bounce.number or public_id)
        return False
    kind = _KINDS[bounce.report]
    if not _note(letter, kind, bounce):
        return False
    changes: dict[str, object] = {}
    if kind == LetterEventKind.BOUNCED:
        changes["bounced_at"] = Coalesce(F("bounced_at"), Now())
    if letter.state == LetterState.UNCERTAIN and kind != LetterEventKind.DELAYED:
        changes |= {"state": LetterState.SENT, "sent_at": Now()}
    if changes:
        Letter.objects.filter(pk=letter.pk).update(**changes)
    _spare(letter, bounce)
    return True


def _storable(bounce: Bounce) -> Bounce:
    """Return a report without the characters that the database refuses: it would come again and again."""
    return replace(
        bounce,
        message_id=writable(bounce.message_id),
        words=writable(bounce.words),
        key=writable(bounce.key),
    )


def _letter_of(bounce: Bounce, public_id: str) -> Letter | None:
    """Return the letter, locked; those that never left have no Message-ID and cannot come back."""
    letters = Letter.objects.exclude(message_id="").select_for_update(no_key=True)
    if public_id:
        return letters.filter(public_id=public_id).first()
    if bounce.message_id and (letter := letters.filter(message_id=bounce.message_id).first()):
        return letter
    # The number is the first half of the Message-ID.
    return letters.filter(message_id__startswith=f"<{bounce.number}@").first() if bounce.number else None


def _is_about(letter: Letter, bounce: Bounce) -> bool:
    """Tell whether a report names the letter's address; only a complaint may name none."""
    if not bounce.recipients:
        return bounce.report is Report.JUNK
    return compared(letter.to_address) in {compared(address) for address in bounce.recipients}


def _note(letter: Letter, kind: LetterEventKind, bounce: Bounce) -> bool:
    """Add the event; False where it is there: a letter comes back once, and the same delay is one delay."""
    if kind == LetterEventKind.CONFIRMED and letter.state != LetterState.UNCERTAIN:
        return False
    # Reports that come at once stand in line at the letter's row.
    known = LetterEvent.objects.filter(letter=letter, kind=kind)
    if kind not in (LetterEventKind.BOUNCED, LetterEventKind.COMPLAINED):
        known = known.filter(source_key=bounce.key)
    if known.exists():
        return False
    LetterEvent.objects.create(letter=letter, kind=kind, words=bounce.words, source_key=bounce.key[:200])
    return True


def _spare(letter: Letter, bounce: Bounce) -> None:
    """Write no more to an address that is not there for good, or whose reader does not want our letters."""
    reason = {Report.FAILED: SuppressionReason.BOUNCED, Report.JUNK: SuppressionReason.COMPLAINED}.get(bounce.report)
    if reason is None or (bounce.report is Report.FAILED and not _is_gone(bounce)):
        return
    try:
        suppress_address(address=letter.to_address, reason=reason, detail=bounce.words)
    except NotAnAddress:
        logger.warning("Letter %s went to what is no address.", letter.public_id)


def _is_gone(bounce: Bounce) -> bool:
    """Tell whether a failure is the address's own; where the status says nothing, the quoted reply may."""
    if bounce.status not in ("", "5.0.0"):
        return says_address_is_gone(0, bounce.status)
    quoted = _QUOTED.match(bounce.words)
    return quoted is not None and says_address_is_gone(int(quoted[1]), quoted[2])
