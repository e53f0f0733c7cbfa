"""The public pages: what a visit does, what a press does, and what they tell to whom."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from customers.enums import LetterState
from customers.models import Consent, Letter, Suppression
from feedback.models import Answer, Invitation, Link, Recovery, Visit
from tests.feedback.makers import make_invitation, make_link

pytestmark = pytest.mark.django_db

PRESS = {"confirm": "yes"}


def at(token: str, query: str = "") -> str:
    return reverse("feedback:answer", args=[token]) + query


def press(client: Client, token: str, enjoyed: str, **more: Any) -> Any:
    """Open the page and press, as a person does."""
    client.get(at(token))
    return client.post(at(token), PRESS | {"enjoyed": enjoyed}, **more)


def said() -> list[tuple[str, bool]]:
    return list(Answer.objects.order_by("pk").values_list("enjoyed", "is_counted"))


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


# --- machines ---


def test_a_scanner_that_opens_every_link_votes_nothing_and_the_person_counts(client: Client) -> None:
    _, token = make_link()
    _, stop = make_link(Invitation.objects.get(), "stop")
    scanner = Client(headers={"user-agent": "Scanner"})
    for query in ("?a=yes", "?a=partly", "?a=no"):
        scanner.head(at(token, query))
        scanner.get(at(token, query))
    scanner.get(reverse("feedback:stop", args=[stop]))
    assert not Answer.objects.exists()
    assert not Suppression.objects.exists()
    client.get(at(token, "?a=yes"))
    press(client, token, "yes")
    assert said() == [("yes", True)]


def test_a_scanner_that_presses_is_kept_and_not_counted_and_the_person_counts(client: Client) -> None:
    _, token = make_link()
    scanner = Client(headers={"user-agent": "Scanner"})
    for answer in ("yes", "partly", "no"):
        scanner.get(at(token, f"?a={answer}"))
    for answer in ("no", "no", "yes"):
        response = press(scanner, token, answer)
        assert response["Location"] == at(token, "?then=again")
    assert said() == [("no", False), ("yes", False)]
    assert Answer.objects.first().doubts == ["all_links", "too_quick"]  # type: ignore[union-attr]
    assert not Recovery.objects.exists()
    assert "Please press once more" in scanner.get(response["Location"]).content.decode()
    # Asked once more, nothing is chosen beforehand.
    assert "checked" not in scanner.get(response["Location"]).content.decode()
    # The person sees the question, not somebody else's answer.
    assert "already" not in client.get(at(token, "?a=yes")).content.decode()
    press(client, token, "yes")
    assert said() == [("no", False), ("yes", False), ("yes", True)]
    # And a machine that comes later changes nothing.
    for answer in ("yes", "partly", "no"):
        scanner.get(at(token, f"?a={answer}"))
    press(scanner, token, "no")
    assert said()[-1] == ("yes", True)


def test_a_press_seconds_after_the_letter_left_is_not_counted_and_a_later_one_is(client: Client) -> None:
    invitation = make_invitation()
    Letter.objects.update(sent_at=Now())
    link, token = make_link(invitation, minted=timedelta(0))
    press(client, token, "yes")
    assert [answer.doubts for answer in Answer.objects.all()] == [["too_soon"]]
    Link.objects.filter(pk=link.pk).update(minted_at=Now() - timedelta(seconds=11))
    Letter.objects.update(sent_at=Now() - timedelta(seconds=10.5))
    press(client, token, "yes")
    assert said() == [("yes", False), ("yes", True)]


def test_a_link_from_an_uncertain_letter_works_and_is_judged_by_its_own_age(client: Client) -> None:
    link, token = make_link(minted=timedelta(0))
    Letter.objects.update(state=LetterState.UNCERTAIN, sent_at=None)
    press(client, token, "yes")
    assert said() == [("yes", False)]
    Link.objects.filter(pk=link.pk).update(minted_at=Now() - timedelta(minutes=1))
    press(client, token, "yes")
    assert said()[-1] == ("yes", True)


# --- tokens ---

RUBBISH = [
    "x",
    "stop",
    "%00",
    "..%2e",
    "%F0%9F%98%80",
    "%ED%A0%80",
    "%FF%FE",
    "<script>",
    "' OR 1=1 --",
    "a" * 32,
    "a" * 200,
    "%25",
    "-_-",
    " ",
]


@pytest.mark.parametrize("token", RUBBISH)
def test_rubbish_gets_the_same_page_to_the_byte(client: Client, token: str) -> None:
    wanted = client.get(at("a" * 32))
    for url in (f"/feedback/{token}/", f"/feedback/stop/{token}/"):
        for response in (client.get(url), client.post(url, PRESS | {"enjoyed": "yes"})):
            assert response.status_code == 404
            assert response.content == wanted.content
            assert dict(response.headers) == dict(wanted.headers)
    assert not Visit.objects.exists()


def test_expired_altered_and_misused_links_are_like_unknown_ones(
    client: Client, django_assert_num_queries: Any
) -> None:
    link, token = make_link()
    _, stop = make_link(link.invitation, "stop")
    _, expired = make_link(link.invitation, lasts=timedelta(minutes=59))
    altered = token[:-1] + ("A" if token[-1] != "A" else "B")
    pages = set()
    for one in ("never-given-out-and-as-long-as-one", expired, altered, token.swapcase(), stop):
        with django_assert_num_queries(1):
            response = client.get(at(one))
        pages.add((response.status_code, response.content, str(sorted(response.headers.items()))))
    assert len(pages) == 1
    assert client.post(reverse("feedback:stop", args=[token])).status_code == 404
    assert client.get(at(token)).status_code == 200


def test_a_segment_longer_than_any_token_is_no_door(client: Client) -> None:
    assert client.get("/feedback/" + "a" * 201 + "/").status_code == 404


# --- stopping ---


def stop_link() -> tuple[Invitation, str]:
    invitation = make_invitation()
    return invitation, reverse("feedback:stop", args=[make_link(invitation, "stop")[1]])


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_stop_link_changes_nothing(client: Client, method: str) -> None:
    _, url = stop_link()
    response = getattr(client, method)(url)
    assert response.status_code == 200
    assert not Suppression.objects.exists()
    assert not Consent.objects.exists()


def test_the_stop_page_has_a_button(client: Client) -> None:
    _, url = stop_link()
    page = client.get(url).content.decode()
    assert '<form method="post" action="?">' in page
    assert "Do not ask me again" in page


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'),
        ("application/x-www-form-urlencoded", b""),
    ],
)
def test_one_post_stops_the_letters_without_cookie_or_redirect(content_type: str, body: bytes) -> None:
    invitation, url = stop_link()
    for _ in range(2):
        response = Client(enforce_csrf_checks=True).generic("POST", url, body, content_type)
        assert response.status_code == 200
        assert not response.cookies
        assert "We will not ask you again" in response.content.decode()
    consent = Consent.objects.get()
    assert (consent.customer, consent.purpose, consent.is_given) == (invitation.customer, "feedback", False)
    assert consent.source == "link in letter"
    suppression = Suppression.objects.get()
    assert invitation.letter
    assert (suppression.address, suppression.reason) == (invitation.letter.to_address, "unsubscribed")


def test_who_asked_us_to_stop_may_still_answer(client: Client) -> None:
    invitation, url = stop_link()
    client.post(url)
    _, token = make_link(invitation)
    assert press(client, token, "yes").status_code == 303
    assert said() == [("yes", True)]
