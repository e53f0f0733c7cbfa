"""A whole mailing among ruins: workers, broker and mail server die over and over, and every letter is accounted for.

The default run plays it small. The whole size, 10,000 letters with 50 kills and 20 restarts each of broker and mail
server, takes some minutes: `uv run pytest -n0 -s -m slow tests/faults/test_post_chaos.py`.
"""

import contextlib
import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now
from kombu import Connection
from kombu.exceptions import KombuError

from customers.enums import LetterState
from customers.models import Letter, Suppression
from customers.services.letters import confirm_letter, resend_letter, settle_letters
from customers.services.mailing import send_letters
from portal.celery import app
from portal.embedded.valkey import Valkey
from tests.conftest import Programs
from tests.faults.post_office import UNKNOWABLE, Manner, manner_of
from tests.faults.test_letters import let_leases_lapse, write_letters
from tests.postbox import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]

# How long a sender waits for an answer that does not come.
PATIENCE = 4
# Senders in one worker; a worker that is killed whole takes as many letters with it at most.
SENDERS = 2


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    letters: int
    workers: int
    sender_kills: int
    worker_kills: int
    restarts: int

    @property
    def bound(self) -> int:
        """How many letters can be in the hands of those who die, at most."""
        return self.sender_kills + SENDERS * self.worker_kills + SENDERS * self.workers * self.restarts


SMALL = Size(letters=150, workers=1, sender_kills=1, worker_kills=1, restarts=1)
WHOLE = Size(letters=10_000, workers=2, sender_kills=40, worker_kills=10, restarts=20)


@dataclass
class Ruins:
    """The parts that die, and the means to kill them."""

    start: Programs
    size: Size
    state: Path
    port: int = field(default_factory=free_port)
    workers: list[Any] = field(default_factory=list)
    office: Any = None

    def __post_init__(self) -> None:
        self.log = self.state / "office.log"
        self.log.touch()
        self.broker = Valkey(self.state)
        self.url = self.broker.start()

    def begin(self) -> None:
        """Start everything."""
        self.open_office()
        self.workers = [self.start_worker() for _ in range(self.size.workers)]

    def open_office(self) -> None:
        self.office = self.start("-m", "tests.faults.post_office", str(self.port), str(self.log))

    def start_worker(self) -> Any:
        arguments = ("-m", "celery", "-A", "portal", "worker", "-c", str(SENDERS), "-l", "ERROR", "--without-mingle")
        mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self.port), "EMAIL_TIMEOUT": str(PATIENCE)}
        return self.start(*arguments, CELERY_BROKER_URL=self.url, LOG_LEVEL="ERROR", **mail)

    def hint(self) -> None:
        """What beat does, where the broker listens at all."""
        connection = Connection(self.url)
        with contextlib.suppress(OSError, KombuError, *connection.connection_errors), connection:
            app.send_task("customers.send_letters", connection=connection, queue="regulars", expires=5, retry=False)

    def kill_sender(self) -> bool:
        """Kill one process that sends; False where there is none at the moment."""
        children = [pid for worker in self.workers for pid in children_of(worker.pid)]
        if not children:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(random.choice(children), signal.SIGKILL)
        return True

    def kill_worker(self) -> bool:
        """Kill a worker with all its senders, and start another."""
        worker = self.workers.pop(0)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.workers.append(self.start_worker())
        return True

    def restart_broker(self) -> bool:
        """Kill the broker and start it again."""
        pid = self.broker.process.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        self.broker.stop()
        assert self.broker.start() == self.url
        return True

    def restart_office(self) -> bool:
        """Kill the mail server and start it again."""
        self.office.kill()
        self.office.wait()
        self.open_office()
        return True

    def disasters(self) -> list[Callable[[], bool]]:
        """All that will happen, in any order but the same each time."""
        size = self.size
        deeds = [self.kill_sender] * size.sender_kills + [self.kill_worker] * size.worker_kills
        deeds += [self.restart_broker] * size.restarts + [self.restart_office] * size.restarts
        random.Random(7).shuffle(deeds)
        return deeds

    def stop(self) -> None:
        """Let the workers finish what is in their hands; what dead ones held stays where it is."""
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            worker.wait(60)

    def taken(self) -> Counter[str]:
        """How often the mail server took each Message-ID."""
        lines = (line.split() for line in self.log.read_text().splitlines())
        return Counter(words[1] for words in lines if words[0] == "taken")


def children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


@pytest.fixture
def state() -> Iterator[Path]:
    """A folder with a short name, for the broker's socket."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-ruins-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def make_ruins(start_program: Programs, state: Path) -> Iterator[Callable[[Size], Ruins]]:
    """Everything that a mailing needs, of a size."""
    made: list[Ruins] = []

    def make(size: Size) -> Ruins:
        made.append(Ruins(start_program, size, state))
        return made[-1]

    yield make
    for ruins in made:
        ruins.broker.stop()


def count(*states: LetterState) -> int:
    return Letter.objects.filter(state__in=states).count()


def let_time_pass() -> None:
    """Letters that were put off have waited long enough."""
    Letter.objects.filter(state=LetterState.QUEUED, due_at__gt=Now()).update(due_at=Now())


def live_through(ruins: Ruins, seconds: float = 1200) -> None:
    """Send all letters while the disasters happen, spread over the whole work."""
    size, deeds = ruins.size, ruins.disasters()
    ruins.begin()
    until, happened = time.monotonic() + seconds, 0
    while True:
        assert time.monotonic() < until, f"{happened} disasters, {count(LetterState.QUEUED)} letters wait"
        ruins.hint()
        let_time_pass()
        waiting = count(LetterState.QUEUED)
        if happened < len(deeds) and size.letters - waiting >= (happened + 1) * size.letters / (len(deeds) + 1):
            happened += deeds[happened]()
        elif happened == len(deeds) and not waiting:
            break
        time.sleep(0.05 if happened < len(deeds) else 0.5)
    ruins.stop()


def check_nothing_lost(ruins: Ruins) -> dict[str, int]:
    """Compare what the house says with what the mail server did; return the figures."""
    taken = ruins.taken()
    assert not count(LetterState.QUEUED, LetterState.SENDING)
    by_state: dict[str, set[str]] = {state: set() for state in LetterState.values}
    manners: dict[str, Counter[Manner]] = {state: Counter() for state in LetterState.values}
    for letter in Letter.objects.only("state", "message_id", "to_address"):
        by_state[letter.state].add(letter.message_id)
        manners[letter.state][manner_of(letter.to_address)] += 1
    assert by_state["sent"] <= set(taken), "lost: called sent, and not taken"
    assert set(taken) <= by_state["sent"] | by_state["uncertain"], "taken, and called refused"
    assert max(taken.values()) == 1, "sent twice"
    assert set(manners["refused"]) <= {Manner.GONE, Manner.UNWANTED}
    assert manners["sent"].total() + manners["refused"].total() + manners["uncertain"].total() == ruins.size.letters
    scripted = sum(manners["uncertain"][manner] for manner in UNKNOWABLE)
    by_death = manners["uncertain"].total() - scripted
    assert by_death <= ruins.size.bound
    assert Suppression.objects.count() == manners["refused"][Manner.GONE], "nobody else is struck off"
    return {
        "sent": len(by_state["sent"]),
        "refused": len(by_state["refused"]),
        "uncertain by script": scripted,
        "uncertain by death": by_death,
        "bound": ruins.size.bound,
        "twice": 0,
    }


def settle_by_log(ruins: Ruins) -> None:
    """What a person does with the list of uncertain letters and the mail server's log."""
    taken = ruins.taken()
    for letter in Letter.objects.filter(state=LetterState.UNCERTAIN):
        assert (confirm_letter if letter.message_id in taken else resend_letter)(letter=letter)


@pytest.mark.parametrize("size", [SMALL, pytest.param(WHOLE, marks=pytest.mark.slow)], ids=["small", "whole"])
def test_every_letter_is_accounted_for(make_ruins: Callable[[Size], Ruins], size: Size, settings: Any) -> None:
    write_letters(size.letters)
    ruins = make_ruins(size)
    began = time.monotonic()
    live_through(ruins)
    took = time.monotonic() - began
    let_leases_lapse()
    settle_letters()
    figures = check_nothing_lost(ruins)
    print(f"\n{size.letters} letters in {took:.0f} s: {figures}")  # noqa: T201

    # Settled by hand, and everything is where it belongs: once.
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", ruins.port, PATIENCE
    # Twice: one that died with its sender may meet its own manner only now, and be uncertain by that.
    for _ in range(2):
        settle_by_log(ruins)
        while count(LetterState.QUEUED):
            let_time_pass()
            send_letters()
    assert count(LetterState.SENT) + count(LetterState.REFUSED) == size.letters
    assert set(ruins.taken().values()) == {1}
    assert len(ruins.taken()) == count(LetterState.SENT)


@pytest.mark.parametrize("is_guarded", [True, False])
def test_control_sending_again_what_is_uncertain_sends_twice(
    make_ruins: Callable[[Size], Ruins], is_guarded: bool, settings: Any
) -> None:
    """With the guard off, the comparison above sees letters that left twice."""
    size = Size(letters=0, workers=0, sender_kills=0, worker_kills=0, restarts=0)
    ruins = make_ruins(size)
    write_letters(250)
    Letter.objects.exclude(pk__in=[one.pk for one in Letter.objects.all() if _is_telling(one)]).delete()
    ruins.size = Size(Letter.objects.count(), 0, 0, 0, 0)
    ruins.open_office()
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", ruins.port, 2
    while count(LetterState.QUEUED):
        let_time_pass()
        send_letters()
        if not is_guarded:
            Letter.objects.filter(state=LetterState.UNCERTAIN).update(state=LetterState.QUEUED)
    if is_guarded:
        assert check_nothing_lost(ruins)["uncertain by script"] >= 2
    else:
        with pytest.raises(AssertionError, match="sent twice"):
            check_nothing_lost(ruins)


def _is_telling(letter: Letter) -> bool:
    return manner_of(letter.to_address) in UNKNOWABLE | {Manner.GONE, Manner.GREYLISTED}
