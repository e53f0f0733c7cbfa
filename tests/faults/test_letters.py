"""A worker killed in the middle of a mailing: no letter is lost, and none is sent twice by itself."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db.models.functions import Now
from kombu import Connection

from customers.enums import LetterState
from customers.models import Letter
from customers.services.letters import confirm_letter, resend_letter
from portal.celery import app
from tests.conftest import Programs, database_url, eventually
from tests.factories import make_customer
from tests.postbox import Postbox, open_postbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("broker")]


def write_letters(count: int) -> None:
    customer = make_customer()
    Letter.objects.bulk_create(
        Letter(
            customer=customer,
            kind="test.mailing",
            subject_key=str(number),
            to_address=f"{number}@mail.example",
            subject="A mailing",
            text="Hello",
        )
        for number in range(count)
    )


def count(state: LetterState) -> int:
    return Letter.objects.filter(state=state).count()


def hint(broker: str, task: str) -> None:
    """What beat does: a message that only says that it is time."""
    with Connection(broker) as connection:
        app.send_task(task, connection=connection, queue="regulars")


def kill(worker: Any) -> None:
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def let_leases_lapse() -> None:
    """Ten minutes pass."""
    Letter.objects.filter(state=LetterState.SENDING).update(leased_until=Now() - timedelta(seconds=1))


class Trap:
    """Lets letters through until the chosen one reaches a step, and holds the conversation there."""

    def __init__(self) -> None:
        self.step, self.address = "", ""
        self.reached, self.released = threading.Event(), threading.Event()

    def set(self, step: str, number: int) -> None:
        self.step, self.address = step, f"{number}@mail.example"
        self.reached.clear()
        self.released.clear()

    def __call__(self, step: str, recipient: str) -> None:
        if (step, recipient) == (self.step, self.address):
            self.reached.set()
            assert self.released.wait(60)


Start = Callable[[], Any]


@pytest.fixture
def mailing(start_worker: Programs) -> Iterator[tuple[Postbox, Trap, Start]]:
    """A mail server with a trap, and a way to start a worker that uses it."""
    trap = Trap()
    with open_postbox(trap) as box:
        try:
            yield box, trap, lambda: start_worker(EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(box.port))
        finally:
            trap.released.set()


@contextmanager
def held_row(address: str) -> Iterator[None]:
    """Hold the letter's row, so that its sender, told 250, cannot write that down."""
    with psycopg.connect(database_url()) as holder:
        holder.execute("SELECT FROM customers_letter WHERE to_address = %s FOR UPDATE", (address,))
        yield


def waits_for_the_row() -> bool:
    with psycopg.connect(database_url()) as watcher:
        waiting = watcher.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
            "AND query LIKE 'UPDATE \"customers_letter\"%'"
        ).fetchone()
    return waiting == (1,)


def kill_between_reply_and_commit(box: Postbox, trap: Trap, worker: Any, number: int) -> None:
    """Kill the worker after the server said 250 to a letter and before its sender could commit that."""
    address = f"{number}@mail.example"
    eventually(trap.reached.is_set)
    assert len(box.letters_to(address)) == 1, "the server has it"
    with held_row(address):
        trap.released.set()
        eventually(waits_for_the_row)
        kill(worker)
    assert Letter.objects.get(to_address=address).state == LetterState.SENDING


def test_a_mailing_survives_two_kills(broker: str, mailing: tuple[Postbox, Trap, Start]) -> None:
    box, trap, start = mailing
    write_letters(200)

    # Killed while the server holds a letter's text in its hands and has not answered.
    trap.set("text", 60)
    worker = start()
    hint(broker, "customers.send_letters")
    eventually(trap.reached.is_set)
    kill(worker)
    trap.released.set()
    assert (count(LetterState.SENT), count(LetterState.SENDING), count(LetterState.QUEUED)) == (60, 1, 139)

    # Killed between the server's 250 and the commit.
    trap.set("taken", 120)
    worker = start()
    hint(broker, "customers.send_letters")
    kill_between_reply_and_commit(box, trap, worker, 120)
    assert (count(LetterState.SENT), count(LetterState.SENDING), count(LetterState.QUEUED)) == (119, 2, 79)

    # The rest leaves with the next worker; the two are listed, not sent again.
    let_leases_lapse()
    worker = start()
    hint(broker, "customers.settle_letters")
    hint(broker, "customers.send_letters")
    eventually(lambda: count(LetterState.SENT) == 198)
    eventually(lambda: count(LetterState.UNCERTAIN) == 2)
    hint(broker, "customers.send_letters")
    hint(broker, "customers.settle_letters")
    kill(worker)
    uncertain = Letter.objects.filter(state=LetterState.UNCERTAIN)
    assert set(uncertain.values_list("to_address", flat=True)) == {"60@mail.example", "120@mail.example"}
    assert max(box.by_message_id.values()) == 1, "nothing twice"
    sent = set(Letter.objects.filter(state=LetterState.SENT).values_list("message_id", flat=True))
    assert sent <= set(box.by_message_id), "nothing lost"

    # A person settles them, from what the server's log says.
    for letter in uncertain:
        if letter.message_id in box.by_message_id:
            assert confirm_letter(letter=letter)
        else:
            assert resend_letter(letter=letter)
    start()
    hint(broker, "customers.send_letters")
    eventually(lambda: count(LetterState.SENT) == 200)
    assert sorted(box.by_message_id.values()) == [1] * 200


@pytest.mark.parametrize("is_guarded", [True, False])
def test_sending_again_what_lapsed_would_send_twice(
    broker: str, mailing: tuple[Postbox, Trap, Start], is_guarded: bool
) -> None:
    """The control: with the guard off, the same kill sends a letter twice, so the test above can fail."""
    box, trap, start = mailing
    write_letters(10)
    trap.set("taken", 5)
    worker = start()
    hint(broker, "customers.send_letters")
    kill_between_reply_and_commit(box, trap, worker, 5)
    let_leases_lapse()
    if not is_guarded:
        Letter.objects.lapsed().update(state=LetterState.QUEUED, lease=None, leased_until=None)
    start()
    hint(broker, "customers.settle_letters")
    hint(broker, "customers.send_letters")
    eventually(lambda: count(LetterState.SENT) + count(LetterState.UNCERTAIN) == 10)
    assert max(box.by_message_id.values()) == (1 if is_guarded else 2)
    assert count(LetterState.UNCERTAIN) == (1 if is_guarded else 0)
