"""Some days after something was mended: did we put it right? Asked once for each recovery."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.exceptions import HoldBack, PutOff
from customers.models import Erasure, Letter
from customers.selectors.clock import database_now
from feedback.amends import MENDED_LINK, PUT_RIGHT, write_put_right
from feedback.emails import STOP_LINK
from feedback.enums import LinkPurpose, RecoveryState, Step, YesNo
from feedback.evidence import DOUBTFUL, Press, judge
from feedback.models import AskingRules, Invitation, Link, PutRight, Recovery, RecoveryStep
from feedback.pleas import asks_for_help
from feedback.selectors.evidence import left_at, openings
from feedback.selectors.mending import mending_rules
from feedback.selectors.reaching import addresses_of, why_not_ask
from feedback.services.answers import COMMENT_LENGTH, Pressed
from feedback.services.hours import quiet_until
from feedback.services.links import mint_link
from feedback.services.recoveries import reopen_recovery
from feedback.services.steps import note_step
from feedback.services.visits import note_visit

_BATCH = 500
# What was mended longer ago than this beyond the day for asking is not asked about any more.
_CATCH_UP = timedelta(days=14)


@transaction.atomic
def ask_put_right(*, limit: int = _BATCH) -> int:
    """Deal with one set of recoveries whose day for asking has come; return how many got a letter or a reason."""
    days = mending_rules().ask_days
    if not days:
        return 0
    ripe = timedelta(days=days)
    locked = list(
        Recovery.objects.filter(
            state=RecoveryState.MENDED,
            put_right=None,
            closed_at__lte=Now() - ripe,
            closed_at__gt=Now() - ripe - _CATCH_UP,
        )
        .select_related("customer", "answer__invitation__interaction")
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .order_by("closed_at", "pk")[:limit]
    )
    # What another worker finished between our look and our lock is seen only by a second look.
    done = set(PutRight.objects.filter(recovery__in=locked).values_list("recovery_id", flat=True))
    todo = [recovery for recovery in locked if recovery.pk not in done]
    _write(todo)
    return len(todo)


def _write(recoveries: Sequence[Recovery]) -> None:
    customer_ids = {recovery.customer_id for recovery in recoveries}
    reasons = why_not_ask(customer_ids)
    addresses, _held = addresses_of(customer_ids)
    letters = {
        recovery.pk: _letter(recovery, addresses[recovery.customer_id])
        for recovery in recoveries
        if recovery.customer_id not in reasons
    }
    Letter.objects.bulk_create(letters.values())
    PutRight.objects.bulk_create(
        PutRight(
            recovery=recovery,
            letter=letters.get(recovery.pk),
            not_asked="" if recovery.pk in letters else reasons[recovery.customer_id],
        )
        for recovery in recoveries
    )
    RecoveryStep.objects.bulk_create(RecoveryStep(recovery_id=pk, step=Step.ASKED) for pk in letters)


def _letter(recovery: Recovery, address: str) -> Letter:
    written = write_put_right(customer=recovery.customer, interaction=recovery.answer.invitation.interaction)
    return Letter(
        customer=recovery.customer,
        kind=PUT_RIGHT,
        subject_key=str(recovery.pk),
        to_address=address,
        language=written.language,
        subject=written.subject,
        text=written.text,
        html=written.html,
        headers=written.headers,
    )


def seal_put_right(letter: Letter) -> dict[str, str]:
    """Make the links of a letter that is about to leave.

    Raises:
        HoldBack: it is open again by now, something else is wrong, or they asked not to be asked.
        PutOff: it is night where they live.
    """
    asked = PutRight.objects.select_related("recovery__answer__invitation", "recovery__customer").get(letter=letter)
    if asked.recovery.state != RecoveryState.MENDED:
        raise HoldBack(str(_("It is being mended again")))
    if reason := why_not_ask([asked.recovery.customer_id]).get(asked.recovery.customer_id):
        raise HoldBack(str(reason.label))
    rules: Any = AskingRules.objects.annotate(now=Now()).first()
    if rules and (until := quiet_until(rules=rules, time_zone=asked.recovery.customer.time_zone)):
        raise PutOff(_("It is too early or too late where they live."), until=until)
    invitation = asked.recovery.answer.invitation
    return {
        MENDED_LINK: mint_link(invitation=invitation, purpose=LinkPurpose.MENDED, put_right=asked),
        STOP_LINK: mint_link(invitation=invitation, purpose=LinkPurpose.STOP, put_right=asked),
    }


@transaction.atomic
def record_put_right(
    *, link: Link, said: str, words: str = "", fingerprint: str = ""
) -> tuple[PutRight | None, Pressed]:
    """Record a press, as evidence and as what they say; a no opens the recovery again.

    The first press without a doubt stands; words may be added to it once. None where nothing was asked (its row is
    gone).

    Raises:
        ValidationError: this is not one of the answers, or the words are too many.
    """
    if said not in YesNo.values:
        raise ValidationError({"said": _("Please choose one of the answers.")})
    if len(words) > COMMENT_LENGTH:
        too_long = _("Please say it in at most %(limit)d characters.")
        raise ValidationError({"words": too_long % {"limit": COMMENT_LENGTH}})
    # The lock that forgetting takes first: words that come after it are not kept.
    held = Invitation.objects.select_for_update(no_key=True).only("customer_id").get(pk=link.invitation_id)
    if Erasure.objects.filter(customer=held.customer_id).exists():
        return None, Pressed.DOUBTFUL
    asked = (
        _asked_by(link)
        .select_related("recovery", "letter")
        .select_for_update(no_key=True, of=("self",))
        .order_by("-pk")
        .first()
    )
    is_open = asked is not None and not asked.said
    press = Press(database_now(), said, fingerprint)
    is_doubtful = is_open and asked is not None and _is_doubtful(press, link, asked)
    # What a doubted press is answered with is the page that asks once more.
    note_visit(link=link, method="POST", hint=said, fingerprint=fingerprint, is_again=is_doubtful, at=press.at)
    if asked is None or not is_open:
        is_same = asked is not None and asked.said == said
        if asked is not None and is_same and words and not asked.words:
            _add_words(asked, words)
            return asked, Pressed.COUNTED
        return asked, Pressed.SAME if is_same else Pressed.CONFLICTING
    if is_doubtful:
        return asked, Pressed.DOUBTFUL
    PutRight.objects.filter(pk=asked.pk).update(said=said, words=words, said_at=Now())
    asked.refresh_from_db(fields=["said", "words", "said_at"])
    if said == YesNo.YES:
        note_step(recovery=asked.recovery, step=Step.PUT_RIGHT, words=words)
    if said != YesNo.YES or asks_for_help(words, asked.recovery.customer.language):
        reopen_recovery(recovery=asked.recovery, words=words)
    return asked, Pressed.COUNTED


def _add_words(asked: PutRight, words: str) -> None:
    """Keep the words of somebody who had pressed without any, and came back to say more."""
    PutRight.objects.filter(pk=asked.pk).update(words=words)
    asked.refresh_from_db(fields=["words"])
    is_help_wanted = asked.said != YesNo.YES or asks_for_help(words, asked.recovery.customer.language)
    if is_help_wanted and reopen_recovery(recovery=asked.recovery, words=words):
        return
    note_step(recovery=asked.recovery, step=Step.PUT_RIGHT if asked.said == YesNo.YES else Step.REOPENED, words=words)


def put_right_of(link: Link) -> PutRight | None:
    """Return what was asked by the letter with this link."""
    return _asked_by(link).order_by("-pk").first()


def _asked_by(link: Link) -> QuerySet[PutRight]:
    """Return what a link asks about: one contact may have had more than one recovery."""
    if link.put_right_id is not None:
        return PutRight.objects.filter(pk=link.put_right_id)
    # Links from before they said which.
    return PutRight.objects.filter(recovery__answer__invitation=link.invitation_id)


def _is_doubtful(press: Press, link: Link, asked: PutRight) -> bool:
    verdict = judge(
        press,
        left_at=left_at(link, asked.letter),
        visits=openings(invitation_id=link.invitation_id, purpose=LinkPurpose.MENDED),
        answers=YesNo.values,
    )
    return verdict.kind == DOUBTFUL
