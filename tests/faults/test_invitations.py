"""Workers killed and at once while they ask: nobody is asked twice, nobody forgotten, no budget passed."""

import threading
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.db.models.functions import Now

from customers.models import Letter
from feedback.models import AskingRules, Invitation
from feedback.services import invitations
from feedback.services.invitations import LANES, invite_due, invite_waiting
from feedback.services.reminders import remind_due
from tests.conftest import Programs, database_url, eventually
from tests.faults.test_letters import hint, kill
from tests.feedback.makers import make_closed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("broker")]


def waits_for_a_row() -> bool:
    with psycopg.connect(database_url()) as watcher:
        waiting = watcher.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
            "AND query LIKE '%judged AS MATERIALIZED%'"
        ).fetchone()
    return waiting == (1,)


def test_a_worker_killed_in_the_middle_of_a_set_leaves_nothing_half_done(broker: str, start_worker: Programs) -> None:
    last = [make_closed() for _ in range(30)][-1]
    worker = start_worker()
    # Held, so that the set is written and cannot be committed.
    with psycopg.connect(database_url()) as holder:
        holder.execute("SELECT FROM customers_interaction WHERE id = %s FOR UPDATE", (last.pk,))
        hint(broker, "feedback.invite_due")
        eventually(waits_for_a_row)
        kill(worker)
    # The other lane's set may be whole by then; of this one there is nothing.
    lane = last.customer_id % LANES
    assert not [letter for letter in Letter.objects.all() if (letter.customer_id or 0) % LANES == lane]
    start_worker()
    hint(broker, "feedback.invite_due")
    eventually(lambda: Invitation.objects.count() == 30)
    hint(broker, "feedback.invite_due")
    assert invite_due() == 0
    assert Letter.objects.values("customer").distinct().count() == Letter.objects.count() == 30
    assert not Invitation.objects.filter(letter=None).exists()


def at_once(*deeds: Callable[[], object]) -> None:
    """Do these at the same moment, each over a connection of its own."""
    gate, errors = threading.Barrier(len(deeds)), list[BaseException]()

    def work(deed: Callable[[], object]) -> None:
        try:
            gate.wait()
            deed()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(deed,)) for deed in deeds]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not errors


def test_workers_at_once_pass_no_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "allowance", lambda *, budget, asked, share: max(0, budget - asked))
    AskingRules.objects.update(budget=5)
    for _ in range(40):
        make_closed()
    at_once(*[invite_due] * 4)
    invite_due()
    assert Invitation.objects.filter(waits_for="budget").count() == 40
    Invitation.objects.update(look_again_at=Now() - timedelta(seconds=1))
    at_once(*[invite_waiting] * 4)
    invite_waiting()
    assert Invitation.objects.filter(letter__isnull=False).count() == Letter.objects.count() == 5
    assert Invitation.objects.filter(not_asked="budget").count() == 35


def test_workers_at_once_remind_each_once() -> None:
    AskingRules.objects.update(reminder_days=5)
    for _ in range(20):
        make_closed()
    invite_due()
    Letter.objects.update(state="sent", sent_at=Now() - timedelta(days=5, minutes=1))
    at_once(*[remind_due] * 4)
    remind_due()
    assert Letter.objects.filter(kind="feedback.reminder").count() == 20
    assert Invitation.objects.filter(reminder__isnull=False).count() == 20
