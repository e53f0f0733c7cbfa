"""Surveys in the admin: a form that becomes questions, buttons, and the page as customers get it."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from feedback.models import Answer, Invitation, Reply, Survey, Visit
from feedback.services.answers import record_answer
from feedback.services.replies import record_replies
from portal.roles import Role
from tests.factories import make_touch_point, signed_in
from tests.feedback.asking import choice, make_survey, publish, scale, words
from tests.feedback.makers import make_link

pytestmark = pytest.mark.django_db

ADD = "/admin/feedback/survey/add/"


def change(survey: Survey) -> str:
    return reverse("admin:feedback_survey_change", args=[survey.pk])


def look(survey: Survey, query: str = "") -> str:
    return reverse("admin:feedback_survey_page", args=[survey.pk]) + query


def form(**more: Any) -> dict[str, Any]:
    return {
        "name": "Autumn",
        "is_for_all": "yes",
        "1-kind": "choice",
        "1-after": ["no", "partly"],
        "1-text-en": "What was wrong?",
        "1-text-de": "Was war falsch?",
        "1-choices-en": "The wait\r\nThe words\r\n",
        "1-choices-de": "Das Warten\nDie Worte",
        "3-kind": "scale",
        "3-after": ["no"],
        "3-highest": "10",
        "3-text-en": "How much?",
        "3-low-en": "little",
        "thanks-no-en": "We are sorry.",
    } | more


def test_what_a_manager_writes_becomes_a_draft_and_is_there_again() -> None:
    client = signed_in()
    till = make_touch_point("till")
    at = {"1-at": [str(till.pk)], "is_for_all": "no", "touch_points": [str(till.pk)], "names_agent": "on"}
    assert client.post(ADD, form(**at)).status_code == 302
    survey = Survey.objects.get(name="Autumn")
    assert (survey.state, survey.is_for_all, survey.names_agent) == ("draft", False, True)
    assert (list(survey.touch_points.all()), survey.thanks_no) == ([till], {"en": "We are sorry."})
    one, two = survey.questions.order_by("position")
    assert (one.text, one.after) == ({"en": "What was wrong?", "de": "Was war falsch?"}, ["no", "partly"])
    assert [each.text for each in one.choices.all()] == [
        {"en": "The wait", "de": "Das Warten"},
        {"en": "The words", "de": "Die Worte"},
    ]
    assert list(one.touch_points.all()) == [till]
    assert (two.position, two.kind, two.highest, two.low_label) == (2, "scale", 10, {"en": "little"})
    page = client.get(change(survey)).content.decode()
    assert "The wait\nThe words</textarea>" in page
    assert "Das Warten\nDie Worte</textarea>" in page
    assert "Something is not written in" in page
    # What the page shows, sent as it is, changes nothing.
    sent = client.get(change(survey)).context["form"].initial
    before = [(q.kind, q.text, q.after, q.highest) for q in survey.questions.all()]
    assert client.post(change(survey), sent).status_code == 302
    assert [(q.kind, q.text, q.after, q.highest) for q in survey.questions.all()] == before


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"1-kind": ""}, "Choose how it is answered, or empty the question."),
        ({"1-after": []}, "Tick at least one answer"),
        ({"1-choices-de": "Das Warten"}, "1 lines here and 2 in the house’s language"),
        ({"1-choices-en": "\n".join("ABCDEFGHI"), "1-choices-de": ""}, "at most 8 answers"),
        ({"1-kind": "essay"}, "Select a valid choice"),
        ({"touch_points": ["999999"]}, "Select a valid choice"),
        ({"3-highest": "7"}, "Select a valid choice"),
    ],
)
def test_what_is_to_be_mended_is_marked_and_nothing_is_lost(more: dict[str, Any], sentence: str) -> None:
    response = signed_in().post(ADD, form(**more))
    assert response.status_code == 200
    page = response.content.decode()
    assert sentence in page
    assert "What was wrong?" in page
    assert not Survey.objects.filter(name="Autumn").exists()


def test_publish_use_again_and_retire() -> None:
    client = signed_in()
    client.post(ADD, form(_publish="1"))
    first = Survey.objects.get(name="Autumn")
    assert first.state == "published"
    assert first.published_by
    page = client.get(change(first)).content.decode()
    assert "It asks now, and stays as it is" in page
    assert 'name="name"' not in page
    assert "After “In part” or “No, I did not”. One of several answers:" in page
    assert client.post(change(first), form()).status_code == 403
    published = publish(words())
    assert "Use this again" in client.get(change(first)).content.decode()
    client.post(change(first), {"_copy": "1"})
    draft = Survey.objects.order_by("-version")[0]
    assert (draft.state, draft.version, draft.questions.count()) == ("draft", published.version + 1, 2)
    own = publish(words(), at=(make_touch_point("till"),))
    client.post(change(own), {"_retire": "1"})
    own.refresh_from_db()
    assert own.state == "retired"
    refused = client.post(change(published), {"_retire": "1"}, follow=True)
    assert "retires when another one takes its place" in str([str(one) for one in get_messages(refused.wsgi_request)])


def test_a_faulty_draft_says_what_is_missing() -> None:
    client = signed_in()
    response = client.post(ADD, form(**{"1-choices-en": "One", "1-choices-de": ""}, _publish="1"), follow=True)
    page = response.content.decode()
    assert "Question 1 needs two to 8 answers to choose from." in page
    assert "Before it can be published" in page
    assert Survey.objects.get(name="Autumn").state == "draft"


@pytest.mark.parametrize("deed", ["_copy", "_retire", "_publish"])
def test_an_analyst_cannot_press(deed: str) -> None:
    survey = make_survey(words())
    count = Survey.objects.count()
    assert signed_in(Role.ANALYST).post(change(survey), {deed: "1"}).status_code == 403
    survey.refresh_from_db()
    assert (survey.state, Survey.objects.count()) == ("draft", count)


def test_drafts_can_be_deleted_and_what_asked_cannot() -> None:
    client = signed_in()
    draft, published = make_survey(choice(), scale()), publish(words())
    for survey, status in ((draft, 302), (published, 403)):
        page = reverse("admin:feedback_survey_delete", args=[survey.pk])
        assert client.post(page, {"post": "yes"}).status_code == status
    assert not Survey.objects.filter(pk=draft.pk).exists()


# --- the page as customers get it ---


@pytest.mark.parametrize(
    ("role", "status"), [(Role.AGENT, 403), (Role.ANALYST, 200), (Role.MANAGER, 200), (Role.INTEGRATION, 403)]
)
def test_who_may_look_at_the_page(role: str, status: int) -> None:
    assert signed_in(role).get(look(make_survey(words())), follow=True).status_code == status


def test_the_page_is_the_customers_and_keeps_nothing() -> None:
    client = signed_in()
    survey = make_survey(choice("Which?", after=("no",)), thanks={"no": {"de": "Es tut uns leid."}}, names_agent=True)
    page = client.get(look(survey, "?lang=de")).content.decode()
    assert '<html lang="de" dir="ltr">' in page
    assert "Hat Ihnen gefallen" in page
    assert "Preview: nothing that you press here is kept." in page
    pressed = client.post(look(survey, "?lang=de"), {"enjoyed": "no", "confirm": "yes"})
    assert pressed.status_code == 302
    told = client.get(look(survey) + pressed["Location"]).content.decode()
    assert "Which?" in told
    assert "Es tut uns leid." in told
    assert client.post(look(survey, "?after=no"), {"comment": "x"})["Location"].endswith("then=words")
    for model in (Answer, Reply, Visit, Invitation):
        assert not model.objects.exists()
    for rubbish in ("?after=x&at=%00&then=<b>&lang=xx", "?after=no&at=99999999999999999999"):
        response = client.get(look(survey, rubbish))
        assert response.status_code == 200
        assert "<b>" not in response.content.decode()
    assert client.get(reverse("admin:feedback_survey_page", args=[999_999])).status_code == 302


def test_an_answer_shows_its_replies() -> None:
    survey = publish(choice("Which?", "The wait", "The words"), scale("How much?"), words("What else?"))
    one, two, three = survey.questions.order_by("position")
    link, _token = make_link()
    answer, _pressed = record_answer(link=link, enjoyed="no")
    given: dict[int, int | str] = {one.pk: one.choices.all()[1].pk, two.pk: 4, three.pk: "The <b>rain</b>"}
    record_replies(invitation=link.invitation, given=given)
    page = signed_in().get(reverse("admin:feedback_answer_change", args=[answer.pk])).content.decode()
    for text in ("Which?", "The words", "4 of 5", "The &lt;b&gt;rain&lt;/b&gt;"):
        assert text in page
