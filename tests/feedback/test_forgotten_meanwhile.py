"""Words and visits that are on their way while the customer is erased do not survive it."""

import threading
from collections.abc import Callable

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client

from customers.services.erasing import ERASED, erase_customer
from feedback.models import Answer
from feedback.services import answers
from feedback.services.answers import record_answer
from feedback.services.erasing import forget_late_visitors
from tests.conftest import database_url, eventually
from tests.feedback.makers import make_link
from tests.feedback.pressing import at

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
