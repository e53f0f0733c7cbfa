"""What was replied to the questions after the first, as a page and as a file."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from feedback.models import Answer, Invitation, Question, Reply, Survey
from feedback.selectors.insight import Slice
from feedback.selectors.insight_replies import Replies, replies_by_survey
from feedback.services.surveys import retire_survey
from portal.roles import Role
from tests.factories import make_touch_point, signed_in
from tests.feedback.asking import choice, publish, scale, words
from tests.feedback.heard import hear, times

pytestmark = pytest.mark.django_db


def lately() -> Slice:
    today = timezone.localdate()
    return Slice(since=today - timedelta(days=30), until=today)


def ask(survey: Survey, *said: str | None, **fields: Any) -> list[Answer]:
    """Answers to letters that asked with a survey."""
    answers = hear(*said, **fields)
    Invitation.objects.filter(answers__in=answers).update(survey=survey)
    return answers


def reply(answers: list[Answer], question: Question, *values: int | str) -> None:
    """Reply with choices by their place, numbers or words, one for each answer."""
    for answer, value in zip(answers, values, strict=False):
        fields: dict[str, Any] = {"number": value}
        if question.kind == "choice":
            fields = {"choice": question.choices.get(position=value)}
        elif question.kind == "text":
            fields = {"text": value}
        Reply.objects.create(answer=answer, question=question, **fields)


def told() -> list[Replies]:
    """What is told of the newest survey; a house begins with one."""
    return replies_by_survey(lately())[0].questions


def test_choices_and_numbers_are_counted_with_whoever_was_asked() -> None:
    survey = publish(choice("Why?", after=["no"]), scale("How much?"), words("What else?"))
    why, much, else_ = survey.questions.order_by("position")
    sad = ask(survey, *times(no=25))
    ask(survey, *times(yes=10))
    reply(sad, why, *[1] * 15, *[2] * 5)
    reply(sad, much, 1, 5, 5)
    reply(sad, else_, "It rained")
    first, second, third = told()
    assert (first.asked, first.said, [row.count for row in first.rows]) == (25, 20, [15, 5])
    assert first.rows[0].share
    assert first.rows[0].share.interval == "53.1 to 88.8 %"
    assert (second.asked, second.said, second.is_told) == (35, 3, False)
    assert [(row.name, row.count) for row in second.rows] == [("1", 1), ("2", 0), ("3", 0), ("4", 0), ("5", 2)]
    assert (third.asked, third.said, third.rows) == (35, 1, [])


def test_only_replies_that_still_follow_a_counted_answer_count() -> None:
    survey = publish(choice(after=["no"]))
    question = survey.questions.get()
    changed = ask(survey, "no")
    reply(changed, question, 1)
    Answer.objects.update(enjoyed="yes")
    reply(ask(survey, "no", doubts=("too_soon",)), question, 1)
    reply(ask(survey, "no", at=timezone.now() - timedelta(days=60)), question, 1)
    (one,) = told()
    assert (one.asked, one.said) == (0, 0)
    # Of letters from before surveys were kept it is known by the reply what was asked.
    reply(hear("no"), question, 2)
    (one,) = told()
    assert (one.asked, one.said, [row.count for row in one.rows]) == (1, 1, [0, 1])


def test_a_question_is_asked_where_it_belongs_and_surveys_while_they_are_in_force() -> None:
    shop = make_touch_point("till")
    survey = publish(scale(touch_points=(shop.pk,)), at=(shop, make_touch_point("phone-desk")))
    ask(survey, "yes", place="till")
    ask(survey, "yes", place="phone-desk")
    (one,) = told()
    assert (one.asked, one.when) == (1, "Asked after “Yes, I did”, “In part” or “No, I did not”, at Till")
    retire_survey(survey=survey)
    assert len(told()) == 1
    assert replies_by_survey(Slice(since=lately().since - timedelta(days=90), until=lately().since)) == []


@pytest.mark.parametrize("many", [1, 3])
def test_twelve_queries_for_the_replies(django_assert_num_queries: DjangoAssertNumQueries, many: int) -> None:
    shop = make_touch_point("till")
    survey = publish(*[choice("Which?", touch_points=(shop.pk,))] * many)
    for question in survey.questions.all():
        reply(ask(survey, "yes", place="till"), question, 1)
    client = signed_in()
    # Session, colleague, names of colleagues, tiers, touch points, segments; the count, surveys, questions, choices,
    # where the questions are asked, and what it is called there.
    with django_assert_num_queries(12):
        html = client.get(reverse("insight_replies")).content.decode()
    assert html.count("Which?</h3>") == many


def test_a_row_leads_to_the_answers_behind_it_and_they_show_what_else_was_said() -> None:
    survey = publish(choice("Why?", "Rain", "Wind"), words("What else?"))
    why, else_ = survey.questions.order_by("position")
    one, other = ask(survey, "yes", comment="About rain"), ask(survey, "no", comment="About wind")
    reply(one, why, 1)
    reply(other, why, 2)
    reply(other, else_, "=<b>Storm</b>")
    client = signed_in(Role.LEAD)
    html = client.get(reverse("insight_replies")).content.decode()
    assert "2 of 2 who were asked replied" in html
    assert "too few to say" in html
    link = html.split(">Wind<")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    page = client.get(link).content.decode()
    assert "About wind" in page
    assert "=&lt;b&gt;Storm" in page
    assert "About rain" not in page
    assert client.get(reverse("insight_answers"), {"question": "x"}).status_code == 400


def test_where_nobody_was_asked_the_page_says_so() -> None:
    survey = publish(choice("Why?", after=["no"]), words("What else?"))
    ask(survey, "yes")
    html = signed_in(Role.LEAD).get(reverse("insight_replies")).content.decode()
    assert "Nobody has been asked this yet." in html
    assert "0 of 0" not in html
    assert "0 of 1 who were asked replied." in html


def test_the_file_of_replies_says_what_the_page_says() -> None:
    survey = publish(choice("=Why?", "Rain", "Wind"), words("What else?"))
    why = survey.questions.get(position=1)
    reply(ask(survey, *times(no=40)), why, *[1] * 30, *[2] * 10)
    response = signed_in(Role.ANALYST).get(reverse("insight_replies_file"))
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    head, rain, wind, *_more = csv.reader(io.StringIO(text, newline=""))
    told = dict(zip(head, rain, strict=True))
    assert (told["Question"], told["Asked"], told["Replied"]) == ("'=Why?", "40", "40")
    assert (told["Reply"], told["How often"], told["Share"], told["Share, low"]) == ("Rain", "30", "0.7500", "0.5981")
    assert wind[6] == "10"
