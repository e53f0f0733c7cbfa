"""Recording what the customer says. Only a press gets here; opening a link never does."""

from datetime import datetime
from enum import Enum

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from feedback.enums import Enjoyed, LinkPurpose
from feedback.evidence import JUST_BEFORE, Seen, judge
from feedback.models import Answer, Invitation, Link, Visit
from feedback.selectors.answers import standing_answer
from feedback.services.recoveries import open_recovery
from feedback.services.visits import note_visit

COMMENT_LENGTH = 4000


class Pressed(Enum):
    """What a press did."""

    COUNTED = "counted"
    CHANGED = "changed"
    SAME = "same"
    # The time for changing is over.
    STANDS = "stands"
    # Kept and shown, not counted; it does not stand in a person's way.
    DOUBTFUL = "doubtful"


@transaction.atomic
def record_answer(*, link: Link, enjoyed: str, fingerprint: str = "") -> tuple[Answer, Pressed]:
    """Record a press, as evidence and as an answer, and return the answer with what became of the press.

    The invitation is locked first, so that any number of presses at one moment make one answer. The first press
    without a doubt counts; within a day it may be changed, and what it was stays on the record.

    Raises:
        ValidationError: this is not one of the answers.
    """
    if enjoyed not in Enjoyed.values:
        raise ValidationError({"enjoyed": _("Please choose one of the answers.")})
    Invitation.objects.select_for_update(no_key=True).only("pk").get(pk=link.invitation_id)
    press = note_visit(link=link, method="POST", hint=enjoyed, fingerprint=fingerprint)
    told = standing_answer(invitation=link.invitation)
    if told and told.answer.enjoyed == enjoyed:
        return told.answer, Pressed.SAME
    if told and not told.can_change:
        return told.answer, Pressed.STANDS
    doubts = _doubts_about(press)
    if doubts:
        return _keep_doubtful(link.invitation, enjoyed, doubts), Pressed.DOUBTFUL
    if told:
        answer = told.answer
        answer.enjoyed = enjoyed
        answer.save(update_fields=["enjoyed"])
    else:
        answer = Answer.objects.create(invitation=link.invitation, enjoyed=enjoyed)
    if enjoyed == Enjoyed.NO:
        # A recovery once opened stays, whatever the answer becomes.
        open_recovery(answer=answer)
    return answer, Pressed.CHANGED if told else Pressed.COUNTED


@transaction.atomic
def add_comment(*, invitation: Invitation, comment: str) -> bool:
    """Add the customer's own words to their answer, or change them; return False where they are the same.

    Raises:
        ValidationError: there is no answer yet, its day is over, or the words are too many.
    """
    if len(comment) > COMMENT_LENGTH:
        too_long = _("Please say it in at most %(limit)d characters.")
        raise ValidationError({"comment": too_long % {"limit": COMMENT_LENGTH}})
    Invitation.objects.select_for_update(no_key=True).only("pk").get(pk=invitation.pk)
    told = standing_answer(invitation=invitation)
    if told is None:
        raise ValidationError({"comment": _("Please choose an answer first.")})
    if told.answer.comment == comment:
        return False
    if not told.can_change:
        raise ValidationError({"comment": _("This was more than a day ago, so your answer stays as it is.")})
    told.answer.comment = comment
    told.answer.save(update_fields=["comment"])
    return True


def _doubts_about(press: Visit) -> list[str]:
    link = press.link
    opened = Visit.objects.filter(
        link__invitation=link.invitation_id,
        link__purpose=LinkPurpose.ANSWER,
        method__in=("GET", "HEAD"),
        fingerprint=press.fingerprint,
        visited_at__gte=press.visited_at - JUST_BEFORE,
    )
    visits = [Seen(*row) for row in opened.values_list("visited_at", "hint", "fingerprint")]
    return judge(visits, _left_at(link), press.visited_at, fingerprint=press.fingerprint, answers=Enjoyed.values)


def _left_at(link: Link) -> datetime:
    """When the letter with this link left: links are made moments before, and a later sending has links of its own."""
    letter = link.invitation.letter
    sent_at = letter.sent_at if letter else None
    if sent_at and link.minted_at <= sent_at <= link.minted_at + settings.LETTER_LEASE:
        return sent_at
    return link.minted_at


def _keep_doubtful(invitation: Invitation, enjoyed: str, doubts: list[str]) -> Answer:
    """Keep a doubtful answer, once for each thing that was said; its presses are all among the visits."""
    known = Answer.objects.filter(invitation=invitation, is_counted=False, enjoyed=enjoyed).first()
    if known:
        return known
    return Answer.objects.create(invitation=invitation, enjoyed=enjoyed, doubts=doubts, is_counted=False)
