"""The follow-ups: what the page asks after an answer, what is kept of it, and what is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, connection, transaction
from django.db.models.functions import Now
from django.test import Client

from feedback.models import Answer, Invitation, Question, Reply, Survey
from feedback.services.answers import record_answer
from feedback.services.replies import record_replies
from tests.factories import make_touch_point, make_user
from tests.feedback.asking import choice, publish, scale, words
from tests.feedback.makers import make_closed, make_invitation, make_link
from tests.feedback.pressing import at
from tests.refusing import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    """A choice after no, a scale after no and in part, words after all, and one question at the till alone."""
    return publish(
        choice("Which?", "One", "Two", after=("no",)),
        scale("How much?", after=("no", "partly")),
        words("What else?"),
        words("At the till?", touch_points=(make_touch_point("till").pk,)),
        thanks={"no": {"en": "We are truly sorry.", "de": "Es tut uns wirklich leid."}},
    )


def answered(client: Client, enjoyed: str = "no") -> str:
    _link, token = make_link()
    client.get(at(token))
    assert client.post(at(token), {"enjoyed": enjoyed, "confirm": "yes"}).status_code == 303
    return token


def q(survey: Survey, place: int) -> Question:
    return survey.questions.get(position=place)


def said() -> list[tuple[int, int | None, int | None, str]]:
    return list(
        Reply.objects.order_by("question__position").values_list(
            "question__position", "choice__position", "number", "text"
        )
    )


# --- the page ---


def test_the_page_asks_what_follows_the_answer(client: Client, survey: Survey) -> None:
    page = client.get(at(answered(client))).content.decode()
    assert all(text in page for text in ("Which?", "How much?", "What else?"))
    assert "At the till?" not in page
    assert "We are truly sorry." in page
    assert page.count('type="radio" name="q') == 2 + 5
    assert " required" not in page.split("<details")[0]
    page = client.get(at(answered(client, "yes"))).content.decode()
    assert "What else?" in page
    assert "Which?" not in page
    assert "We are glad." in page


def test_the_touch_point_decides_too(client: Client, survey: Survey) -> None:
    invitation = make_invitation(make_closed(touch_point=make_touch_point("till")))
    _link, token = make_link(invitation)
    client.get(at(token))
    client.post(at(token), {"enjoyed": "no", "confirm": "yes"})
    assert "At the till?" in client.get(at(token)).content.decode()


def test_the_page_knows_how_many_queries_it_takes(client: Client, django_assert_num_queries: Any) -> None:
    for many in (1, 3):
        publish(*[choice("Which?", "A", "B")] * many)
        token = answered(client)
        # the link with all that belongs to it, the visit, the answer, questions, choices, touch points, replies
        with django_assert_num_queries(7):
            client.get(at(token))


def test_one_short_form_is_kept_whole(client: Client, survey: Survey) -> None:
    token = answered(client)
    which = q(survey, 1)
    two = which.choices.get(position=2)
    form = {
        f"q{which.pk}": str(two.pk),
        f"q{q(survey, 2).pk}": "4",
        f"q{q(survey, 3).pk}": " <b>Much</b> ",
        "comment": "Slow parcel",
    }
    for _ in range(2):
        assert client.post(at(token), form)["Location"] == at(token, "?then=words")
    assert said() == [(1, 2, None, ""), (2, None, 4, ""), (3, None, None, "<b>Much</b>")]
    assert Answer.objects.get().comment == "Slow parcel"
    page = client.get(at(token)).content.decode()
    assert f'value="{two.pk}" checked' in page
    assert 'value="4" checked' in page
    assert "&lt;b&gt;Much&lt;/b&gt;" in page
    assert Reply.objects.count() == 3


def test_everything_is_optional_and_can_be_changed_for_a_day(client: Client, survey: Survey) -> None:
    token = answered(client)
    scale_name, words_name = (f"q{q(survey, place).pk}" for place in (2, 3))
    assert client.post(at(token), {"comment": ""}).status_code == 303
    assert said() == []
    client.post(at(token), {"comment": "", scale_name: "4", words_name: "Much"})
    client.post(at(token), {"comment": "", scale_name: "5", words_name: ""})
    assert said() == [(2, None, 5, "")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pgh_label, number, text FROM feedback_replyevent ORDER BY pgh_id")
        history = set(cursor.fetchall())
    assert history == {("insert", 4, ""), ("insert", None, "Much"), ("update", 5, ""), ("delete", None, "Much")}
    Answer.objects.update(answered_at=Now() - timedelta(hours=24, seconds=1))
    response = client.post(at(token), {"comment": "", scale_name: "1"})
    assert response.status_code == 422
    assert "your answer stays as it is" in response.content.decode()
    # The same once more is no change, and no error.
    assert client.post(at(token), {"comment": "", scale_name: "5"}).status_code == 303
    assert said() == [(2, None, 5, "")]


def test_an_empty_field_of_another_window_takes_nothing_back(client: Client, survey: Survey) -> None:
    token = answered(client)
    scale_name, words_name = (f"q{q(survey, place).pk}" for place in (2, 3))
    page = client.get(at(token)).content.decode()
    assert f'name="blank" value="{words_name}"' in page
    client.post(at(token), {"comment": "", words_name: "Much"})
    assert f'name="blank" value="{words_name}"' not in client.get(at(token)).content.decode()
    client.post(at(token), {"comment": "", scale_name: "4", words_name: "", "blank": ["comment", words_name]})
    assert said() == [(2, None, 4, ""), (3, None, None, "Much")]


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (1, "0", "Please choose one of the answers."),
        (1, "One", "Please choose one of the answers."),
        (2, "0", "Please choose one of the answers."),
        (2, "6", "Please choose one of the answers."),
        (2, "3.5", "Please choose one of the answers."),
        (2, "\u0663", "Please choose one of the answers."),
        (3, "x" * 1001, "at most 1000 characters"),
        (3, "a\x00b", "Null characters are not allowed"),
        (4, "x", "The questions have changed with your answer."),
    ],
)
def test_what_does_not_fit_is_refused_whole(
    client: Client, survey: Survey, place: int, value: str, sentence: str
) -> None:
    token = answered(client)
    form = {"comment": "Kept on the page", f"q{q(survey, place).pk}": value}
    response = client.post(at(token), form)
    assert response.status_code == 422
    page = response.content.decode()
    assert sentence in page
    assert 'role="alert"' in page
    assert "Kept on the page" in page
    assert said() == []
    assert Answer.objects.get().comment == ""


def test_questions_of_another_branch_or_survey_are_refused(client: Client, survey: Survey) -> None:
    token = answered(client, "yes")
    other = publish(words("Elsewhere?")).questions.get()
    for pk in (q(survey, 1).pk, other.pk, 999_999):
        response = client.post(at(token), {"comment": "", f"q{pk}": "1"})
        assert response.status_code == 422
        assert "The questions have changed" in response.content.decode()
    assert said() == []


def test_replies_want_an_answer_that_counts(client: Client, survey: Survey) -> None:
    _link, token = make_link()
    response = client.post(at(token), {"comment": "", f"q{q(survey, 3).pk}": "x"})
    assert response.status_code == 422
    with pytest.raises(ValidationError, match="choose an answer first"):
        record_replies(invitation=Invitation.objects.get(), given={q(survey, 3).pk: "x"})


@pytest.mark.parametrize(("place", "value"), [(1, -1), (1, "1"), (2, 9), (2, "3"), (3, 1)])
def test_the_service_refuses_what_no_form_would_send(survey: Survey, place: int, value: int | str) -> None:
    link, _token = make_link()
    record_answer(link=link, enjoyed="no")
    with pytest.raises(ValidationError):
        record_replies(invitation=link.invitation, given={q(survey, place).pk: value})
    assert said() == []


def test_a_changed_answer_asks_other_questions_and_loses_no_reply(client: Client, survey: Survey) -> None:
    token = answered(client)
    client.post(at(token), {"comment": "", f"q{q(survey, 2).pk}": "4"})
    client.post(at(token), {"enjoyed": "yes", "confirm": "yes"})
    assert "How much?" not in client.get(at(token)).content.decode()
    assert said() == [(2, None, 4, "")]


def test_an_older_invitation_keeps_the_survey_that_was_answered(client: Client, survey: Survey) -> None:
    token = answered(client)
    Invitation.objects.update(survey=None)
    client.post(at(token), {"comment": "", f"q{q(survey, 2).pk}": "4"})
    assert Invitation.objects.get().survey == survey
    publish(words("Later?"))
    assert "How much?" in client.get(at(token)).content.decode()


def test_the_colleague_is_named_only_where_the_survey_says_so(client: Client) -> None:
    for named in (True, False):
        publish(names_agent=named)
        agent = make_user(display_name="Agent <1>")
        invitation = make_invitation(make_closed(agent=agent))
        assert invitation.letter
        _link, token = make_link(invitation)
        page = client.get(at(token)).content.decode()
        assert ("Agent &lt;1&gt;" in page) is named
        assert ("Agent <1>" in page) is False
        assert ("Agent <1>" in invitation.letter.text) is named


# --- languages ---


def test_a_text_that_is_not_translated_is_marked_as_what_it_is(client: Client, survey: Survey) -> None:
    token = answered(client)
    page = client.get(at(token, "?lang=ar")).content.decode()
    assert '<legend lang="en" dir="ltr">Which?</legend>' in page
    assert '<p lang="en" dir="ltr">We are truly sorry.</p>' in page
    page = client.get(at(token, "?lang=de")).content.decode()
    assert "<p>Es tut uns wirklich leid.</p>" in page


# --- what the database refuses ---


@pytest.fixture
def answer(survey: Survey) -> Answer:
    return record_answer(link=make_link()[0], enjoyed="no")[0]


CASES: dict[str, list[Callable[[Answer, Survey], object]]] = {
    "reply_once": [lambda a, s: [Reply.objects.create(answer=a, question=q(s, 2), number=3) for _ in range(2)]],
    "reply_says_one_thing": [
        lambda a, s: Reply.objects.create(answer=a, question=q(s, 2), number=3, text="x"),
        lambda a, s: Reply.objects.create(answer=a, question=q(s, 3), number=3, text="x"),
    ],
    "reply_fits_question": [
        lambda a, s: Reply.objects.create(answer=a, question=q(s, 2)),
        lambda a, s: Reply.objects.create(answer=a, question=q(s, 2), number=6),
        lambda a, s: Reply.objects.create(answer=a, question=q(s, 1), number=1),
        lambda a, s: Reply.objects.create(answer=a, question=q(s, 1), text="One"),
        lambda a, s: Reply.objects.create(answer=a, question=q(s, 3), number=1),
        lambda a, s: Reply.objects.create(
            answer=a, question=q(s, 1), choice=publish(choice()).questions.get().choices.all()[0]
        ),
        lambda a, s: (
            Reply.objects.create(answer=a, question=q(s, 2), number=3),
            Reply.objects.update(question=q(s, 3)),
        ),
    ],
}


@pytest.mark.parametrize(
    ("name", "act"),
    [
        pytest.param(name, act, id=f"{name}-{number}")
        for name, acts in CASES.items()
        for number, act in enumerate(acts, 1)
    ],
)
def test_the_database_refuses(
    answer: Answer, survey: Survey, name: str, act: Callable[[Answer, Survey], object]
) -> None:
    with refused(name):
        act(answer, survey)


def test_every_named_constraint_is_tried_here() -> None:
    assert {constraint.name for constraint in Reply._meta.constraints} <= set(CASES)


def test_the_record_of_replies_cannot_be_rewritten(answer: Answer, survey: Survey) -> None:
    Reply.objects.create(answer=answer, question=q(survey, 2), number=3)
    for statement in ("DELETE FROM feedback_replyevent", "UPDATE feedback_replyevent SET number = 1"):
        refused = pytest.raises(ProgrammingError, match="Cannot update or delete")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
