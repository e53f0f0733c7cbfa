"""The moment when a letter of ours leaves: whether it still should, whether it may yet, and its words."""

from typing import Any

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.exceptions import HoldBack, PutOff
from customers.models import Incident, Letter
from feedback.emails import REMINDER, Written, write_invitation
from feedback.enums import NotAsked, RecoveryState
from feedback.models import Answer, AskingRules, Invitation, Recovery
from feedback.selectors.asking import is_too_late, why_not_now
from feedback.selectors.surveys import survey_of
from feedback.services.hours import quiet_until
from feedback.services.outcomes import MENDING_PAUSE


def invitation_of(letter: Letter) -> Invitation:
    """Return the invitation that this letter, or this reminder, belongs to, with customer and interaction."""
    mine = Invitation.objects.select_related("interaction__agent", "customer", "letter", "survey")
    return mine.get(Q(letter=letter) | Q(reminder=letter))


def check_leaving(*, letter: Letter, invitation: Invitation) -> None:
    """Let a letter go on its way, or say why not.

    Raises:
        HoldBack: since it was written, the reason for writing has gone.
        PutOff: something is wrong for the customer just now, or their clock shows a quiet hour.
    """
    rules: Any = AskingRules.objects.annotate(now=Now()).first() or AskingRules(pk=1)
    if letter.kind == REMINDER:
        _check_reminder(invitation)
    else:
        _check_first(letter, invitation, rules)
    if until := quiet_until(rules=rules, time_zone=invitation.customer.time_zone):
        raise PutOff(_("It is too early or too late where they live."), until=until)


def _check_first(letter: Letter, invitation: Invitation, rules: Any) -> None:
    reason = why_not_now(invitation=invitation)
    if reason in (NotAsked.INCIDENT, NotAsked.RECOVERY):
        invitation.after_mending = True
        if rules.mending_days and not is_too_late(invitation=invitation, mending_days=rules.mending_days):
            raise PutOff(str(reason.label), until=rules.now + MENDING_PAUSE)
    if reason:
        raise HoldBack(str(reason.label))
    if not invitation.after_mending and _was_mended_since(letter):
        invitation.after_mending = True
        invitation.save(update_fields=["after_mending"])
    if is_too_late(invitation=invitation, mending_days=rules.mending_days):
        raise HoldBack(str(NotAsked.TOO_LATE.label))


def _check_reminder(invitation: Invitation) -> None:
    if Answer.objects.filter(invitation=invitation, is_counted=True).exists():
        raise HoldBack(_("They have answered."))
    if invitation.letter and invitation.letter.bounced_at:
        raise HoldBack(_("The letter that it reminds of came back."))
    if reason := why_not_now(invitation=invitation):
        raise HoldBack(str(reason.label))


def _was_mended_since(letter: Letter) -> bool:
    """Whether something that went wrong was put right while the letter waited."""
    mine = Q(customer=letter.customer_id)
    return (
        Incident.objects.filter(mine, resolved_at__gt=letter.created_at).exists()
        or Recovery.objects.filter(mine, closed_at__gt=letter.created_at).exists()
    )


def _says_mended(invitation: Invitation) -> bool:
    """Whether the letter may say that we put something right: what it waited for may have been a mistake of ours."""
    since = invitation.interaction.closed_at
    mine = Q(customer=invitation.customer_id)
    was_mended = (
        Incident.objects.filter(mine, resolved_at__gt=since).exists()
        or Recovery.objects.filter(mine, state=RecoveryState.MENDED, closed_at__gt=since).exists()
    )
    return was_mended and not _was_given_up_since(invitation)


def _was_given_up_since(invitation: Invitation) -> bool:
    """Whether something could not be mended since the contact: then the letter does not say that it was."""
    mine = Recovery.objects.filter(customer=invitation.customer_id, state=RecoveryState.NOT_MENDED)
    return mine.filter(closed_at__gt=invitation.interaction.closed_at).exists()


def write_letter(letter: Letter) -> Written:
    """Write an invitation, or a reminder, that was queued without words, and keep which survey it asks with."""
    invitation = invitation_of(letter)
    survey = survey_of(invitation)
    if invitation.survey_id is None and survey is not None:
        Invitation.objects.filter(pk=invitation.pk).update(survey=survey)
    return write_invitation(
        customer=invitation.customer,
        interaction=invitation.interaction,
        survey=survey,
        is_after_mending=invitation.after_mending and _says_mended(invitation),
        is_reminder=letter.kind == REMINDER,
    )
