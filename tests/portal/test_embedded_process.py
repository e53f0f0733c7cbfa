"""Processes that are ours and processes that are not, with real ones."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded.guard import end_all
from portal.embedded.proc import MARK, is_alive, machine_start, see
from portal.embedded.process import Process, Record
from tests.conftest import eventually

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
# A leader with a child in its session, both deaf to SIGTERM; it writes the child's number.
FAMILY = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", deaf])
print(child.pid, flush=True)
time.sleep(600)
"""


def start_family(state: Path, name: str = "family") -> tuple[Process, int]:
    """Start a leader and return it with its child's number."""
    process = Process(name, state)
    process.start([sys.executable, "-c", FAMILY])
    eventually(process.last_lines)
    return process, int(process.last_lines())


def born(pid: int) -> int:
    seen = see(pid)
    assert seen is not None
    return seen.born


def lives(pid: int) -> bool:
    seen = see(pid)
    return seen is not None and not seen.has_ended


@pytest.fixture
def stranger() -> Iterator["subprocess.Popen[bytes]"]:
    """Somebody else's process, leading a session of its own."""
    child = subprocess.Popen(SLEEPER, start_new_session=True)
    yield child
    child.kill()
    child.wait()


def record_of(pid: int, *, start: int, machine: str | None = None, mark: str = "family:0") -> Record:
    here = machine_start() if machine is None else machine
    return Record(pid=pid, born=start, machine=here, mark=mark, first_signal=signal.SIGTERM)


def test_stop_ends_the_session_and_forgets_it(tmp_path: Path) -> None:
    process, child = start_family(tmp_path)
    leader = process.pid
    assert leader is not None
    assert lives(child)
    process.stop(0.2)
    assert not lives(leader)
    assert not lives(child)
    assert not list((tmp_path / "run").glob("*.pid"))


def test_children_of_a_dead_leader_are_ended(tmp_path: Path) -> None:
    process, child = start_family(tmp_path)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    eventually(lambda: process.ended() is not None)
    assert process.ended() == -signal.SIGKILL
    assert lives(child)
    process.stop(0)
    assert not lives(child)


def test_next_start_ends_what_was_left(tmp_path: Path) -> None:
    process, child = start_family(tmp_path)
    leader = process.pid
    assert leader is not None
    Process("family", tmp_path).end_leftover()
    assert not lives(child)
    assert process.ended() == -signal.SIGKILL
    process.stop(0)


def test_orphans_are_known_by_their_mark(tmp_path: Path) -> None:
    """The leader is gone and collected: number and start are no help, the mark in the environment is."""
    process, child = start_family(tmp_path)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    assert process._child is not None
    process._child.wait()
    assert lives(child)
    Process("family", tmp_path).end_leftover()
    assert not lives(child)


def test_reused_number_is_left_alone(tmp_path: Path, stranger: "subprocess.Popen[bytes]") -> None:
    """The number of our process is somebody else's now: same number, another start."""
    (tmp_path / "run").mkdir()
    record_of(stranger.pid, start=born(stranger.pid) - 1).write(tmp_path / "run" / "family.pid")
    Process("family", tmp_path).end_leftover()
    end_all(tmp_path / "run", patience=0)
    assert stranger.poll() is None
    # The control: with the right start it is ended.
    record_of(stranger.pid, start=born(stranger.pid)).write(tmp_path / "run" / "family.pid")
    Process("family", tmp_path).end_leftover()
    eventually(lambda: stranger.poll() is not None)


def test_strangers_in_a_reused_session_are_left_alone(tmp_path: Path) -> None:
    """Our leader is gone, its number led another's session since, and that leader is gone too."""
    leader = subprocess.Popen([sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, start_new_session=True)
    assert leader.stdout is not None
    child = int(leader.stdout.readline())
    leader.kill()
    leader.wait()
    leader.stdout.close()
    record = record_of(leader.pid, start=1)
    try:
        assert record.members() == []
        record.insist(0)
        assert lives(child)
    finally:
        os.kill(child, signal.SIGKILL)


def test_record_of_an_earlier_boot_means_nothing(tmp_path: Path, stranger: "subprocess.Popen[bytes]") -> None:
    path = tmp_path / "family.pid"
    record_of(stranger.pid, start=born(stranger.pid), machine="another start").write(path)
    assert Record.read(path) is None


@pytest.mark.parametrize("content", ["", "12", "{}", '{"pid": "x"}', "[1, 2]", "null"])
def test_broken_pid_file_means_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "run").mkdir()
    path = tmp_path / "run" / "family.pid"
    path.write_text(content)
    assert Record.read(path) is None
    Process("family", tmp_path).end_leftover()
    assert not path.exists()


def test_child_dies_with_its_parent(tmp_path: Path) -> None:
    """The parent is killed the hard way; the kernel tells the child."""
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from portal.embedded.process import Process\n"
            "Process('sleeper', Path(sys.argv[1])).start([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
            "time.sleep(600)",
            str(tmp_path),
        ],
        cwd=Path(__file__).parents[2],
    )
    path = tmp_path / "run" / "sleeper.pid"
    eventually(path.exists)
    child = json.loads(path.read_text())
    assert is_alive(child["pid"], child["born"])
    parent.kill()
    parent.wait()
    eventually(lambda: not is_alive(child["pid"], child["born"]))


def test_second_signal_is_not_sent(tmp_path: Path) -> None:
    """Many programs take a second SIGTERM for haste."""
    process = Process("counter", tmp_path)
    process.start(
        [
            sys.executable,
            "-c",
            "import signal, time; signal.signal(15, lambda *_: print('asked', flush=True))\n"
            "print('up', flush=True)\nwhile True: time.sleep(0.05)",
        ]
    )
    eventually(lambda: "up" in process.last_lines())
    process.ask()
    eventually(lambda: "asked" in process.last_lines())
    process.ask()
    process.stop(0.5)
    assert process.last_lines().count("asked") == 1


def test_mark_is_in_the_environment(tmp_path: Path) -> None:
    process = Process("marked", tmp_path)
    process.start([sys.executable, "-c", f"import os; print(os.environ['{MARK}'])"])
    eventually(lambda: process.ended() is not None)
    assert process.last_lines().startswith("marked:")
    process.stop()


def test_a_process_that_ended_is_not_alive() -> None:
    child = subprocess.Popen(["true"])
    start = born(child.pid)
    eventually(lambda: not is_alive(child.pid, start))
    child.wait()
    assert see(child.pid) is None
