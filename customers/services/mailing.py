"""Sending the letters that are due: each is claimed and committed, then handed over, then its fate is recorded.

Letters are claimed one at a time, just before they are handed over, so that a process that dies leaves at most one
letter of which nobody knows whether it arrived. No lock and no transaction is open while the mail server is spoken to.
"""

import logging
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from customers.addresses import compared
from customers.emails import build_mail, compose, new_message_id, values_for
from customers.enums import LetterEventKind, LetterState, SuppressionReason
from customers.exceptions import HoldBack, PutOff
from customers.models import Letter, LetterEvent, Suppression
from customers.post import Fate, NoPost, Outcome, Post
from customers.services.contact_points import erased_form, suppress_address

logger = logging.getLogger(__name__)

# A letter that was put off this often is refused: about nine hours after the first try.
TRIES = 10
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=4)
# One call works no longer than this, with one letter's worst conversation well below the task's soft limit.
_SECONDS = 90.0
# What the story of a letter says about a try that ended in this state.
_EVENTS = {
    LetterState.SENT: LetterEventKind.SENT,
    LetterState.REFUSED: LetterEventKind.REFUSED,
    LetterState.UNCERTAIN: LetterEventKind.UNCERTAIN,
    LetterState.QUEUED: LetterEventKind.PUT_OFF,
}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that is ours to send until the lease ends, with the values of its placeholders."""

    letter: Letter
    lease: UUID
    values: dict[str, str]


def send_letters(*, seconds: float = _SECONDS) -> int:
    """Send letters that are due over one connection, until none is due or the time is up; return how many were sent.

    Where the mail server cannot be reached, nothing is claimed and every letter waits for the next call.
    """
    sent = 0
    until = time.monotonic() + seconds
    with Post() as post:
        while time.monotonic() < until:
            # Nobody knocks at the mail server for nothing; once the line is open, the claim itself tells.
            if not post.is_open and not Letter.objects.due().exists():
                break
            try:
                post.open()
            except NoPost as error:
                logger.warning("The mail server %s cannot be reached: %s", settings.EMAIL_HOST, error)
                break
            claimed = claim_letter()
            if claimed is None:
                break
            outcome = _hand_over(post, claimed)
            _record(claimed, outcome)
            sent += outcome.fate is Fate.SENT
    return sent


def claim_letter() -> Claimed | None:
    """Claim the letter that is due longest and commit the claim; None when no letter is due.

    Letters that must not leave any more are put aside on the way.
    """
    while True:
        with transaction.atomic():
            due = Letter.objects.due().select_related("customer", "colleague")
            letter = due.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
            if letter is None:
                return None
            claimed = _claim(letter)
        if claimed is not None:
            return claimed


def _claim(letter: Letter) -> Claimed | None:
    """Claim a locked letter, or put it aside: the address may be suppressed, or the reason for writing gone, by now."""
    mine = Letter.objects.filter(pk=letter.pk)
    address = compared(letter.to_address)
    suppressed = Suppression.objects.filter(address__in=(address, erased_form(address)))
    if reason := suppressed.values_list("reason", flat=True).first():
        _hold_back(letter, str(SuppressionReason(reason).label))
        return None
    try:
        # A savepoint: what a failing seal wrote goes with it.
        with transaction.atomic():
            values = values_for(letter)
            words = compose(letter)
    except PutOff as later:
        mine.update(due_at=later.until, reply=str(later))
        return None
    except HoldBack as reason_gone:
        _hold_back(letter, str(reason_gone))
        return None
    except Exception as error:
        # One letter's trouble must not stop the others.
        logger.exception("Letter %s cannot be sealed", letter.public_id)
        letter.attempts += 1
        said = f"It could not be made ready: {error}"
        changes = _put_off(letter, said)
        mine.update(attempts=letter.attempts, **changes)
        _note(letter, _EVENTS[LetterState(changes["state"])], said)
        return None
    lease = uuid4()
    letter.attempts += 1
    letter.message_id = letter.message_id or new_message_id()
    mine.update(
        state=LetterState.SENDING,
        lease=lease,
        leased_until=Now() + settings.LETTER_LEASE,
        attempts=letter.attempts,
        message_id=letter.message_id,
        **words,
    )
    return Claimed(letter, lease, values)


def _hold_back(letter: Letter, why: str) -> None:
    Letter.objects.filter(pk=letter.pk).update(state=LetterState.SUPPRESSED, reply=why)
    _note(letter, LetterEventKind.HELD_BACK, why)


def _hand_over(post: Post, claimed: Claimed) -> Outcome:
    try:
        mail = build_mail(claimed.letter, claimed.values)
    except Exception as error:
        logger.exception("Letter %s cannot be built", claimed.letter.public_id)
        return Outcome(Fate.REFUSED, f"It could not be written: {error}")
    return post.deliver(sender=mail.sender, recipient=mail.recipient, message=mail.message)


@transaction.atomic
def _record(claimed: Claimed, outcome: Outcome) -> None:
    """Record a letter's fate, unless the claim lapsed meanwhile: then it stays uncertain, for a person to settle."""
    letter = claimed.letter
    if outcome.is_address_gone:
        suppress_address(address=letter.to_address, reason=SuppressionReason.REFUSED, detail=outcome.reply[:500])
    changes: dict[str, Any] = {"reply": outcome.reply[:2000]}
    match outcome.fate:
        case Fate.SENT:
            changes |= {"state": LetterState.SENT, "sent_at": Now()}
        case Fate.REFUSED:
            changes |= {"state": LetterState.REFUSED}
        case Fate.UNCERTAIN:
            changes |= {"state": LetterState.UNCERTAIN}
        case Fate.LATER:
            changes |= _put_off(letter, outcome.reply)
    held = Letter.objects.filter(pk=letter.pk, state=LetterState.SENDING, lease=claimed.lease)
    if held.update(lease=None, leased_until=None, **changes):
        _note(letter, _EVENTS[LetterState(changes["state"])], outcome.reply)
    else:
        logger.warning("Letter %s was settled before its sender reported: %s", letter.public_id, outcome.reply)


def _note(letter: Letter, kind: LetterEventKind, words: str) -> None:
    LetterEvent.objects.create(letter=letter, kind=kind, words=words[:2000])


def _put_off(letter: Letter, reply: str) -> dict[str, Any]:
    """Return the changes that let a letter wait, each time longer, or that give it up after the last try."""
    if letter.attempts >= TRIES:
        return {"state": LetterState.REFUSED, "reply": reply[:2000]}
    wait = min(_FIRST_WAIT * 2 ** (letter.attempts - 1), _LONGEST_WAIT)
    # Spread, so that letters put off together do not come back together.
    wait *= secrets.SystemRandom().uniform(0.75, 1.25)
    return {"state": LetterState.QUEUED, "due_at": Now() + wait, "reply": reply[:2000]}
