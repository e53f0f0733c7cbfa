"""What was replied to the questions after the first: how often each choice, and each number of a scale.

Only replies to answers that count are looked at, and only where the question follows the answer as it stands now.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from feedback.charts import dots
from feedback.enums import Enjoyed, QuestionKind, SurveyState
from feedback.models import Question, Survey
from feedback.rates import ENOUGH, Rate
from feedback.selectors.insight import BESIDE, Slice, conditions
from feedback.selectors.insight_page import Told, told
from feedback.wording import say
from tiers.previewing import wilson


@dataclass(frozen=True, slots=True)
class Picked:
    """One of the replies that could be given. `key`: of the choice, or the number. `share`: of those who replied."""

    key: int
    name: str
    count: int
    share: Told | None


@dataclass(frozen=True, slots=True)
class Replies:
    """What was replied to one question. `asked`: answers after which it was asked; `said`: those that reply to it.

    `rows` and `chart` are empty for questions that are answered in words.
    """

    question: Question
    text: str
    when: str
    asked: int
    said: int
    rows: list[Picked]
    chart: dots.Chart | None

    @property
    def is_told(self) -> bool:
        """Whether enough replied to say anything of shares."""
        return self.said >= ENOUGH


@dataclass(frozen=True, slots=True)
class OfSurvey:
    """A survey with its questions."""

    survey: Survey
    questions: list[Replies]


# Who asked by an older letter is known by the replies alone: without any, nobody kept which questions were shown.
_COUNT = f"""
    SELECT question.id, coalesce(reply.choice_id, reply.number), reply.id IS NOT NULL, count(*)
    FROM feedback_answer AS answer JOIN feedback_invitation AS invitation ON invitation.id = answer.invitation_id
    {BESIDE}
    JOIN feedback_question AS question ON answer.enjoyed = ANY (question.after) AND question.survey_id = coalesce(
        invitation.survey_id,
        (SELECT asked.survey_id FROM feedback_reply AS given JOIN feedback_question AS asked
                ON asked.id = given.question_id WHERE given.answer_id = answer.id ORDER BY given.id DESC LIMIT 1))
    LEFT JOIN feedback_reply AS reply ON reply.answer_id = answer.id AND reply.question_id = question.id
    WHERE answer.is_counted AND {{holds}} AND (
        reply.id IS NOT NULL
        OR NOT EXISTS (SELECT FROM feedback_questiontouchpoint AS scope WHERE scope.question_id = question.id)
        OR EXISTS (SELECT FROM feedback_questiontouchpoint AS scope
                   WHERE scope.question_id = question.id AND scope.touch_point_id = interaction.touch_point_id))
    GROUP BY 1, 2, 3
"""  # noqa: S608 (the words are ours)


def replies_by_survey(chosen: Slice) -> list[OfSurvey]:
    """Return what was replied about a slice's contacts, the newest survey first (6 queries).

    The surveys are those in force in the slice's days, and those that asked about its contacts later.
    """
    holds, parameters = conditions(chosen)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.replace("{holds}", holds), parameters)
        rows = cursor.fetchall()
    counts: dict[int, dict[int | None, int]] = defaultdict(lambda: defaultdict(int))
    asked: dict[int, int] = defaultdict(int)
    for question_id, key, is_said, count in rows:
        asked[question_id] += count
        if is_said:
            counts[question_id][key] += count
    in_force = Q(published_at__lt=parameters["until"]) & (Q(retired_at=None) | Q(retired_at__gt=parameters["since"]))
    surveys = (
        Survey.objects.filter(in_force | Q(questions__in=list(asked)), ~Q(state=SurveyState.DRAFT))
        .distinct()
        .prefetch_related("questions__choices", "questions__scopes__touch_point")
    )
    found = []
    for survey in surveys:
        ordered = sorted(survey.questions.all(), key=lambda question: question.position)
        some = [_replies(question, asked.get(question.pk, 0), counts.get(question.pk, {})) for question in ordered]
        if some:
            found.append(OfSurvey(survey, some))
    return found


def _replies(question: Question, asked: int, counts: Mapping[int | None, int]) -> Replies:
    said = sum(counts.values())
    rows = [_picked(key, name, counts.get(key, 0), said) for key, name in _names(question)]
    middles = [dots.Dot(row.name, _("too few to say")) for row in rows]
    if said >= ENOUGH:
        middles = [
            dots.Dot(row.name, row.share.percent, row.share.rate.share, row.share.rate.low, row.share.rate.high)
            for row in rows
            if row.share
        ]
    return Replies(
        question, _house(question.text), _when(question), asked, said, rows, dots.draw(middles, None) if rows else None
    )


def _picked(key: int, name: str, count: int, said: int) -> Picked:
    return Picked(key, name, count, told(Rate(count / said, *wilson(count, said), said)) if said else None)


def _names(question: Question) -> list[tuple[int, str]]:
    if question.kind == QuestionKind.CHOICE:
        choices = sorted(question.choices.all(), key=lambda choice: choice.position)
        return [(choice.pk, _house(choice.text)) for choice in choices]
    ends = {0: _house(question.low_label), -1: _house(question.high_label)}
    numbers = list(question.numbers)
    words = {numbers[place]: text for place, text in ends.items() if numbers and text}
    return [(number, f"{number}: {words[number]}" if number in words else str(number)) for number in numbers]


def _when(question: Question) -> str:
    after = [f"“{one.label}”" for one in Enjoyed if one.value in question.after]
    when = _("Asked after %(answers)s") % {"answers": get_text_list(after, _("or"))}
    if places := [scope.touch_point.name for scope in question.scopes.all()]:
        when = _("%(when)s, at %(places)s") % {"when": when, "places": get_text_list(places, _("or"))}
    return when


def _house(texts: Mapping[str, str]) -> str:
    return say(texts, language=settings.LANGUAGE_CODE, house=settings.LANGUAGE_CODE).text
