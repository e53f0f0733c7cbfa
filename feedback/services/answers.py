"""Recording what the customer says. Only a press gets here; opening a link never does."""

from contextlib import nullcontext
from enum import Enum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from customers.models import Erasure
from customers.selectors.prepared import fetch_prepared
from feedback.enums import ANSWERS
from feedback.evidence import BY_HAND_WITHIN, CONFLICTING, COUNTED, DOUBTFUL, Press, Verdict, judge
from feedback.models import Answer, Invitation, Link
from feedback.selectors.answers import standing_answer
from feedback.selectors.evidence import Evidence, gather_evidence
from feedback.services.recoveries import is_low, open_recovery, open_recovery_for_comment
from feedback.services.visits import note_visit

COMMENT_LENGTH = 4000


class Pressed(Enum):
    """What became of a press (feedback.enums.Outcome)."""

    COUNTED = "counted"
    CHANGED = "changed"
    SAME = "same"
    # Kept and shown, not counted; it does not stand in a person's way.
    DOUBTFUL = "doubtful"
    # Another answer stands, and this one is kept beside it.
    CONFLICTING = "conflicting"


def record_answer(
    *, link: Link, enjoyed: str, fingerprint: str = "", evidence: Evidence | None = None
) -> tuple[Answer, Pressed]:
    """Record a press, as evidence and as an answer, and return the answer with what became of the press.

    Any number of presses at one moment make one answer that counts: the first one without a doubt, which the same
    visitor may change within a day. What it was stays on the record, and so does every press. `evidence` may be handed
    in by who has read it a moment ago.

    Raises:
        ValidationError: this is not one of the answers.
    """
    if enjoyed not in ANSWERS:
        raise ValidationError({"enjoyed": _("Please choose one of the answers.")})
    evidence = evidence or gather_evidence(link=link)
    press = Press(evidence.at, enjoyed, fingerprint)
    if evidence.standing is None:
        verdict = judge(press, left_at=evidence.left_at, visits=evidence.visits, answers=ANSWERS)
        if verdict.kind == COUNTED and (answer := _count_first(link, press, evidence)):
            return answer, Pressed.COUNTED
    return _record_beside(link, enjoyed, fingerprint)


def reconsider(*, link: Link) -> bool:
    """Look a second time at the answer that counts; return True where it counts no more.

    Some machines press first and open the decoy or the other links then. Worth a call whenever something was opened.
    """
    evidence = gather_evidence(link=link)
    if evidence.given is None or not _is_recent(evidence):
        return False
    with transaction.atomic():
        _lock(link)
        return _withdraw(gather_evidence(link=link))


# The press is noted only with the answer: who comes second gets no row, and goes the long way.
_COUNT_FIRST = """
    WITH answered AS (
        INSERT INTO feedback_answer (invitation_id, enjoyed, comment, doubts, is_counted, answered_at)
        VALUES (%(invitation)s, %(enjoyed)s, '', '{}', true, %(at)s)
        ON CONFLICT DO NOTHING
        RETURNING id
    ), noted AS (
        INSERT INTO feedback_visit (link_id, visited_at, after_letter, method, hint, fingerprint, has_button, outcome,
                                    doubts)
        SELECT %(link)s, %(at)s, %(after)s, 'POST', %(enjoyed)s, %(fingerprint)s, true, 'counted', '{}' FROM answered
    )
    SELECT id FROM answered
"""


def _count_first(link: Link, press: Press, evidence: Evidence) -> Answer | None:
    """Keep the first answer and its press in one statement; None where somebody was faster.

    No lock is taken: that one answer counts is held by the unique index.
    """
    values: dict[str, Any] = {
        "invitation": link.invitation_id,
        "link": link.pk,
        "enjoyed": press.enjoyed,
        "fingerprint": press.fingerprint,
        "at": press.at,
        "after": press.at - evidence.left_at,
    }
    opens_recovery = is_low(press.enjoyed)
    # A statement is a transaction; a second one, for what a low answer needs, makes it necessary to say so.
    with transaction.atomic() if opens_recovery else nullcontext():
        rows = fetch_prepared(_COUNT_FIRST, values)
        if not rows:
            return None
        answer = Answer(pk=rows[0][0], invitation=link.invitation, enjoyed=press.enjoyed, answered_at=press.at)
        answer._state.adding, answer._state.db = False, connection.alias
        if opens_recovery:
            open_recovery(answer=answer)
    return answer


@transaction.atomic
def _record_beside(link: Link, enjoyed: str, fingerprint: str) -> tuple[Answer, Pressed]:
    """Record a press that is doubtful, or that meets an answer that counts already; the invitation is locked first."""
    _lock(link)
    evidence = gather_evidence(link=link)
    if _withdraw(evidence):
        evidence = gather_evidence(link=link)
    press = Press(evidence.at, enjoyed, fingerprint)
    standing = evidence.standing
    verdict = judge(press, left_at=evidence.left_at, visits=evidence.visits, standing=standing, answers=ANSWERS)
    answer, pressed = _keep(link, press, verdict, evidence)
    note_visit(
        link=link,
        method="POST",
        hint=enjoyed,
        fingerprint=fingerprint,
        has_button=True,
        outcome=pressed.value,
        doubts=verdict.doubts,
        at=press.at,
        left=evidence.left_at,
    )
    return answer, pressed


def _keep(link: Link, press: Press, verdict: Verdict, evidence: Evidence) -> tuple[Answer, Pressed]:
    """Keep what was said as the verdict wants it. What does not count is kept once for each thing that was said."""
    said = Answer.objects.filter(invitation=link.invitation_id, enjoyed=press.enjoyed)
    told = {"invitation": link.invitation, "enjoyed": press.enjoyed}
    if verdict.kind == DOUBTFUL:
        known = said.filter(is_counted=False, conflict="").first()
        return known or Answer.objects.create(
            **told, doubts=list(verdict.doubts), is_counted=False, answered_at=press.at
        ), Pressed.DOUBTFUL
    if verdict.kind == CONFLICTING:
        known = said.exclude(conflict="").first()
        beside = known or Answer.objects.create(
            **told, conflict=verdict.conflict, is_counted=False, answered_at=press.at
        )
        if is_low(press.enjoyed):
            # Whoever of the two is right: somebody was not happy.
            open_recovery(answer=beside)
        return beside, Pressed.CONFLICTING
    if evidence.answer_id is None:
        answer, pressed = Answer.objects.create(**told, answered_at=press.at), Pressed.COUNTED
    else:
        answer = Answer.objects.get(pk=evidence.answer_id)
        if answer.enjoyed == press.enjoyed:
            return answer, Pressed.SAME
        answer.enjoyed, pressed = press.enjoyed, Pressed.CHANGED
        answer.save(update_fields=["enjoyed"])
    if is_low(press.enjoyed):
        # A recovery once opened stays, whatever the answer becomes.
        open_recovery(answer=answer)
    return answer, pressed


def _withdraw(evidence: Evidence) -> bool:
    """Let the answer count no more if what was opened after its press shows a program; its invitation is locked."""
    if evidence.answer_id is None or evidence.given is None or not _is_recent(evidence):
        return False
    verdict = judge(evidence.given, left_at=evidence.left_at, visits=evidence.visits, answers=ANSWERS)
    if verdict.kind != DOUBTFUL:
        return False
    return bool(
        Answer.objects.filter(pk=evidence.answer_id, is_counted=True).update(
            is_counted=False, doubts=list(verdict.doubts)
        )
    )


def _is_recent(evidence: Evidence) -> bool:
    """Say whether what happens now can still speak about the press that counts. An hour leaves room for retries."""
    return evidence.given is not None and evidence.at <= evidence.given.at + BY_HAND_WITHIN


def _lock(link: Link) -> None:
    Invitation.objects.select_for_update(no_key=True).only("pk").get(pk=link.invitation_id)


@transaction.atomic
def add_comment(*, invitation: Invitation, comment: str, language: str = "") -> bool:
    """Add the customer's own words to their answer, or change them; return False where they are the same.

    `language`: of the page that they are written on; empty where that is the letter's.

    Raises:
        ValidationError: there is no answer yet, its day is over, the words are too many, or the customer was forgotten
            while they were on their way.
    """
    if len(comment) > COMMENT_LENGTH:
        too_long = _("Please say it in at most %(limit)d characters.")
        raise ValidationError({"comment": too_long % {"limit": COMMENT_LENGTH}})
    held = Invitation.objects.select_for_update(no_key=True).only("customer_id").get(pk=invitation.pk)
    refuse_forgotten(held.customer_id)
    told = standing_answer(invitation=invitation)
    if told is None:
        raise ValidationError({"comment": _("Please choose an answer first.")})
    if told.answer.comment == comment:
        return False
    if not told.can_change:
        raise ValidationError({"comment": _("This was more than a day ago, so your answer stays as it is.")})
    told.answer.comment, told.answer.language = comment, language if comment else ""
    told.answer.save(update_fields=["comment", "language"])
    open_recovery_for_comment(answer=told.answer)
    return True


def refuse_forgotten(customer_id: int) -> None:
    """Refuse words of somebody who was erased since their link was looked up; their invitation is locked.

    Raises:
        ValidationError: they were.
    """
    if Erasure.objects.filter(customer=customer_id).exists():
        raise ValidationError({"comment": _("This link does not open anything")})
