"""Surveys: drafts are written, published, copied; what is published stays as it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from feedback.enums import Enjoyed, QuestionKind, SurveyState
from feedback.models import Choice, Question, QuestionTouchPoint, Survey, SurveyTouchPoint
from feedback.models.survey import MOST_CHOICES, MOST_QUESTIONS
from feedback.selectors.surveys import faults_of_survey

if TYPE_CHECKING:
    from portal.models import User

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A follow-up as it is written; texts by language, touch points by key (none: at all of them)."""

    kind: str
    text: Texts
    after: Sequence[str] = tuple(Enjoyed.values)
    touch_points: Sequence[int] = ()
    choices: Sequence[Texts] = ()
    highest: int | None = None
    low_label: Texts = field(default_factory=dict)
    high_label: Texts = field(default_factory=dict)


@transaction.atomic
def begin_survey(
    *,
    name: str,
    is_for_all: bool = True,
    touch_points: Sequence[int] = (),
    names_agent: bool = False,
    thanks: Mapping[str, Texts] | None = None,
    questions: Sequence[NewQuestion] = (),
) -> Survey:
    """Make a draft with the next version that says this, and return it. Raises as `write_survey`."""
    _lock()
    draft = Survey.objects.create(version=_next_version(), name=name)
    return write_survey(
        survey=draft,
        name=name,
        is_for_all=is_for_all,
        touch_points=touch_points,
        names_agent=names_agent,
        thanks=thanks,
        questions=questions,
    )


@transaction.atomic
def write_survey(
    *,
    survey: Survey,
    name: str,
    is_for_all: bool,
    touch_points: Sequence[int],
    names_agent: bool,
    thanks: Mapping[str, Texts] | None,
    questions: Sequence[NewQuestion],
) -> Survey:
    """Make a draft say this and nothing else, and return it.

    A draft may be unfinished: what keeps it from being published is asked when it is. Nobody has been asked with a
    draft, so its questions are written anew each time.

    Raises:
        ValidationError: it is no draft any more, or something could not be kept; a sentence for each fault.
    """
    survey = Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)
    if survey.state != SurveyState.DRAFT:
        raise ValidationError(_("This survey has been published already. Copy it as a draft to change it."))
    if wrong := list(_wrong(questions)):
        raise ValidationError(wrong)
    survey.name, survey.is_for_all, survey.names_agent = name, is_for_all, names_agent
    for enjoyed in Enjoyed.values:
        setattr(survey, f"thanks_{enjoyed}", _kept((thanks or {}).get(enjoyed, {})))
    survey.full_clean(validate_constraints=False)
    survey.save()
    survey.scopes.all().delete()
    if not is_for_all:
        SurveyTouchPoint.objects.bulk_create(
            SurveyTouchPoint(survey=survey, touch_point_id=pk) for pk in dict.fromkeys(touch_points)
        )
    survey.questions.all().delete()
    for place, question in enumerate(questions, 1):
        _write_question(survey, place, question)
    return survey


@transaction.atomic
def publish_survey(*, survey: Survey, by: "User | None") -> Survey:
    """Publish a draft; the versions that asked at its touch points until now retire, both or neither.

    `by` is None only for the survey that a new house begins with.

    Raises:
        ValidationError: it is no draft any more, it has faults, or it would take some of the touch points of another
            survey and leave the rest without.
    """
    _lock()
    survey = Survey.objects.get(pk=survey.pk)
    if survey.state != SurveyState.DRAFT:
        raise ValidationError(_("This survey has been published already. Copy it as a draft to change it."))
    if faults := faults_of_survey(survey):
        raise ValidationError(faults)
    before = _replaced_by(survey)
    before.update(state=SurveyState.RETIRED, retired_at=Now())
    Survey.objects.filter(pk=survey.pk).update(state=SurveyState.PUBLISHED, published_at=Now(), published_by=by)
    survey.refresh_from_db()
    return survey


@transaction.atomic
def retire_survey(*, survey: Survey) -> bool:
    """Retire a survey of single touch points, which fall back to the one for all; False where it is retired already.

    Raises:
        ValidationError: it is a draft, or the one for all touch points, which only another one replaces.
    """
    _lock()
    survey = Survey.objects.get(pk=survey.pk)
    if survey.state == SurveyState.DRAFT:
        raise ValidationError(_("A draft asks nobody. Delete it if it is not wanted."))
    if survey.is_for_all:
        raise ValidationError(_("The survey for all touch points retires when another one takes its place."))
    found = Survey.objects.filter(pk=survey.pk, state=SurveyState.PUBLISHED)
    return bool(found.update(state=SurveyState.RETIRED, retired_at=Now()))


@transaction.atomic
def copy_survey(*, survey: Survey, name: str | None = None) -> Survey:
    """Make a draft with what a survey in any state says, and return it. Each call makes one."""
    questions = [
        NewQuestion(
            kind=question.kind,
            text=question.text,
            after=question.after,
            touch_points=[scope.touch_point_id for scope in question.scopes.all()],
            choices=[choice.text for choice in question.choices.all()],
            highest=question.highest,
            low_label=question.low_label,
            high_label=question.high_label,
        )
        for question in survey.questions.order_by("position").prefetch_related("choices", "scopes")
    ]
    return begin_survey(
        name=name or survey.name,
        is_for_all=survey.is_for_all,
        touch_points=list(survey.scopes.values_list("touch_point_id", flat=True)),
        names_agent=survey.names_agent,
        thanks={enjoyed: survey.thanks(enjoyed) for enjoyed in Enjoyed.values},
        questions=questions,
    )


def _replaced_by(survey: Survey) -> QuerySet[Survey]:
    """Return the published surveys in whose place this one comes."""
    published = Survey.objects.filter(state=SurveyState.PUBLISHED)
    if survey.is_for_all:
        return published.filter(is_for_all=True)
    mine = set(survey.scopes.values_list("touch_point_id", flat=True))
    replaced = []
    for other in published.filter(scopes__touch_point__in=mine).distinct().prefetch_related("scopes__touch_point"):
        rest = [scope.touch_point.name for scope in other.scopes.all() if scope.touch_point_id not in mine]
        if rest:
            names = {"other": other, "rest": ", ".join(rest)}
            raise ValidationError(
                _("“%(other)s” asks at some of these touch points, and also at %(rest)s. Add those, or retire it.")
                % names
            )
        replaced.append(other.pk)
    return published.filter(pk__in=replaced)


def _write_question(survey: Survey, place: int, new: NewQuestion) -> None:
    is_scale = new.kind == QuestionKind.SCALE
    question = Question.objects.create(
        survey=survey,
        position=place,
        kind=new.kind,
        text=_kept(new.text),
        after=list(dict.fromkeys(new.after)),
        highest=new.highest if is_scale else None,
        low_label=_kept(new.low_label) if is_scale else {},
        high_label=_kept(new.high_label) if is_scale else {},
    )
    QuestionTouchPoint.objects.bulk_create(
        QuestionTouchPoint(question=question, touch_point_id=pk) for pk in dict.fromkeys(new.touch_points)
    )
    if new.kind == QuestionKind.CHOICE:
        Choice.objects.bulk_create(
            Choice(question=question, position=number, text=_kept(text)) for number, text in enumerate(new.choices, 1)
        )


def _wrong(questions: Sequence[NewQuestion]) -> Iterable[str]:
    if len(questions) > MOST_QUESTIONS:
        yield _("At most %(most)d questions follow the first. Nobody likes a long form.") % {"most": MOST_QUESTIONS}
    for place, question in enumerate(questions, 1):
        if question.kind not in QuestionKind.values:
            yield _("Question %(place)d: choose how it is answered.") % {"place": place}
        if not question.after or not set(question.after) <= set(Enjoyed.values):
            yield _("Question %(place)d: tick at least one answer after which it is asked.") % {"place": place}
        if question.kind == QuestionKind.SCALE and question.highest not in (5, 10):
            yield _("Question %(place)d: a scale goes from 1 to 5 or from 0 to 10.") % {"place": place}
        if len(question.choices) > MOST_CHOICES:
            yield _("Question %(place)d: at most %(most)d answers.") % {"place": place, "most": MOST_CHOICES}


def _kept(texts: Texts) -> dict[str, str]:
    """Return the texts without those that say nothing."""
    return {language: text.strip() for language, text in texts.items() if text.strip()}


def _next_version() -> int:
    newest: int | None = Survey.objects.aggregate(newest=Max("version"))["newest"]
    return (newest or 0) + 1


def _lock() -> None:
    """Keep others from copying, publishing or retiring surveys until the transaction ends."""
    list(Survey.objects.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
