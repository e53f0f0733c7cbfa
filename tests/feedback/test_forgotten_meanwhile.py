"""Words and visits that are on their way while the customer is erased do not survive it."""

import threading
import time
from collections.abc import Callable

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client

from customers.enums import LetterState
from customers.models import Customer, Letter, NameWord
from customers.services import erasing, mailing
from customers.services.erasing import ERASED, erase_customer
from customers.services.people import add_customer, change_customer
from feedback.models import Answer, Cause, Recovery, RecoveryStep
from feedback.services import answers
from feedback.services.answers import record_answer
from feedback.services.erasing import forget_late_visitors
from feedback.services.invitations import invite
from feedback.services.recoveries import close_recovery
from feedback.starter import ensure_causes
from tests.conftest import database_url, eventually
from tests.factories import make_user
from tests.feedback.makers import make_closed, make_link
from tests.feedback.pressing import at
from tests.feedback.test_put_right import asked
from tests.feedback.test_put_right import at as put_right_at

pytestmark = pytest.mark.django_db(transaction=True)
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def comment_while_erasing() -> tuple[int, str]:
    """Send words whose link is good still, and commit an erasure before they are kept; return the status, the words."""
    link, token = make_link()
    record_answer(link=link, enjoyed="yes")
    with transaction.atomic():
        erase_customer(customer=link.invitation.customer)
        statuses, sender = begin(lambda: Client().post(at(token), {"comment": "Words of mine"}).status_code)
    sender.join()
    return statuses[0], Answer.objects.get().comment


def begin(ask: Callable[[], int]) -> tuple[list[int], threading.Thread]:
    """Have somebody ask for a page, and come back once they wait for a lock of ours: the status comes at the end."""
    statuses: list[int] = []

    def work() -> None:
        try:
            statuses.append(ask())
        finally:
            connection.close()

    asking = threading.Thread(target=work)
    with psycopg.connect(database_url(), autocommit=True) as watcher:
        asking.start()
        eventually(lambda: watcher.execute(_WAITING).fetchone() == (1,))
    return statuses, asking


def test_words_that_arrive_while_their_customer_is_erased_are_refused() -> None:
    assert comment_while_erasing() == (422, "")


def test_without_the_second_look_they_would_survive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "refuse_forgotten", lambda customer_id: None)
    assert comment_while_erasing() == (303, "Words of mine")


def test_a_new_name_waits_for_the_erasure_and_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else its words would be noted after the old ones were taken out, and be found for good."""
    customer, _ = add_customer(full_name="Somebody Known")
    refused: list[str] = []
    begun: list[threading.Thread] = []

    def rename() -> int:
        try:
            change_customer(customer=customer, full_name="Zaunkoenig")
        except ValidationError as error:
            refused.extend(error.messages)
        return 0

    def meanwhile(_customer: Customer) -> None:
        begun.append(begin(rename)[1])

    monkeypatch.setattr(erasing, "_erasers", [*erasing._erasers, meanwhile])
    assert erase_customer(customer=customer)
    begun[0].join()
    assert refused == ["They were forgotten at their wish, and are left alone."]
    assert not NameWord.objects.exists()


def test_a_letter_does_not_leave_while_its_customer_is_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    interaction = make_closed()
    invite(interaction_ids=[interaction.pk])
    claimed: list[object] = []

    def claim() -> None:
        try:
            claimed.append(mailing.claim_letter())
        finally:
            connection.close()

    sender = threading.Thread(target=claim)

    def meanwhile(_customer: Customer) -> None:
        sender.start()
        # It passes over what is locked; were it not, it would wait for the erasure to make its links.
        sender.join(10)

    monkeypatch.setattr(erasing, "_erasers", [*erasing._erasers, meanwhile])
    assert erase_customer(customer=interaction.customer)
    sender.join()
    assert claimed == [None]
    assert Letter.objects.get().state == LetterState.SUPPRESSED


def test_words_that_came_first_are_erased() -> None:
    link, token = make_link()
    record_answer(link=link, enjoyed="yes")
    assert Client().post(at(token), {"comment": "Words of mine"}).status_code == 303
    erase_customer(customer=link.invitation.customer)
    assert Answer.objects.get().comment == ERASED
    assert Client().post(at(token), {"comment": "More words"}).status_code == 404
    assert Answer.objects.get().comment == ERASED


def test_who_opens_a_link_while_its_customer_is_erased_is_forgotten_soon_after() -> None:
    link, token = make_link()
    other, others_token = make_link()
    Client().get(at(others_token))
    with transaction.atomic(), connection.cursor() as cursor:
        # The page finds its link alive, and cannot note the visit yet.
        cursor.execute("LOCK TABLE feedback_visit IN SHARE ROW EXCLUSIVE MODE")
        statuses, visitor = begin(lambda: Client().get(at(token)).status_code)
        erase_customer(customer=link.invitation.customer)
    visitor.join()
    assert statuses == [200]
    # What it is about: the erasure alone came too early.
    assert link.visits.get().fingerprint
    assert forget_late_visitors() == 1
    assert not link.visits.get().fingerprint
    assert other.visits.get().fingerprint
    assert forget_late_visitors() == 0


def close(recovery: Recovery, state: str = "mended", what: str = "Rang") -> None:
    ensure_causes()
    cause = Cause.objects.get(name="Late")
    assert close_recovery(recovery=recovery, state=state, what_was_done=what, cause=cause, by=make_user())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("said", ["yes", "no"])
def test_words_about_mending_that_arrive_while_their_customer_is_erased_are_refused(said: str) -> None:
    row, token = asked()
    data = {"said": said, "confirm": "yes", "words": "Words of mine"}
    one = Client()
    for hint in ("yes", "no"):
        one.get(put_right_at(token, f"?a={hint}"))
    assert "quicker than most" in one.post(put_right_at(token), data).content.decode()
    time.sleep(1.1)  # a person chooses by hand on the page that asks once more
    statuses: list[int] = []

    def send() -> None:
        try:
            statuses.append(one.post(put_right_at(token), data).status_code)
        finally:
            connection.close()

    sender = threading.Thread(target=send)
    with transaction.atomic():
        erase_customer(customer=row.recovery.customer)
        sender.start()
        sender.join(2)  # it has found its link alive, and waits for the row
    sender.join()
    row.refresh_from_db()
    assert statuses
    assert row.words != "Words of mine"
    assert not RecoveryStep.objects.filter(words="Words of mine").exists()
