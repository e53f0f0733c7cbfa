"""Mending: a low answer gets an owner and a deadline, and is closed by saying why it happened and what was done."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.enums import Anybody
from customers.models import Letter
from customers.selectors.handing import handed_meanwhile
from customers.selectors.prepared import fetch_prepared
from customers.services.colleagues import write_to_colleague
from customers.services.letters import queue_letter
from feedback.amends import HANDED_OVER, MENDED, write_handed_over, write_mended
from feedback.enums import Chased, Enjoyed, RecoveryState, Step
from feedback.models import Answer, Cause, Recovery
from feedback.pleas import asks_for_help
from feedback.selectors.mending import heir_of, mending_rules, terms_for
from feedback.selectors.reaching import addresses_of
from feedback.services.steps import note_step

if TYPE_CHECKING:
    from portal.models import User

LETTER_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Closed:
    """What closing did: the letter to the customer, where there was something to say and an address to say it to."""

    letter: Letter | None


def is_low(enjoyed: str) -> bool:
    """Tell whether an answer is to be mended: a no, and by the house's rules also “in part”."""
    return enjoyed == Enjoyed.NO or (enjoyed == Enjoyed.PARTLY and mending_rules().includes_partly)


# The recovery with its first step; the one that is there already is left alone.
_OPEN = """
    WITH opened AS (
        INSERT INTO feedback_recovery (answer_id, customer_id, owner_id, state, what_was_done, opened_at, due_at,
                                       remind_at, escalate_at)
        VALUES (%(answer)s, %(customer)s, %(owner)s, 'open', '', %(now)s, %(due)s, %(remind)s, %(escalate)s)
        ON CONFLICT (answer_id) DO NOTHING
        RETURNING id
    ), noted AS (
        INSERT INTO feedback_recoverystep (recovery_id, step, to_id, words)
        SELECT id, 'opened', %(owner)s, '' FROM opened
    )
    SELECT id FROM opened
"""


def open_recovery(*, answer: Answer, words: str = "") -> bool:
    """Open the recovery of an answer, or open it again; return False where it has one that is open.

    The owner and the deadline are those of `terms_for`. Two statements, of which one writes.
    """
    invitation = answer.invitation
    terms = terms_for(customer_id=invitation.customer_id, interaction_id=invitation.interaction_id)
    opened = {
        "answer": answer.pk,
        "customer": invitation.customer_id,
        "owner": terms.owner_id,
        "now": terms.now,
        "due": terms.due_at,
        "remind": terms.remind_at,
        "escalate": terms.escalate_at,
    }
    if fetch_prepared(_OPEN, opened):
        return True
    # It was closed meanwhile, and they say so once more: somebody has to look again.
    closed = Recovery.objects.filter(answer=answer, closed_at__isnull=False).first()
    return closed is not None and reopen_recovery(recovery=closed, words=words)


def open_recovery_for_comment(*, answer: Answer) -> bool:
    """Open a recovery where the customer's words ask for help, whatever they answered; tell whether it is new."""
    own = answer.invitation.customer.language
    # Who switches the page may still write in their own language.
    is_plea = any(asks_for_help(answer.comment, language) for language in {own, answer.language or own})
    return is_plea and open_recovery(answer=answer, words=answer.comment)


@transaction.atomic
def contact_recovery(*, recovery: Recovery, by: "User") -> bool:
    """Record that a colleague has been in touch; return False where that was known or the recovery is closed."""
    with pghistory.context(user=by.pk):
        mine = Recovery.objects.filter(pk=recovery.pk, state=RecoveryState.OPEN)
        if not mine.update(state=RecoveryState.CONTACTED):
            return False
    note_step(recovery=recovery, step=Step.CONTACTED, by=by)
    return True


@transaction.atomic
def hand_over(
    *,
    recovery: Recovery,
    to: "User",
    by: "User | None",
    words: str = "",
    held_by: int | Anybody | None = Anybody.ANYBODY,
) -> bool:
    """Give an open recovery to another colleague, and write to them; return False where it is theirs, or closed.

    `held_by`: the owner's number, as the one who hands it over has seen it (None: nobody's).

    Raises:
        ValidationError: they do not work here any more, or may not mend; or it has another owner by now.
    """
    if not to.has_perm("feedback.change_recovery"):
        raise ValidationError({"to": _("Please choose a colleague who works here and may mend.")})
    with pghistory.context(user=by.pk if by else None):
        others = Recovery.objects.open().filter(pk=recovery.pk).exclude(owner=to)
        seen = others if held_by is Anybody.ANYBODY else others.filter(owner=held_by)
        if not seen.update(owner=to):
            if others.exists():
                raise ValidationError(handed_meanwhile(recovery.steps.filter(step=Step.HANDED_OVER)))
            return False
    step = note_step(recovery=recovery, step=Step.HANDED_OVER, by=by, to=to, words=" ".join(words.split())[:500])
    if to != by:
        note = write_handed_over(recovery=recovery, by=by)
        write_to_colleague(colleague=to, kind=HANDED_OVER, subject_key=str(step.pk), note=note)
    return True


def close_recovery(
    *, recovery: Recovery, state: str, what_was_done: str, cause: Cause | None, by: "User", letter: str = ""
) -> Closed | None:
    """Close a recovery as mended or not, by its cause; return None where it was closed already (its words then stay).

    With words in `letter` the customer gets them as a personal letter, unless there is no address that may be
    written to.

    Raises:
        ValidationError: the state does not close, there is no cause in use, or nothing is said about what was done.
    """
    words = " ".join(what_was_done.split())
    if state not in (RecoveryState.MENDED, RecoveryState.NOT_MENDED):
        raise ValidationError({"state": _("Was it mended, or could it not be mended?")})
    if cause is None or not cause.is_active:
        raise ValidationError({"cause": _("Please choose what it came from.")})
    if not words:
        raise ValidationError({"what_was_done": _("Please say what was done for the customer.")})
    if len(words) > 500:
        raise ValidationError({"what_was_done": _("Please say it in at most 500 characters.")})
    if len(letter) > LETTER_LENGTH:
        too_long = _("Please say it in at most %(limit)d characters.")
        raise ValidationError({"letter": too_long % {"limit": LETTER_LENGTH}})
    with transaction.atomic(), pghistory.context(user=by.pk):
        closed = (
            Recovery.objects.open()
            .filter(pk=recovery.pk)
            .update(state=state, what_was_done=words, cause=cause, closed_at=Now(), closed_by=by)
        )
        if not closed:
            return None
        note_step(recovery=recovery, step=Step(state), by=by, cause=cause, words=words)
        return Closed(_write_to_customer(recovery, letter.strip(), by) if letter.strip() else None)


def _write_to_customer(recovery: Recovery, words: str, by: "User") -> Letter | None:
    """Queue the personal letter: service mail, so it asks for no consent, but goes to no suppressed address."""
    address = addresses_of([recovery.customer_id])[0].get(recovery.customer_id)
    if address is None:
        return None
    written = write_mended(
        customer=recovery.customer, interaction=recovery.answer.invitation.interaction, words=words, by=by
    )
    closings = recovery.steps.filter(step__in=(Step.MENDED, Step.NOT_MENDED)).count()
    letter, is_new = queue_letter(
        customer=recovery.customer,
        kind=MENDED,
        subject_key=f"{recovery.pk}:{closings}",
        to_address=address,
        language=written.language,
        subject=written.subject,
        text=written.text,
        html=written.html,
        headers=written.headers,
    )
    if is_new:
        note_step(recovery=recovery, step=Step.WROTE, by=by, words=words)
    return letter


@transaction.atomic
def reopen_recovery(*, recovery: Recovery, words: str = "") -> bool:
    """Open a closed recovery again, because the customer says that it is not put right; False where it is open.

    What was done before stays among its steps. Deadline and reminders begin anew; it stays with its owner.
    """
    locked = Recovery.objects.select_for_update(no_key=True).select_related(None).get(pk=recovery.pk)
    if locked.closed_at is None:
        return False
    terms = terms_for(customer_id=locked.customer_id, interaction_id=locked.answer.invitation.interaction_id)
    owner: Any = locked.owner
    if owner is None or not owner.is_active:
        owner = heir_of(terms)
    Recovery.objects.filter(pk=locked.pk).update(
        state=RecoveryState.OPEN,
        owner=owner,
        closed_at=None,
        closed_by=None,
        what_was_done="",
        cause=None,
        is_before_causes=False,
        due_at=terms.due_at,
        remind_at=terms.remind_at,
        escalate_at=terms.escalate_at,
        chased=Chased.NOT_YET,
        times_reopened=F("times_reopened") + 1,
    )
    note_step(recovery=locked, step=Step.REOPENED, to=owner, words=words)
    return True
