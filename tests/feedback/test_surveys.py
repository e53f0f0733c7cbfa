"""Surveys: versions that are written, published and never changed; which one asks where."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models.functions import Now

from customers.models import Letter
from feedback.models import Choice, Question, QuestionTouchPoint, Survey, SurveyTouchPoint
from feedback.selectors.surveys import faults_of_survey, questions_after, survey_of, surveys_in_force
from feedback.services.surveys import NewQuestion, copy_survey, publish_survey, retire_survey, write_survey
from feedback.starter import ensure_default_survey
from feedback.wording import Said, missing_in, say
from tests.factories import make_touch_point
from tests.feedback.asking import choice, make_survey, publish, scale, words
from tests.feedback.makers import make_closed, make_invitation
from tests.refusing import refused

pytestmark = pytest.mark.django_db


# --- writing ---


def test_a_draft_says_what_was_written_and_nothing_else() -> None:
    till = make_touch_point("till")
    survey = make_survey(choice("Which?", "A", "B", after=("no",), touch_points=(till.pk,)), scale(highest=10), words())
    one, two, three = survey.questions.order_by("position")
    assert (one.text, one.after, [each.text for each in one.choices.all()]) == (
        {"en": "Which?"},
        ["no"],
        [{"en": "A"}, {"en": "B"}],
    )
    assert list(one.touch_points.all()) == [till]
    assert list(two.numbers) == list(range(11))
    assert three.kind == "text"
    changes: dict[str, Any] = {"is_for_all": True, "touch_points": (), "names_agent": True}
    thanks = {"no": {"en": " Sorry. ", "de": " "}}
    write_survey(survey=survey, name="Other", thanks=thanks, questions=[words("Why?")], **changes)
    survey.refresh_from_db()
    assert (survey.name, survey.names_agent, survey.thanks_no) == ("Other", True, {"en": "Sorry."})
    assert [question.text for question in survey.questions.all()] == [{"en": "Why?"}]


@pytest.mark.parametrize(
    ("questions", "sentence"),
    [
        ([words()] * 5, "At most 4 questions"),
        ([choice("Which?", *"ABCDEFGHI")], "at most 8 answers"),
        ([words(after=())], "tick at least one answer"),
        ([words(after=("maybe",))], "tick at least one answer"),
        ([scale(highest=7)], "from 1 to 5 or from 0 to 10"),
        ([NewQuestion(kind="essay", text={"en": "?"})], "choose how it is answered"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(questions: list[NewQuestion], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        make_survey(*questions)


@pytest.mark.parametrize(
    ("survey", "sentence"),
    [
        (lambda: make_survey(NewQuestion(kind="text", text={"de": "Was?"})), "has no text in English"),
        (lambda: make_survey(choice("Which?", "One")), "two to 8 answers"),
        (
            lambda: make_survey(NewQuestion(kind="choice", text={"en": "?"}, choices=[{"en": "A"}, {"de": "B"}])),
            "an answer without a text",
        ),
        (lambda: make_survey(thanks={"yes": {"fr": "Merci"}}), "thank-you is written, but not in English"),
    ],
)
def test_a_faulty_draft_is_not_published(survey: Callable[[], Survey], sentence: str) -> None:
    draft = survey()
    with pytest.raises(ValidationError, match=sentence):
        publish_survey(survey=draft, by=None)
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_draft_for_no_touch_point_is_not_published() -> None:
    draft = make_survey(words())
    Survey.objects.filter(pk=draft.pk).update(is_for_all=False)
    draft.refresh_from_db()
    assert "Choose the touch points" in faults_of_survey(draft)[0]


# --- publishing ---


def test_publishing_retires_the_one_before_and_once_is_enough() -> None:
    first = surveys_in_force().for_all
    assert first
    second = publish(words())
    first.refresh_from_db()
    assert (first.state, second.state) == ("retired", "published")
    assert surveys_in_force().for_all == second
    for deed in (lambda: publish_survey(survey=second, by=None), lambda: _rewrite(second)):
        with pytest.raises(ValidationError, match="published already"):
            deed()


def _rewrite(survey: Survey) -> Survey:
    return write_survey(
        survey=survey, name="x", is_for_all=True, touch_points=(), names_agent=False, thanks={}, questions=()
    )


def test_a_touch_point_may_have_a_survey_of_its_own() -> None:
    till, door, rest = make_touch_point("till"), make_touch_point("door"), make_touch_point("rest")
    own = publish(words(), at=(till, door))
    assert surveys_in_force().at(till.pk) == own
    assert surveys_in_force().at(rest.pk) == surveys_in_force().for_all != own
    # One for the till alone would leave the door without.
    with pytest.raises(ValidationError, match="also at Door"):
        publish(words(), at=(till,))
    wider = publish(words(), at=(till, door, rest))
    own.refresh_from_db()
    assert own.state == "retired"
    assert {surveys_in_force().at(one.pk) for one in (till, door, rest)} == {wider}
    assert retire_survey(survey=wider)
    assert not retire_survey(survey=wider)
    assert surveys_in_force().at(till.pk) == surveys_in_force().for_all


def test_the_survey_for_all_and_a_draft_are_not_retired() -> None:
    for survey in (publish(words()), make_survey()):
        with pytest.raises(ValidationError):
            retire_survey(survey=survey)


def test_an_old_version_is_used_again_as_a_draft() -> None:
    till = make_touch_point("till")
    old = publish(choice(touch_points=(till.pk,)), scale(after=("no",)), thanks={"no": {"en": "Sorry"}}, at=(till,))
    retire_survey(survey=old)
    draft = copy_survey(survey=old)
    assert (draft.state, draft.version, draft.name) == ("draft", old.version + 1, old.name)
    assert (draft.is_for_all, list(draft.touch_points.all()), draft.thanks_no) == (False, [till], {"en": "Sorry"})
    assert [(q.kind, q.after, q.highest) for q in draft.questions.all()] == [
        (q.kind, q.after, q.highest) for q in old.questions.all()
    ]
    assert list(draft.questions.all()[0].touch_points.all()) == [till]
    assert publish_survey(survey=draft, by=None).state == "published"


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_leave_one_published() -> None:
    drafts = [make_survey(words()) for _ in range(2)]
    gate = threading.Barrier(2)

    def work(draft: Survey) -> None:
        try:
            gate.wait()
            publish_survey(survey=draft, by=None)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(draft,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Survey.objects.filter(pk__in=[draft.pk for draft in drafts]).values_list("state", flat=True)) == [
        "published",
        "retired",
    ]


# --- what the database refuses ---


def _of_published() -> tuple[Survey, Question]:
    survey = publish(choice(touch_points=(make_touch_point("till").pk,)), at=(make_touch_point("till"),))
    return survey, survey.questions.get()


def _draft_question(**more: Any) -> Question:
    fields = {"survey": make_survey(), "position": 1, "kind": "text", "text": {"en": "?"}} | more
    return Question.objects.create(**fields)


CASES: dict[str, list[Callable[[], object]]] = {
    "survey_published_is_fixed": [
        lambda: Survey.objects.filter(pk=_of_published()[0].pk).update(name="x"),
        lambda: Survey.objects.filter(pk=_of_published()[0].pk).update(thanks_no={"en": "x"}),
        lambda: Survey.objects.filter(pk=_of_published()[0].pk).update(state="draft", published_at=None),
        lambda: Survey.objects.filter(pk=publish(words()).pk)._raw_delete("default"),
    ],
    "question_of_published_is_fixed": [
        lambda: Question.objects.filter(pk=_of_published()[1].pk).update(text={"en": "x"}),
        lambda: Question.objects.create(survey=_of_published()[0], position=2, kind="text", text={"en": "?"}),
        lambda: _draft_question(position=2).survey.questions.update(survey=_of_published()[0]),
    ],
    "choice_of_published_is_fixed": [
        lambda: _of_published()[1].choices.update(text={"en": "x"}),
        lambda: _of_published()[1].choices.filter(position=2).delete(),
        lambda: Choice.objects.create(question=_of_published()[1], position=3, text={"en": "x"}),
    ],
    "questiontouchpoint_of_published_is_fixed": [
        lambda: _of_published()[1].scopes.all().delete(),
        lambda: QuestionTouchPoint.objects.create(question=_of_published()[1], touch_point=make_touch_point("door")),
    ],
    "surveytouchpoint_follows_survey": [
        lambda: _of_published()[0].scopes.all().delete(),
        lambda: SurveyTouchPoint.objects.create(survey=_of_published()[0], touch_point=make_touch_point("door")),
        lambda: _of_published()[0].scopes.update(touch_point=make_touch_point("door")),
    ],
    "survey_one_published_for_all": [
        lambda: Survey.objects.filter(pk=make_survey().pk).update(state="published", published_at=Now())
    ],
    "surveytouchpoint_one_published": [
        lambda: (
            _of_published(),
            Survey.objects.filter(pk=make_survey(at=(make_touch_point("till"),)).pk).update(
                state="published", published_at=Now()
            ),
        )
    ],
    "survey_times_fit_state": [lambda: Survey.objects.filter(pk=make_survey().pk).update(published_at=Now())],
    "feedback_survey_version_key": [lambda: Survey.objects.create(version=make_survey().version, name="x")],
    "surveytouchpoint_once": [
        lambda: [SurveyTouchPoint.objects.create(survey=s, touch_point=make_touch_point()) for s in [make_survey()] * 2]
    ],
    "question_place_once": [
        lambda: [Question.objects.create(survey=one, position=1, kind="text") for one in [make_survey()] * 2]
    ],
    "question_four_at_most": [lambda: _draft_question(position=5), lambda: _draft_question(position=0)],
    "question_after_known": [lambda: _draft_question(after=[]), lambda: _draft_question(after=["maybe"])],
    "question_scale_has_an_end": [
        lambda: _draft_question(kind="scale"),
        lambda: _draft_question(kind="scale", highest=7),
        lambda: _draft_question(highest=5),
        lambda: _draft_question(kind="essay"),
    ],
    "questiontouchpoint_once": [
        lambda: [
            QuestionTouchPoint.objects.create(question=q, touch_point=make_touch_point())
            for q in [_draft_question()] * 2
        ]
    ],
    "choice_place_once": [lambda: [Choice.objects.create(question=q, position=1) for q in [_draft_question()] * 2]],
    "choice_eight_at_most": [lambda: Choice.objects.create(question=_draft_question(), position=9)],
}


@pytest.mark.parametrize(
    ("name", "act"),
    [
        pytest.param(name, act, id=f"{name}-{number}")
        for name, acts in CASES.items()
        for number, act in enumerate(acts, 1)
    ],
)
def test_the_database_refuses(name: str, act: Callable[[], object]) -> None:
    with refused(name):
        act()


def test_every_named_constraint_is_tried_here() -> None:
    models = (Survey, SurveyTouchPoint, Question, QuestionTouchPoint, Choice)
    named = {constraint.name for model in models for constraint in model._meta.constraints}
    assert named <= set(CASES)


def test_that_a_touch_point_is_taken_cannot_be_denied() -> None:
    survey, _question = _of_published()
    survey.scopes.update(is_published=False)
    assert survey.scopes.get().is_published


# --- which one asks ---


def test_the_invitation_keeps_the_version_that_it_asks_with() -> None:
    till = make_touch_point("till")
    own = publish(words(), at=(till,), names_agent=True)
    invitation = make_invitation(make_closed(touch_point=till))
    assert invitation.survey == own
    publish(words(), at=(till,))
    invitation.refresh_from_db()
    assert survey_of(invitation) == own
    refused = make_closed(make_closed(touch_point=till).customer, touch_point=till)
    assert not Letter.objects.filter(subject_key=str(refused.pk)).exists()


def test_an_invitation_from_before_surveys_asks_with_the_one_in_force() -> None:
    invitation = make_invitation()
    type(invitation).objects.update(survey=None)
    invitation.refresh_from_db()
    assert survey_of(invitation) == surveys_in_force().for_all


@pytest.mark.parametrize("many", [1, 3])
def test_questions_follow_the_answer_and_the_touch_point(many: int, django_assert_num_queries: Any) -> None:
    till = make_touch_point("till")
    here = choice("Here?", after=("no",), touch_points=(till.pk,))
    survey = publish(*[choice(after=("no", "partly"))] * many, here)
    # questions, choices, touch points
    with django_assert_num_queries(3):
        asked = questions_after(survey=survey, enjoyed="no", touch_point_id=till.pk)
    assert len(asked) == many + 1
    assert len(questions_after(survey=survey, enjoyed="no", touch_point_id=0)) == many
    assert not questions_after(survey=survey, enjoyed="yes", touch_point_id=till.pk)


# --- languages ---


def test_a_new_house_begins_with_a_survey_in_every_language() -> None:
    survey = surveys_in_force().for_all
    assert survey
    codes = [code for code, _name in settings.LANGUAGES]
    texts = [question.text for question in survey.questions.all()]
    texts += [one.text for one in Choice.objects.filter(question__survey=survey)]
    texts += [label for one in survey.questions.all() for label in (one.low_label, one.high_label)]
    assert len(texts) == 3 + 11 + 6
    assert [missing_in(text, codes) for text in texts] == [[]] * len(texts)
    assert {len(set(text.values())) for text in texts if text} == {6}, "none is the English one"
    assert not ensure_default_survey()


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"en": "Yes", "de": "Ja"}, Said("Ja", "de")),
        ({"en": " Yes ", "de": " "}, Said("Yes", "en")),
        ({"fr": "Oui"}, Said("Oui", "fr")),
        ({}, Said("", "")),
    ],
)
def test_a_text_falls_back_and_says_so(texts: dict[str, str], said: Said) -> None:
    assert say(texts, language="de", house="en") == said
