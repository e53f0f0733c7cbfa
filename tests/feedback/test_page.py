"""The public pages: what a visit does, what a press and a comment do, and what they tell to whom."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from feedback.models import Answer, Invitation, Recovery, Visit
from tests.feedback.makers import make_link
from tests.feedback.pressing import at, press, said
from tests.feedback.pressing import at as answer_at
from tests.feedback.pressing import press as answer_press

pytestmark = pytest.mark.django_db


# --- opening ---


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_link_writes_a_visit_and_no_vote(client: Client, method: str) -> None:
    link, token = make_link()
    response = getattr(client, method)(at(token, "?a=no"))
    assert response.status_code == 200
    visit = Visit.objects.get()
    assert (visit.link, visit.method, visit.hint) == (link, method.upper(), "no")
    assert len(visit.fingerprint) == 16
    assert not Answer.objects.exists()


def test_the_page_asks_the_question_with_the_hinted_answer_chosen(client: Client) -> None:
    _, token = make_link()
    page = client.get(at(token, "?a=partly")).content.decode()
    assert "Did you enjoy your personal service experience with us?" in page
    assert '<html lang="en" dir="ltr">' in page
    assert 'value="partly" required checked' in page
    assert page.count("checked") == 1
    assert "<script" not in page
    assert "style=" not in page
    assert "checked" not in client.get(at(token, "?a=%00<b>")).content.decode()


def test_the_page_knows_how_many_questions_it_asks(client: Client, django_assert_num_queries: Any) -> None:
    _, token = make_link()
    for _ in range(3):
        # the link with all that belongs to it, the visit, the answer
        with django_assert_num_queries(3):
            client.get(at(token))


def test_no_cookie_is_set_and_no_session_is_looked_at(client: Client) -> None:
    _, token = make_link()
    _, stop = make_link(Invitation.objects.get(), "stop")
    stop_url = reverse("feedback:stop", args=[stop])
    responses = [
        client.get(at(token)),
        press(client, token, "yes"),
        client.get(at(token)),
        client.get(at("rubbish")),
        client.get(stop_url),
        client.post(stop_url),
    ]
    for response in responses:
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert response["Cache-Control"] == "no-store"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["X-Robots-Tag"] == "noindex"
        policy = response["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'")
        assert "http" not in policy


# --- pressing ---


def test_a_press_is_an_answer_and_the_page_says_thanks(client: Client) -> None:
    _, token = make_link()
    response = press(client, token, "yes")
    assert (response.status_code, response["Location"]) == (303, at(token, "?then=thanks"))
    assert said() == [("yes", True)]
    page = client.get(response["Location"]).content.decode()
    assert "<h1>Thank you</h1>" in page
    assert "Yes, I did" in page
    assert 'name="comment"' in page


def test_a_press_needs_no_csrf_token_because_no_cookie_speaks_for_anybody() -> None:
    _, token = make_link()
    assert press(Client(enforce_csrf_checks=True), token, "yes").status_code == 303


def test_the_second_time_says_so_kindly_and_offers_to_change(client: Client) -> None:
    _, token = make_link()
    press(client, token, "yes")
    assert press(client, token, "yes")["Location"] == at(token)
    page = client.get(at(token, "?a=no")).content.decode()
    assert "You have already told us" in page
    assert "<details open>" in page
    assert 'value="no" required checked' in page
    assert said() == [("yes", True)]


def test_an_answer_may_be_changed_for_a_day_and_the_change_is_on_the_record(client: Client) -> None:
    _, token = make_link()
    press(client, token, "yes")
    press(client, token, "partly")
    assert said() == [("partly", True)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT enjoyed FROM feedback_answerevent ORDER BY pgh_id")
        assert cursor.fetchall() == [("yes",), ("partly",)]


def test_after_a_day_an_answer_stands(client: Client) -> None:
    _, token = make_link()
    press(client, token, "yes")
    Answer.objects.update(answered_at=Now() - timedelta(hours=24, seconds=1))
    assert press(client, token, "no")["Location"] == at(token, "?then=noted")
    assert said() == [("yes", True), ("no", False)]
    assert Answer.objects.get(is_counted=False).conflict == "late"
    assert Recovery.objects.get().answer.conflict == "late", "somebody was not happy, whatever counts"
    page = client.get(at(token, "?then=noted")).content.decode()
    assert "a person will look at both" in page
    assert "your answer stays as it is" in page
    assert "<form" not in page
    assert client.post(at(token), {"comment": "late"}).status_code == 422
    assert Visit.objects.filter(method="POST", hint="no").exists(), "what was tried is kept"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Please choose one of the answers."),
        ({"confirm": "yes"}, "Please choose one of the answers."),
        ({"enjoyed": "maybe", "confirm": "yes"}, "Please choose one of the answers."),
        ({"enjoyed": "yes\x00", "confirm": "yes"}, "Please choose one of the answers."),
        ({"enjoyed": "yes"}, "Please press the button"),
        ({"List-Unsubscribe": "One-Click"}, "Please choose one of the answers."),
    ],
)
def test_what_is_no_answer_gets_a_sentence(client: Client, data: dict[str, str], sentence: str) -> None:
    _, token = make_link()
    response = client.post(at(token), data)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Answer.objects.exists()
    assert Visit.objects.get().method == "POST"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data; boundary=x", b"--y"),
        ("multipart/form-data", b"--y"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"enjoyed=yes"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(1100))),
        ("application/x-www-form-urlencoded", b"enjoyed=\xff\xfe&confirm=yes"),
        ("application/json", b"{"),
        ("", b"enjoyed=yes&confirm=yes"),
    ],
)
def test_what_cannot_be_read_is_no_error_of_ours(client: Client, content_type: str, body: bytes) -> None:
    _, token = make_link()
    response = client.generic("POST", at(token), body, content_type)
    assert response.status_code in (400, 422)
    assert 'role="alert"' in response.content.decode()
    assert not Answer.objects.exists()


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options", "trace"])
def test_other_methods_are_refused(client: Client, method: str) -> None:
    _, token = make_link()
    for url in (at(token), reverse("feedback:stop", args=[token])):
        response = getattr(client, method)(url)
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")
        assert response["Cache-Control"] == "no-store"


# --- comments ---


def test_a_comment_follows_and_may_be_changed(client: Client) -> None:
    _, token = make_link()
    press(client, token, "partly")
    assert client.post(at(token), {"comment": " Slow <b>parcel</b> "})["Location"] == at(token, "?then=words")
    assert Answer.objects.get().comment == "Slow <b>parcel</b>"
    assert "Slow &lt;b&gt;parcel&lt;/b&gt;" in client.get(at(token)).content.decode()
    client.post(at(token), {"comment": "Slow parcel"})
    client.post(at(token), {"comment": "Slow parcel"})
    assert Answer.objects.get().comment == "Slow parcel"
    client.post(at(token), {"comment": ""})
    assert Answer.objects.get().comment == ""


def fields_of(page: str) -> dict[str, Any]:
    """What a browser sends of the form for words, if nobody touches it."""
    form = page[page.index('class="more"') :].partition("</form>")[0]
    words = dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', form, re.DOTALL))
    return words | {"blank": re.findall(r'name="blank" value="(\w+)"', form)}


def test_an_empty_box_in_another_window_wipes_no_words_away(client: Client) -> None:
    _, token = make_link()
    press(client, token, "no")
    other = fields_of(client.get(at(token)).content.decode())
    client.post(at(token), {"comment": "Please call me"})
    assert client.post(at(token), other).status_code == 303
    # Nor after something in that window had to be mended first.
    refused = client.post(at(token), other | {"comment": "a\x00b"}).content.decode()
    client.post(at(token), fields_of(refused) | {"comment": ""})
    assert Answer.objects.get().comment == "Please call me"
    # Who sees their words and empties the box takes them back.
    mine = fields_of(client.get(at(token)).content.decode())
    assert mine["comment"] == "Please call me"
    client.post(at(token), mine | {"comment": ""})
    assert Answer.objects.get().comment == ""


@pytest.mark.parametrize(
    ("words", "sentence"), [("x" * 4001, "at most 4000 characters"), ("a\x00b", "Null characters are not allowed")]
)
def test_a_comment_that_cannot_be_kept_comes_back_with_a_sentence(client: Client, words: str, sentence: str) -> None:
    _, token = make_link()
    press(client, token, "yes")
    response = client.post(at(token), {"comment": words})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert words[:100] in unescape(response.content.decode())
    assert Answer.objects.get().comment == ""


def test_a_comment_without_an_answer_is_refused(client: Client) -> None:
    _, token = make_link()
    response = client.post(at(token), {"comment": "words"})
    assert response.status_code == 422
    assert "Please choose an answer first." in response.content.decode()


def test_line_breaks_count_as_the_browser_counts_them(client: Client) -> None:
    _, token = make_link()
    answer_press(client, token, "no")
    typed = "x" * 3980 + "\n" * 10 + "end"  # 3993: the textarea (maxlength 4000) lets it through
    assert client.post(answer_at(token), {"comment": typed.replace("\n", "\r\n")}).status_code == 303
