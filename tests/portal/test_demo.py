"""The demo itself, started as a newcomer would, with everything real and nothing left behind."""

import http.client
import json
import os
import re
import signal
import smtplib
import subprocess
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from portal.embedded.port import listen_anywhere
from portal.embedded.proc import everybody, see
from portal.embedded.services import read_services, services_file
from portal.management.commands.demo import port_number
from tests.conftest import ROOT, eventually

# One process starts the first demo, for all of them.
pytestmark = pytest.mark.xdist_group("demo-starts")

_PATIENCE = 240
CHILDREN = ("postgres", "valkey", "mailbox", "web", "worker", "beat", "guard")


class Demo:
    """One started demo with its output."""

    answered: tuple[int, dict[str, object]]
    had: set[tuple[int, int]]
    ended_with: int

    def __init__(
        self, state: Path, *options: str, at_hangup: signal.Handlers = signal.SIG_DFL, **more_env: str
    ) -> None:
        with listen_anywhere() as probe:
            self.port = probe.getsockname()[1]
        self.state = state
        self.out = state.with_name(f"{state.name}.out")
        given = {"DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY", "DATABASE_POOL"}
        env = {name: value for name, value in os.environ.items() if name not in given}
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "manage.py", "demo", "--port", str(self.port), "--state", str(state)),
                    *("--customers", "20", *options),
                ],
                cwd=ROOT,
                env=env | more_env,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # A test run behind `nohup` ignores a closed terminal, and what it starts would, too.
                preexec_fn=lambda: signal.signal(signal.SIGHUP, at_hangup),
            )

    def said(self) -> str:
        return self.out.read_text()

    def wait_until_ready(self) -> "Demo":
        def is_ready() -> bool:
            assert self.process.poll() is None, self.said()
            return f"Ready: http://127.0.0.1:{self.port}/\n" in self.said()

        eventually(is_ready, _PATIENCE)
        return self

    def readyz(self) -> tuple[int, dict[str, object]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except OSError:
            return 0, {}
        finally:
            connection.close()

    def pid_of(self, name: str) -> int:
        """Return a child's number, or 0 while it is being started again."""
        try:
            return int(json.loads((self.state / "run" / f"{name}.pid").read_text())["pid"])
        except FileNotFoundError:
            return 0

    def family(self) -> set[tuple[int, int]]:
        """Everything that descends from the demo, by number and start: sessions and parents do not hide them."""
        parents = {seen.pid: (_parent(seen.pid), seen.born) for seen in everybody()}
        found: set[tuple[int, int]] = set()
        line = [self.process.pid]
        while line:
            here = line.pop()
            for pid, (parent, born) in parents.items():
                if parent == here:
                    found.add((pid, born))
                    line.append(pid)
        return found

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def alive(family: set[tuple[int, int]]) -> list[tuple[int, str]]:
    return [(pid, seen.name) for pid, born in family if (seen := see(pid)) and seen.born == born and not seen.has_ended]


Start = Callable[..., Demo]


def copy_of(first: Demo, state: Path) -> Path:
    """A folder in which a demo was before, with its data."""
    state.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", first.state, state], check=True)
    return state


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A demo that was started in an empty place, was ready, and has ended."""
    demo = Demo(tmp_path_factory.mktemp("first") / "state")
    try:
        demo.wait_until_ready()
        demo.answered = demo.readyz()
        demo.had = demo.family()
    finally:
        demo.ended_with = demo.end()
    return demo


@pytest.fixture(scope="module")
def second(first: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo that runs on what the first one left, for several tests: the last of them kills it."""
    demo = Demo(copy_of(first, tmp_path_factory.mktemp("second") / "state"))
    try:
        yield demo.wait_until_ready()
    finally:
        if demo.process.poll() is None:
            demo.end()


@pytest.fixture
def start(first: Demo, tmp_path: Path) -> Iterator[Start]:
    """Start demos, each in a copy of the first one's folder; whatever the test does, none is left."""
    started: list[Demo] = []

    def run(name: str | Path = "state", *options: str, **more: Any) -> Demo:
        state = tmp_path / name
        demo = Demo(state if state.exists() else copy_of(first, state), *options, **more)
        started.append(demo)
        return demo

    yield run
    for demo in started:
        if demo.process.poll() is None:
            demo.end()


def test_first_start_is_ready_and_its_end_leaves_nothing(first: Demo) -> None:
    said = first.said()
    assert said.count(f"Ready: http://127.0.0.1:{first.port}/\n") == 1
    for word in ("agent@demo.test", "manager@demo.test", "admin@demo.test", "welcome-to-regulars", "Three things"):
        assert word in said
    assert first.answered == (200, first.answered[1])
    assert first.ended_with == 0
    assert len(first.had) > len(CHILDREN)
    assert not alive(first.had), alive(first.had)
    assert not services_file(first.state).exists()
    assert not list((first.state / "run").glob("*.pid"))
    assert "Traceback" not in said


def test_second_start_keeps_the_data(first: Demo, second: Demo) -> None:
    demo = second
    assert "  tables" not in demo.said()
    # The first one's worker was heard seconds before; this one was not ready before its own was.
    with psycopg.connect(read_services(demo.state)["DATABASE_URL"]) as connection:
        heard = "SELECT heard_at > pg_postmaster_start_time() FROM portal_heartbeat WHERE part = 'worker'"
        assert connection.execute(heard).fetchall() == [(True,)]
    assert (demo.state / "secret_key").read_text() == (first.state / "secret_key").read_text()
    services = read_services(demo.state)
    assert services_file(demo.state).stat().st_mode & 0o777 == 0o600
    with smtplib.SMTP(services["EMAIL_HOST"], int(services["EMAIL_PORT"]), timeout=60) as client:
        client.sendmail("hello@house.example", ["customer1@mail.example"], "Subject: x\r\n\r\nHello\r\n")
    assert len(list((demo.state / "mail").glob("*customer1@mail.example.eml"))) == 1


def test_whatever_is_killed_comes_back(second: Demo) -> None:
    demo = second
    whole = demo.family()
    for name in CHILDREN:
        before = demo.pid_of(name)
        os.kill(before, signal.SIGKILL)
        eventually(lambda name=name, before=before: demo.pid_of(name) not in {0, before}, _PATIENCE)  # type: ignore[misc]
    eventually(lambda: demo.readyz()[0] == 200, _PATIENCE)
    assert demo.said().count("Starting it again.") == len(CHILDREN)
    # Not only the killed are gone: their children are, too.
    assert not alive(whole), alive(whole)


def test_killed_demo_takes_all_with_it_and_the_next_start_recovers(second: Demo, start: Start) -> None:
    whole = second.family()
    assert len(whole) > len(CHILDREN)
    second.process.kill()
    second.process.wait()
    eventually(lambda: not alive(whole), 60)
    eventually(lambda: not services_file(second.state).exists(), 60)

    again = start(second.state).wait_until_ready()
    whole = again.family()
    guard = again.pid_of("guard")
    worker = again.pid_of("worker")
    # The worst: nobody is left to clean up, and the worker's master is gone before its children.
    for pid in (guard, again.process.pid, worker):
        os.kill(pid, signal.SIGKILL)
    again.process.wait()

    third = start(second.state).wait_until_ready()
    assert not alive(whole), alive(whole)
    assert third.readyz()[0] == 200
    assert third.end(signal.SIGHUP) == 0


def test_two_at_once(start: Start, broker: str) -> None:
    """Two states and two ports side by side; a second demo in one state is told who runs there.

    For one of them a server from the environment takes the place of an embedded one, of the broker alone, and it
    was started to outlive its terminal.
    """
    one, two = (
        start("one", CELERY_BROKER_URL=broker, at_hangup=signal.SIG_IGN),
        start("deep/" + "d" * 60 + "/" + "two words, é" * 6),
    )
    one.wait_until_ready()
    two.wait_until_ready()
    # The answer itself, so that a failure names the part.
    for demo in (one, two):
        answer = demo.readyz()
        assert answer[0] == 200, answer
    assert read_services(one.state)["CELERY_BROKER_URL"] == broker
    assert [(demo.state / "run" / "valkey.pid").exists() for demo in (one, two)] == [False, True]
    assert (one.state / "run" / "postgres.pid").exists()
    third = start("one")
    assert third.process.wait(60) == 1
    assert f"http://127.0.0.1:{one.port}/" in third.said()
    assert str(one.process.pid) in third.said()
    one.process.send_signal(signal.SIGHUP)
    assert one.readyz()[0] == 200
    assert one.end(signal.SIGINT) == 0
    assert two.readyz()[0] == 200


def refused(*options: str, **more_env: str) -> "subprocess.CompletedProcess[str]":
    given = {"DATABASE_URL", "CELERY_BROKER_URL"}
    env = {name: value for name, value in os.environ.items() if name not in given}
    ran = subprocess.run(
        [sys.executable, "manage.py", "demo", *options],
        cwd=ROOT,
        env=env | more_env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode != 0
    assert "Traceback" not in ran.stderr
    return ran


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "", "８０", "1e3"])
def test_impossible_port_is_refused(port: str) -> None:
    with pytest.raises(ArgumentTypeError, match="a port is a whole number from 1 to 65535"):
        port_number(port)


def test_impossible_port_is_refused_on_the_command_line() -> None:
    said = refused("--port=0").stderr
    assert "argument --port: a port is a whole number from 1 to 65535, not '0'" in said


def test_taken_port_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    """Even with --fresh: what cannot start removes nothing."""
    state = tmp_path / "state"
    (state / "postgres").mkdir(parents=True)
    (state / ".regulars-demo").write_text("")
    with listen_anywhere() as taken:
        port = taken.getsockname()[1]
        said = refused("--port", str(port), "--state", str(state), "--fresh").stderr
    assert re.search(rf"cannot have port {port}.*--port \d+", said)
    assert (state / "postgres").exists()


def test_folder_of_somebody_else_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    said = refused("--state", str(tmp_path), "--fresh").stderr
    assert "did not make" in said
    assert (tmp_path / "thesis.txt").exists()


def test_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    assert "--state" in refused("--state", str(tmp_path / "var")).stderr


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgresql://someone:wordofpass@127.0.0.1:1/regulars"),
        ("CELERY_BROKER_URL", "redis://someone:wordofpass@127.0.0.1:1/0"),
        ("CELERY_BROKER_URL", "amqp://someone:wordofpass@127.0.0.1:1//"),
    ],
)
def test_server_that_does_not_answer_is_named(tmp_path: Path, name: str, url: str) -> None:
    with listen_anywhere() as probe:
        port = probe.getsockname()[1]
    said = refused("--state", str(tmp_path / "state"), "--port", str(port), **{name: url}).stderr
    assert name in said
    assert "wordofpass" not in said
    assert not list((tmp_path / "state" / "run").glob("*.pid"))
