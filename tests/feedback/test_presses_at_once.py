"""Fifty presses at one moment make one answer that counts, and every press is kept."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from feedback.models import Answer, Recovery, Visit
from tests.conftest import database_url, eventually
from tests.feedback.makers import make_link

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 50
_WAITING = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def press_at_once(enjoyed: str) -> list[int]:
    """Press from many threads, each with a connection of its own, and return the statuses.

    Nobody may write an answer until everybody has looked and found none: the race is certain, not likely.
    """
    _, token = make_link()
    at = reverse("feedback:answer", args=[token])
    Client().get(at)
    statuses: list[int] = []

    def work() -> None:
        try:
            statuses.append(Client().post(at, {"enjoyed": enjoyed, "confirm": "yes"}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(MANY)]
    with psycopg.connect(database_url()) as holder, psycopg.connect(database_url(), autocommit=True) as watcher:
        holder.execute("LOCK TABLE feedback_answer IN SHARE MODE")
        for thread in threads:
            thread.start()
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        eventually(lambda: watcher.execute(waiting).fetchone() == (MANY,))
        holder.rollback()
        for thread in threads:
            thread.join()
    return statuses


@contextmanager
def without_the_lock() -> Iterator[None]:
    """Take away what holds that one answer counts, and put it back over an empty table."""
    [once] = [one for one in Answer._meta.constraints if one.name == "answer_one_counted"]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Answer, once)
    try:
        yield
    finally:
        Answer.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Answer, once)


def test_fifty_presses_at_one_moment_make_one_answer() -> None:
    assert press_at_once("no") == [303] * MANY
    answer = Answer.objects.get()
    assert (answer.enjoyed, answer.is_counted) == ("no", True)
    assert Recovery.objects.count() == 1
    outcomes = list(Visit.objects.filter(method="POST").values_list("outcome", flat=True))
    assert sorted(outcomes) == ["counted"] + ["same"] * (MANY - 1)


def test_without_the_lock_they_would_make_many() -> None:
    """The control: the test above can fail."""
    with without_the_lock():
        press_at_once("yes")
        assert Answer.objects.filter(is_counted=True).count() == MANY
