"""“Did we put it right?”: when it is asked, what a visit does, what a press does, and what a no leads to."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from customers.enums import LetterState
from customers.models import Consent, Customer, Incident, Letter, Suppression
from customers.services import mailing
from customers.services.contact_points import add_contact_point
from feedback.enums import YesNo
from feedback.models import AskingRules, Cause, Link, MendingRules, PutRight, Recovery, RecoveryStep, Visit
from feedback.services.put_right import ask_put_right
from feedback.services.recoveries import close_recovery
from feedback.starter import ensure_causes, ensure_mending_rules
from tests.factories import make_touch_point, make_user
from tests.feedback.makers import make_invitation, make_link
from tests.feedback.pressing import at as answer_at
from tests.feedback.pressing import press as answer_press
from tests.feedback.test_recoveries import unhappy

pytestmark = pytest.mark.django_db

DAYS = 7


def mended(*, days: int = DAYS, state: str = "mended", customer: Customer | None = None) -> Recovery:
    """A recovery that was closed so many days ago."""
    ensure_causes()
    ensure_mending_rules()
    recovery = unhappy(customer=customer)
    closed = close_recovery(
        recovery=recovery, state=state, what_was_done="Rang", cause=Cause.objects.first(), by=make_user()
    )
    assert closed
    Recovery.objects.filter(pk=recovery.pk).update(
        opened_at=Now() - timedelta(days=days + 2),
        due_at=Now() - timedelta(days=days + 1),
        closed_at=Now() - timedelta(days=days, minutes=1),
    )
    recovery.refresh_from_db()
    return recovery


def asked(recovery: Recovery | None = None) -> tuple[PutRight, str]:
    """What was asked an hour ago, and the token of its link."""
    recovery = recovery or mended()
    ask_put_right()
    row = PutRight.objects.get(recovery=recovery)
    assert row.letter_id, row.not_asked
    Letter.objects.filter(pk=row.letter_id).update(state="sent", sent_at=Now() - timedelta(hours=1))
    _, token = make_link(recovery.answer.invitation, "mended")
    return row, token


def at(token: str, query: str = "") -> str:
    return reverse("feedback:mended", args=[token]) + query


def press(client: Client, token: str, said: str, **more: str) -> Any:
    """Open the page, as people do, and press."""
    client.get(at(token))
    return client.post(at(token), {"said": said, "confirm": "yes"} | more)


# --- when it is asked ---


def test_asked_once_some_days_after_it_was_mended() -> None:
    recovery = mended()
    mended(days=DAYS - 1)
    mended(days=DAYS + 15)
    mended(state="not_mended")
    assert ask_put_right() == 1
    assert ask_put_right() == 0
    row = PutRight.objects.get()
    assert row.recovery == recovery
    assert row.letter
    assert "Did we put it right?" in row.letter.text
    assert "%MENDED%?a=yes" in row.letter.html
    assert "%STOP%" in row.letter.text
    assert row.letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert RecoveryStep.objects.filter(recovery=recovery, step="asked").count() == 1


def test_nobody_is_asked_where_the_rules_say_so() -> None:
    mended()
    MendingRules.objects.update(ask_days=0)
    assert ask_put_right() == 0


@pytest.mark.parametrize("why", ["no_consent", "suppressed", "no_address", "incident"])
def test_why_not_is_on_the_record(why: str) -> None:
    recovery = mended()
    customer = recovery.customer
    if why == "no_consent":
        Consent.objects.create(customer=customer, purpose="feedback", is_given=False)
    elif why == "suppressed":
        Suppression.objects.create(address=customer.contact_points.get().normalised, reason="by_hand")
    elif why == "no_address":
        customer.contact_points.update(is_active=False)
    else:
        Incident.objects.create(customer=customer, kind="late", touch_point=make_touch_point(), text="Late")
    assert ask_put_right() == 1
    row = PutRight.objects.get()
    assert (row.not_asked, row.letter) == (why, None)


def test_links_are_made_as_it_leaves_and_lead_to_the_page(client: Client) -> None:
    mended()
    ask_put_right()
    Letter.objects.exclude(kind="feedback.put_right").update(state="sent", sent_at=Now())
    claimed = mailing.claim_letter()
    assert claimed
    url = claimed.values["%MENDED%"].removeprefix("http://127.0.0.1:8000")
    assert url.startswith("/feedback/mended/")
    assert client.get(f"{url}?a=no").status_code == 200
    assert sorted(Link.objects.values_list("purpose", flat=True)).count("mended") == 1


def test_held_back_where_it_is_open_again_by_then() -> None:
    recovery = mended()
    ask_put_right()
    Letter.objects.exclude(kind="feedback.put_right").update(state="sent", sent_at=Now())
    Recovery.objects.filter(pk=recovery.pk).update(state="open", closed_at=None, cause=None)
    assert mailing.claim_letter() is None
    assert Letter.objects.get(kind="feedback.put_right").state == LetterState.SUPPRESSED


# --- the page ---


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_it_writes_a_visit_and_nothing_else(client: Client, method: str) -> None:
    row, token = asked()
    response = getattr(client, method)(at(token, "?a=no"))
    assert response.status_code == 200
    visit = Visit.objects.get(link__purpose="mended")
    assert (visit.method, visit.hint) == (method.upper(), "no")
    row.refresh_from_db()
    assert row.said == ""
    assert not Recovery.objects.open().exists()
    assert not response.cookies


def test_the_letter_and_the_page_are_in_the_customers_language(client: Client) -> None:
    recovery = mended()
    Customer.objects.filter(pk=recovery.customer_id).update(language="ar")
    recovery = Recovery.objects.get(pk=recovery.pk)
    row, token = asked(recovery)
    assert row.letter
    page = client.get(at(token)).content.decode()
    for body in (row.letter.text, row.letter.html, page):
        assert "هل أصلحنا الأمر؟" in body
        assert not {"right?", "Dear", "person"} & set(body.split())
    assert 'dir="rtl"' in page
    refused = client.post(at(token), {"confirm": "yes"}).content.decode()
    assert "يُرجى اختيار إحدى الإجابات." in refused


@pytest.mark.parametrize(("language", "colon"), [("en", ":"), ("de", ":"), ("fr", "\u202f:"), ("ar", ":")])
def test_a_colon_stands_in_the_letter_as_the_language_has_it(language: str, colon: str) -> None:
    recovery = mended()
    Customer.objects.filter(pk=recovery.customer_id).update(language=language)
    row, _token = asked(Recovery.objects.get(pk=recovery.pk))
    assert row.letter
    with translation.override(language):
        yes = str(YesNo.YES.label)
    for body, before in ((row.letter.text, row.letter.subject), (row.letter.html, row.letter.subject)):
        assert f"{before}{colon}" in body
    assert f"\n{yes}{colon}\n" in row.letter.text


def test_the_page_shows_what_the_link_hinted(client: Client) -> None:
    _, token = asked()
    page = client.get(at(token, "?a=no")).content.decode()
    assert "Did we put it right?" in page
    assert 'value="no" required checked' in page
    assert page.count("checked") == 1
    assert "<script" not in page
    assert "style=" not in page


def test_a_yes_is_kept_with_its_words(client: Client) -> None:
    row, token = asked()
    response = press(client, token, "yes", words=" All <fine> ")
    assert (response.status_code, response["Location"]) == (303, at(token, "?then=thanks"))
    row.refresh_from_db()
    assert (row.said, row.words) == ("yes", "All <fine>")
    assert "All &lt;fine&gt;" in client.get(response["Location"]).content.decode()
    assert RecoveryStep.objects.get(step="put_right").words == "All <fine>"
    assert not Recovery.objects.open().exists()


def test_a_no_opens_it_again_once(client: Client) -> None:
    row, token = asked()
    for _ in range(2):
        press(client, token, "no", words="Still broken")
    recovery = Recovery.objects.open().get()
    assert (recovery.pk, recovery.times_reopened) == (row.recovery_id, 1)
    assert RecoveryStep.objects.get(step="reopened").words == "Still broken"
    assert Visit.objects.filter(method="POST", hint="no", link__purpose="mended").count() == 2


@pytest.mark.parametrize(
    ("said", "words", "step", "is_open"),
    [
        ("yes", "Lovely people", "put_right", False),
        ("yes", "Please call me back", "reopened", True),
        ("no", "Still broken", "reopened", True),
    ],
)
def test_who_comes_back_to_say_more_is_heard(client: Client, said: str, words: str, step: str, is_open: bool) -> None:
    row, token = asked()
    press(client, token, said)
    for late in (words, "Something else"):
        response = press(client, token, said, words=late)
    row.refresh_from_db()
    assert (row.said, row.words) == (said, words)
    assert list(RecoveryStep.objects.exclude(words="").values_list("step", "words"))[-1] == (step, words)
    assert Recovery.objects.open().exists() == is_open
    assert words in client.get(response["Location"]).content.decode()


def test_the_first_word_stands(client: Client) -> None:
    row, token = asked()
    press(client, token, "yes")
    press(client, token, "no")
    row.refresh_from_db()
    assert row.said == "yes"
    assert not Recovery.objects.open().exists()
    page = client.get(at(token)).content.decode()
    assert "You have already told us" in page
    assert "<form" not in page


def test_a_scanner_that_presses_at_once_says_nothing_and_the_person_is_heard(client: Client) -> None:
    row, token = asked()
    scanner = Client(headers={"user-agent": "Scanner"})
    for hint in ("yes", "no"):
        scanner.get(at(token, f"?a={hint}"))
    response = press(scanner, token, "no", words="x")
    assert response.status_code == 200
    assert "quicker than most people" in response.content.decode()
    assert ">x</textarea>" in response.content.decode()
    row.refresh_from_db()
    assert row.said == ""
    assert press(client, token, "yes").status_code == 303
    row.refresh_from_db()
    assert row.said == "yes"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Please choose one of the answers."),
        ({"said": "maybe", "confirm": "yes"}, "Please choose one of the answers."),
        ({"said": "yes"}, "Please press the button"),
        ({"said": "yes", "confirm": "yes", "words": "x" * 4001}, "at most 4000 characters"),
    ],
)
def test_what_is_no_answer_gets_a_sentence(client: Client, data: dict[str, str], sentence: str) -> None:
    row, token = asked()
    response = client.post(at(token), data)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    row.refresh_from_db()
    assert row.said == ""


def test_what_cannot_be_read_is_no_error_of_ours(client: Client) -> None:
    _, token = asked()
    response = client.generic("POST", at(token), b"--y", "multipart/form-data; boundary=x")
    assert response.status_code in (400, 422)


def test_other_links_and_other_methods_open_nothing(client: Client) -> None:
    row, token = asked()
    _, other = make_link(row.recovery.answer.invitation)
    _, unasked = make_link(make_invitation(), "mended")
    for wrong in (other, unasked, "rubbish"):
        assert client.get(at(wrong)).status_code == 404
        assert press(client, wrong, "no").status_code == 404
    assert client.get(reverse("feedback:answer", args=[token])).status_code == 404
    for method in ("put", "delete", "patch"):
        assert getattr(client, method)(at(token)).status_code == 405
    assert not Recovery.objects.open().exists()


def test_the_token_stays_out_of_the_logs() -> None:
    import logging

    from portal.logs import HideTokens

    record = logging.LogRecord("x", 20, "", 0, "GET %s", ("/feedback/mended/abcdefgh12345678/",), None)
    HideTokens().filter(record)
    assert "abcdefgh" not in record.getMessage()


def close(recovery: Recovery, state: str = "mended", what: str = "Rang") -> None:
    ensure_causes()
    cause = Cause.objects.get(name="Late")
    assert close_recovery(recovery=recovery, state=state, what_was_done=what, cause=cause, by=make_user())


def test_each_of_two_matters_of_one_contact_hears_its_own_answer(client: Client) -> None:
    ensure_causes()
    ensure_mending_rules()
    _, token = make_link()
    one, two = (Client(headers={"user-agent": name}) for name in ("Phone", "Desk"))
    answer_press(one, token, "yes")
    one.post(answer_at(token), {"comment": "Please call me back"})
    answer_press(two, token, "no")
    first, second = Recovery.objects.order_by("pk")
    for recovery, days in ((first, 10), (second, 8)):
        close(recovery)
        Recovery.objects.filter(pk=recovery.pk).update(
            opened_at=Now() - timedelta(days=days + 2),
            due_at=Now() - timedelta(days=days + 1),
            closed_at=Now() - timedelta(days=days),
        )
    Letter.objects.update(state="sent", sent_at=Now())
    assert ask_put_right() == 2
    tokens = {}
    while claimed := mailing.claim_letter():
        tokens[int(claimed.letter.subject_key)] = claimed.values["%MENDED%"].rstrip("/").rpartition("/")[2]
        sent = {"state": "sent", "sent_at": Now(), "lease": None, "leased_until": None}
        Letter.objects.filter(pk=claimed.letter.pk).update(**sent)
    Link.objects.filter(purpose="mended").update(minted_at=Now() - timedelta(hours=1))
    Letter.objects.filter(kind="feedback.put_right").update(sent_at=Now() - timedelta(hours=1))
    press(client, tokens[first.pk], "yes")
    press(client, tokens[second.pk], "no")
    assert dict(PutRight.objects.values_list("recovery", "said")) == {first.pk: "yes", second.pk: "no"}


def test_stopping_closes_the_address_to_which_this_letter_went(client: Client) -> None:
    recovery = mended()
    recovery.customer.contact_points.filter(kind="email").update(is_active=False)
    add_contact_point(customer=recovery.customer, kind="email", value="new@mail.example")
    Letter.objects.update(state="sent", sent_at=Now())
    ask_put_right()
    claimed = mailing.claim_letter()
    assert claimed
    client.post(urlsplit(claimed.values["%STOP%"]).path)
    assert Suppression.objects.get().address == claimed.letter.to_address == "new@mail.example"
    assert not Consent.objects.get().is_given


def test_whether_we_put_it_right_is_not_asked_in_the_night() -> None:
    mended()
    Letter.objects.update(state="sent", sent_at=Now())
    ask_put_right()
    now = timezone.now()
    quiet = {"quiet_from": now - timedelta(hours=1), "quiet_until": now + timedelta(hours=2)}
    AskingRules.objects.update(**{name: at.time().replace(microsecond=0) for name, at in quiet.items()})
    Customer.objects.update(time_zone="UTC")
    assert mailing.claim_letter() is None


def test_a_plea_beside_a_yes_to_mending_is_heard(client: Client) -> None:
    _, token = asked()
    press(client, token, "yes", words="Thank you. But the new one is still broken, please call me back.")
    assert Recovery.objects.open().exists()
