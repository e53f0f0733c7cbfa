"""The public pages before scanners, made-up links and links that have had their time."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from customers.enums import LetterState
from customers.models import Letter, Suppression
from feedback.models import Answer, Invitation, Link, Recovery, Visit
from tests.feedback.makers import make_invitation, make_link
from tests.feedback.pressing import PRESS, at, press, said
from tests.feedback.pressing import at as answer_at

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("charset", ["hex", "rot13", "idna", "undefined"])
def test_an_encoding_that_is_none_is_no_error_of_ours(charset: str) -> None:
    _, token = make_link()
    client = Client(raise_request_exception=False)
    body = b'--x\r\nContent-Disposition: form-data; name="enjoyed"\r\n\r\nyes\r\n--x--\r\n'
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    assert client.generic("POST", answer_at(token), body, kind).status_code == 400


@pytest.mark.parametrize(("charset", "half"), [("unicode_escape", b"\\ud800"), ("utf-7", b"+2AA-")])
def test_halves_of_pairs_are_no_error_of_ours(charset: str, half: bytes) -> None:
    _, token = make_link()
    client = Client(raise_request_exception=False)
    press(client, token, "no")
    body = b'--x\r\nContent-Disposition: form-data; name="comment"\r\n\r\n' + half + b"\r\n--x--\r\n"
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    assert client.generic("POST", answer_at(token), body, kind).status_code == 400
    assert not Answer.objects.get().comment
