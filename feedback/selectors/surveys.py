"""What is asked where, and what was said to it."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from feedback.enums import QuestionKind, SurveyState
from feedback.models import Answer, Invitation, Question, Reply, Survey, SurveyTouchPoint
from feedback.models.survey import MOST_CHOICES


@dataclass(frozen=True, slots=True)
class InForce:
    """The published surveys: the one for all touch points, and those of single ones by the touch point's key."""

    for_all: Survey | None
    of_their_own: dict[int, Survey]

    def at(self, touch_point_id: int) -> Survey | None:
        """Return the survey that asks about contacts at a touch point."""
        return self.of_their_own.get(touch_point_id, self.for_all)


def surveys_in_force() -> InForce:
    """Return the published surveys, in two queries."""
    own = SurveyTouchPoint.objects.filter(is_published=True).select_related("survey")
    return InForce(
        for_all=Survey.objects.filter(state=SurveyState.PUBLISHED, is_for_all=True).first(),
        of_their_own={scope.touch_point_id: scope.survey for scope in own},
    )


def survey_of(invitation: Invitation) -> Survey | None:
    """Return the version that an invitation asks with; of one from before surveys, the version in force."""
    if invitation.survey_id is not None:
        return invitation.survey
    return surveys_in_force().at(invitation.interaction.touch_point_id)


def questions_after(*, survey: Survey, enjoyed: str, touch_point_id: int) -> list[Question]:
    """Return the follow-ups to an answer at a touch point, with their choices, in three queries."""
    found = survey.questions.filter(after__contains=[enjoyed]).prefetch_related("choices", "scopes")
    return [
        question
        for question in found.order_by("position")
        if touch_point_id in ({scope.touch_point_id for scope in question.scopes.all()} or {touch_point_id})
    ]


def replies_to(answer: Answer) -> dict[int, Reply]:
    """Return what was replied, by the question's key."""
    return {reply.question_id: reply for reply in Reply.objects.filter(answer=answer)}


def faults_of_survey(survey: Survey) -> list[str]:
    """Return what keeps a draft from being published, a sentence each."""
    house = settings.LANGUAGE_CODE
    faults = []
    if not survey.is_for_all and not survey.scopes.exists():
        faults.append(_("Choose the touch points it is for, or let it be for all of them."))
    for question in survey.questions.order_by("position").prefetch_related("choices"):
        place = {"place": question.position, "language": dict(settings.LANGUAGES).get(house, house)}
        if not question.text.get(house, "").strip():
            faults.append(_("Question %(place)d has no text in %(language)s.") % place)
        if question.kind != QuestionKind.CHOICE:
            continue
        choices = list(question.choices.all())
        if not 2 <= len(choices) <= MOST_CHOICES:
            faults.append(
                _("Question %(place)d needs two to %(most)d answers to choose from.") % {**place, "most": MOST_CHOICES}
            )
        if any(not choice.text.get(house, "").strip() for choice in choices):
            faults.append(_("Question %(place)d has an answer without a text in %(language)s.") % place)
    for label in ("yes", "partly", "no"):
        texts = survey.thanks(label)
        if any(text.strip() for text in texts.values()) and not texts.get(house, "").strip():
            faults.append(
                _("A thank-you is written, but not in %(language)s.")
                % {"language": dict(settings.LANGUAGES).get(house, house)}
            )
    return faults
