"""Recording what follows the first answer: replies to the follow-ups, and the customer's own words."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from feedback.enums import QuestionKind
from feedback.models import Answer, Invitation, Question, Reply
from feedback.models.reply import TEXT_LENGTH
from feedback.pleas import asks_for_help
from feedback.selectors.answers import standing_answer
from feedback.selectors.surveys import questions_after, replies_to, survey_of
from feedback.services.answers import add_comment, refuse_forgotten
from feedback.services.recoveries import open_recovery

Given = Mapping[int, int | str]


@transaction.atomic
def tell_more(*, invitation: Invitation, comment: str | None, given: Given, language: str = "") -> bool:
    """Keep what one short form said, all of it or nothing; return False where all of it was known.

    `comment`: None leaves the words of before as they are.

    Raises as `add_comment` and `record_replies`.
    """
    is_new = comment is not None and add_comment(invitation=invitation, comment=comment, language=language)
    return record_replies(invitation=invitation, given=given) or is_new


@transaction.atomic
def record_replies(*, invitation: Invitation, given: Given) -> bool:
    """Keep replies by the question's key: a choice's key, a number of the scale, or words (none: taken back).

    What is not given stays as it was. Returns False where nothing changed.

    Raises:
        ValidationError: there is no answer yet, its day is over, the customer was forgotten since, a question is not
            asked after this answer at this touch point, or a reply does not fit its question.
    """
    if not given:
        return False
    # The same lock as for the answer: a reply cannot slip in while the answer changes.
    locked = Invitation.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "survey", "interaction", "customer"
    )
    invitation = locked.get(pk=invitation.pk)
    refuse_forgotten(invitation.customer_id)
    told = standing_answer(invitation=invitation)
    if told is None:
        raise ValidationError({"replies": _("Please choose an answer first.")})
    questions = _asked(invitation, told.answer)
    if not set(given) <= set(questions):
        raise ValidationError({"replies": _("The questions have changed with your answer. Please look once more.")})
    known = replies_to(told.answer)
    new = {pk: _fields(questions[pk], value) for pk, value in given.items()}
    changed = {pk: fields for pk, fields in new.items() if fields != (_said(known[pk]) if pk in known else None)}
    if changed and not told.can_change:
        raise ValidationError({"replies": _("This was more than a day ago, so your answer stays as it is.")})
    for pk, fields in changed.items():
        _write(told.answer, pk, fields)
        _hear(told.answer, str(fields["text"]) if fields else "", invitation)
    return bool(changed)


def _hear(answer: Answer, words: str, invitation: Invitation) -> None:
    """Words that ask for help are heard wherever they are written."""
    if words and asks_for_help(words, invitation.customer.language):
        open_recovery(answer=answer, words=words)


def _asked(invitation: Invitation, answer: Answer) -> dict[int, Question]:
    """Return the questions by their keys. An invitation from before surveys keeps the version that it asks with now."""
    survey = survey_of(invitation)
    if survey is None:
        return {}
    if invitation.survey_id is None:
        Invitation.objects.filter(pk=invitation.pk).update(survey=survey)
    touch_point_id = invitation.interaction.touch_point_id
    asked = questions_after(survey=survey, enjoyed=answer.enjoyed, touch_point_id=touch_point_id)
    return {question.pk: question for question in asked}


def _fields(question: Question, value: int | str) -> dict[str, int | str | None] | None:
    """Return what a reply keeps, or None where there is none (any more)."""
    if question.kind == QuestionKind.TEXT and isinstance(value, str):
        words = value.strip()
        if len(words) > TEXT_LENGTH:
            too_long = _("Please say it in at most %(limit)d characters.")
            raise ValidationError({"replies": too_long % {"limit": TEXT_LENGTH}})
        return {"choice_id": None, "number": None, "text": words} if words else None
    if question.kind == QuestionKind.CHOICE and value in {choice.pk for choice in question.choices.all()}:
        return {"choice_id": value, "number": None, "text": ""}
    if question.kind == QuestionKind.SCALE and isinstance(value, int) and value in question.numbers:
        return {"choice_id": None, "number": value, "text": ""}
    raise ValidationError({"replies": _("Please choose one of the answers.")})


def _said(reply: Reply) -> dict[str, int | str | None]:
    return {"choice_id": reply.choice_id, "number": reply.number, "text": reply.text}


def _write(answer: Answer, question_id: int, fields: dict[str, int | str | None] | None) -> None:
    if fields is None:
        Reply.objects.filter(answer=answer, question=question_id).delete()
        return
    Reply.objects.update_or_create(answer=answer, question_id=question_id, defaults={**fields, "replied_at": Now()})
