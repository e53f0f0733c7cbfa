"""Whom we ask, whom not and why, and the letter that asks."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.postgres.functions import TransactionNow
from django.db import connection
from django.db.models.functions import Now

from customers.enums import LetterState
from customers.models import Consent, ContactPoint, Customer, Incident, Interaction, Letter, Suppression
from customers.services import mailing
from customers.services.people import add_customer
from customers.tokens import hash_of
from feedback import tasks
from feedback.emails import INVITATION, about, language_of, write_invitation
from feedback.models import AskingRules, Cause, Invitation, Link, Recovery
from feedback.services.answers import record_answer
from feedback.services.invitations import invite, invite_due
from feedback.starter import after_migrating, ensure_asking_rules
from tests.factories import make_customer, make_email, make_interaction, make_touch_point
from tests.feedback.makers import make_closed, make_link

pytestmark = pytest.mark.django_db


def reason(interaction: Interaction) -> str:
    """What is said of an interaction after a look at all that are due: why not, or what it waits for."""
    invite_due()
    invitation = Invitation.objects.get(interaction=interaction)
    return invitation.not_asked or invitation.waits_for


def an_hour_passes() -> None:
    """Those that wait are looked at again, by the clock that asks: it stands still within a transaction."""
    Invitation.objects.exclude(waits_for="").update(look_again_at=TransactionNow() - timedelta(seconds=1))


def make_incident(customer: Customer) -> Incident:
    return Incident.objects.create(
        customer=customer, kind="late", touch_point=make_touch_point("delivery"), text="The parcel came late"
    )


def test_a_closed_interaction_gets_one_letter_for_ever() -> None:
    interaction, still_open = make_closed(), make_interaction()
    tasks.invite_due()
    assert invite_due() == 0
    invitation = Invitation.objects.get()
    assert (invitation.interaction, invitation.customer, invitation.not_asked) == (
        interaction,
        interaction.customer,
        "",
    )
    letter = Letter.objects.get()
    assert (letter.kind, letter.subject_key, letter.state) == (INVITATION, str(interaction.pk), LetterState.QUEUED)
    assert invitation.letter == letter
    assert not Invitation.objects.filter(interaction=still_open).exists()


def test_the_letter_goes_to_the_preferred_address_as_it_was_given() -> None:
    customer = make_customer()
    make_email(customer, "old@mail.example")
    ContactPoint.objects.create(
        customer=customer, kind="email", value="New@Mail.Example", normalised="new@mail.example", is_preferred=True
    )
    assert reason(make_closed(customer)) == ""
    assert Letter.objects.get().to_address == "New@Mail.Example"


def test_another_address_serves_where_one_is_suppressed() -> None:
    customer = make_customer()
    make_email(customer, "gone@mail.example")
    make_email(customer, "good@mail.example")
    Suppression.objects.create(address="gone@mail.example", reason="refused")
    assert reason(make_closed(customer)) == ""
    assert Letter.objects.get().to_address == "good@mail.example"


def test_no_address() -> None:
    customer = make_customer()
    ContactPoint.objects.create(
        customer=customer, kind="email", value="a@mail.example", normalised="a@mail.example", is_active=False
    )
    assert reason(make_closed(customer)) == "no_address"


def test_no_consent_is_their_newest_word() -> None:
    interaction = make_closed()
    Consent.objects.create(customer=interaction.customer, purpose="feedback", is_given=True)
    Consent.objects.create(customer=interaction.customer, purpose="marketing", is_given=False)
    other = make_closed()
    Consent.objects.create(customer=other.customer, purpose="feedback", is_given=True)
    Consent.objects.create(customer=other.customer, purpose="feedback", is_given=False)
    assert reason(interaction) == ""
    assert reason(other) == "no_consent"


def test_suppressed() -> None:
    interaction = make_closed()
    point = ContactPoint.objects.get(customer=interaction.customer)
    Suppression.objects.create(address=point.normalised, reason="by_hand")
    assert reason(interaction) == "suppressed"


def test_nobody_is_asked_while_an_incident_is_open() -> None:
    interaction = make_closed()
    incident = make_incident(interaction.customer)
    assert reason(interaction) == "incident"
    Incident.objects.filter(pk=incident.pk).update(resolved_at=Now())
    assert reason(make_closed(interaction.customer)) == ""


def test_nobody_is_asked_while_a_recovery_is_open() -> None:
    AskingRules.objects.update(days_between=0)
    link, _ = make_link()
    record_answer(link=link, enjoyed="no")
    assert reason(make_closed(link.invitation.customer)) == "recovery"


def test_a_customer_is_asked_once_in_so_many_days() -> None:
    first = make_closed()
    second = make_closed(first.customer)
    invite_due()
    assert sorted(Invitation.objects.values_list("not_asked", flat=True)) == ["", "too_often"]
    Invitation.objects.update(created_at=Now() - timedelta(days=29))
    assert reason(make_closed(first.customer)) == "too_often"
    Invitation.objects.update(created_at=Now() - timedelta(days=31))
    assert reason(make_closed(second.customer)) == ""


@pytest.mark.parametrize("left", [timedelta(days=17), timedelta(days=29), None])
def test_the_days_begin_when_a_letter_that_was_kept_back_leaves(left: timedelta | None) -> None:
    first = make_closed()
    invite_due()
    make_incident(first.customer)
    assert mailing.claim_letter() is None
    Invitation.objects.update(created_at=Now() - timedelta(days=31))
    Incident.objects.update(resolved_at=Now())
    if left:
        Letter.objects.update(state=LetterState.SENT, sent_at=Now() - left)
    assert reason(make_closed(first.customer)) == "too_often"
    Letter.objects.update(state=LetterState.SENT, sent_at=Now() - timedelta(days=30, minutes=1))
    assert reason(make_closed(first.customer)) == ""


def test_a_letter_that_never_left_does_not_count_as_asked() -> None:
    first = make_closed()
    assert reason(first) == ""
    Letter.objects.update(state=LetterState.SUPPRESSED)
    assert reason(make_closed(first.customer)) == ""


def test_a_letter_that_came_back_does_not_count_as_asked() -> None:
    first = make_closed()
    assert reason(first) == ""
    Letter.objects.update(state=LetterState.SENT, message_id="<1@house.example>", sent_at=Now())
    assert reason(make_closed(first.customer)) == "too_often"
    Letter.objects.update(bounced_at=Now())
    assert reason(make_closed(first.customer)) == ""


def test_too_late_and_out_of_sight() -> None:
    assert reason(make_closed(ago=timedelta(days=2, hours=23))) == ""
    assert reason(make_closed(ago=timedelta(days=3, hours=1))) == "too_late"
    make_closed(ago=timedelta(days=7, hours=1))
    assert invite_due() == 0


def test_the_house_may_stop_asking() -> None:
    AskingRules.objects.update(is_asking=False)
    make_closed()
    assert invite_due() == 0
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_a_set_costs_the_same_whatever_its_size(count: int, django_assert_num_queries: Any) -> None:
    for _ in range(count):
        make_closed()
    # rules, touch points left out, no compiling, all the rest; the savepoint of the test's transaction (2)
    with django_assert_num_queries(6):
        assert invite() == count


def test_sets_follow_one_another_up_to_the_limit() -> None:
    for _ in range(5):
        make_closed()
    assert invite_due(limit=3) == 3
    assert invite(limit=1) == 1
    assert invite_due() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_ask_each_customer_once() -> None:
    customers = [make_closed().customer for _ in range(10)]
    for customer in customers:
        for _ in range(3):
            make_closed(customer)
    gate = threading.Barrier(4)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            gate.wait()
            for _ in range(20):
                invite(limit=4)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    invite_due()
    assert not errors
    assert Invitation.objects.count() == 40
    assert Letter.objects.count() == 10
    assert Letter.objects.values("customer").distinct().count() == 10


# --- the letter ---


def test_the_letter_says_who_what_and_how() -> None:
    customer = make_customer(full_name="Customer <1>", known_as="Ms <1>", time_zone="Europe/London", language="nl-BE")
    make_email(customer)
    interaction = make_closed(customer)
    Interaction.objects.filter(pk=interaction.pk).update(
        opened_at="2025-11-18T23:30:00Z", closed_at="2025-11-18T23:40:00Z"
    )
    interaction.refresh_from_db()
    letter = write_invitation(customer=customer, interaction=interaction)
    assert (letter.language, letter.subject) == ("en", "About your call on 18 November")
    for body, name in ((letter.text, "Ms <1>"), (letter.html, "Ms &lt;1&gt;")):
        assert f"Dear {name}," in body
        assert "About your call on 18 November" in body
        assert "Did you enjoy your personal service experience with us?" in body
        assert all(f"%ANSWER%?a={answer}" in body for answer in ("yes", "partly", "no"))
        assert "A person reads every answer." in body
        assert "Do not ask me again" in body
        assert "%STOP%" in body
    assert letter.headers == {
        "List-Unsubscribe": "<%STOP%>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert 'lang="en"' in letter.html
    assert "<table" not in letter.html


@pytest.mark.parametrize(
    ("channel", "time_zone", "words"),
    [
        ("phone", "UTC", "About your call on 18 November"),
        ("chat", "Asia/Tokyo", "About our chat on 19 November"),
        ("email", "UTC", "About your email of 18 November"),
        ("visit", "nowhere", "About your visit on 18 November"),
        ("video", "../etc/passwd", "About our video call on 18 November"),
        ("web", "", "About your visit to our website on 18 November"),
    ],
)
def test_an_interaction_is_named_as_the_customer_remembers_it(channel: str, time_zone: str, words: str) -> None:
    interaction = make_closed()
    Interaction.objects.filter(pk=interaction.pk).update(opened_at="2025-11-18T20:00:00Z")
    interaction.refresh_from_db()
    assert about(channel=channel, at=interaction.opened_at, time_zone=time_zone) == words


def test_where_nobody_said_a_zone_the_day_is_the_houses(settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    evening = datetime(2025, 11, 18, 20, tzinfo=UTC)
    assert about(channel="phone", at=evening, time_zone="UTC") == "About your call on 19 November"


def test_a_language_that_the_house_does_not_speak_gets_its_own(settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "German")]
    assert [language_of(code) for code in ("de", "DE-at", "fr", "")] == ["de", "de", "en", "en"]


def test_who_told_no_language_is_written_to_in_that_of_most_customers(settings: Any) -> None:
    settings.CUSTOMER_LANGUAGE = "fr"
    silent, _ = add_customer(full_name="Customer 1", emails=["1@example.com"], language="")
    told, _ = add_customer(full_name="Customer 2", emails=["2@example.com"], language="en")
    assert (silent.language, told.language) == ("fr", "en")
    invite(interaction_ids=[make_closed(customer=one).pk for one in (silent, told)])
    assert dict(Letter.objects.values_list("customer", "language")) == {silent.pk: "fr", told.pk: "en"}
    assert [language_of(code) for code in ("en", "nl")] == ["en", "fr"]


# --- as it leaves ---


def test_links_are_made_as_the_letter_leaves_and_kept_only_as_hashes() -> None:
    invite(interaction_ids=[make_closed().pk])
    letter = Letter.objects.get()
    assert not Link.objects.exists()
    claimed = mailing.claim_letter()
    assert claimed
    answer, stop = claimed.values["%ANSWER%"], claimed.values["%STOP%"]
    assert answer.startswith("http://127.0.0.1:8000/feedback/")
    assert stop.startswith("http://127.0.0.1:8000/feedback/stop/")
    decoy = claimed.values["%DECOY%"]
    tokens = [link.rstrip("/").rpartition("/")[2] for link in (answer, stop, decoy)]
    kept = {link.purpose: bytes(link.token_hash) for link in Link.objects.all()}
    assert kept == {"answer": hash_of(tokens[0]), "stop": hash_of(tokens[1]), "decoy": hash_of(tokens[2])}
    letter.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("SELECT l::text FROM customers_letter l UNION ALL SELECT k::text FROM feedback_link k")
        record = str(cursor.fetchall())
    assert not any(token in record for token in tokens)


@pytest.mark.parametrize("what", ["consent", "too_late", "never_mended"])
def test_a_letter_is_held_back_where_the_reason_is_gone_by_the_time_it_leaves(what: str) -> None:
    interaction = make_closed()
    invite_due()
    if what == "never_mended":
        make_incident(interaction.customer)
        Interaction.objects.update(opened_at=Now() - timedelta(days=23), closed_at=Now() - timedelta(days=22))
    elif what == "consent":
        Consent.objects.create(customer=interaction.customer, purpose="feedback", is_given=False)
    else:
        Interaction.objects.update(opened_at=Now() - timedelta(days=9), closed_at=Now() - timedelta(days=8))
    assert mailing.claim_letter() is None
    letter = Letter.objects.get()
    assert letter.state == LetterState.SUPPRESSED
    assert letter.reply
    assert not Link.objects.exists()


@pytest.mark.parametrize("what", ["incident", "recovery"])
def test_a_letter_waits_while_something_is_wrong_and_leaves_once_it_is_mended(what: str) -> None:
    AskingRules.objects.update(days_between=0)
    link, _ = make_link()
    interaction = make_closed(link.invitation.customer)
    invite(interaction_ids=[interaction.pk])
    if what == "recovery":
        record_answer(link=link, enjoyed="no")
    else:
        make_incident(interaction.customer)
    assert mailing.claim_letter() is None
    letter = Letter.objects.get(state=LetterState.QUEUED)
    assert letter.reply
    assert not Letter.objects.due().exists(), "looked at again in an hour"
    Letter.objects.filter(pk=letter.pk).update(created_at=Now() - timedelta(hours=1), due_at=Now())
    Incident.objects.update(resolved_at=Now())
    cause = Cause.objects.create(name="Of this test")
    Recovery.objects.update(state="mended", what_was_done="x", cause=cause, closed_at=Now())
    claimed = mailing.claim_letter()
    assert claimed
    assert claimed.letter.pk == letter.pk
    assert "we have put it right since" in claimed.letter.text
    assert Invitation.objects.get(letter=letter).after_mending


def test_what_is_sent_is_written_as_it_leaves_and_stays_on_the_record() -> None:
    interaction = make_closed()
    invite_due()
    queued = Letter.objects.get()
    assert (queued.subject, queued.text, queued.html, queued.headers) == ("How was it?", "", "", {})
    Customer.objects.update(known_as="Ms Late Change")
    claimed = mailing.claim_letter()
    assert claimed
    kept = Letter.objects.get()
    expected = write_invitation(customer=Customer.objects.get(), interaction=interaction)
    assert (kept.subject, kept.text, kept.html, kept.headers, kept.language) == (
        expected.subject,
        expected.text,
        expected.html,
        expected.headers,
        expected.language,
    )
    assert "Ms Late Change" in kept.text
    # A second sending says the same, whatever has changed meanwhile.
    Letter.objects.update(state=LetterState.QUEUED, lease=None, leased_until=None)
    Customer.objects.update(known_as="Somebody else")
    again = mailing.claim_letter()
    assert again
    assert again.letter.text == kept.text


# --- the rules ---


def test_the_rules_are_there_from_the_start_and_a_managers_change_stays() -> None:
    assert AskingRules.objects.count() == 1
    AskingRules.objects.update(days_between=7)
    after_migrating()
    assert ensure_asking_rules().days_between == 7
    AskingRules.objects.all().delete()
    after_migrating()
    assert AskingRules.objects.get().days_between == 30
