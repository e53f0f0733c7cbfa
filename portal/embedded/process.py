"""A child process that never outlives us, and whose leftovers the next start can find and end."""

import ctypes
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def _die_with_parent() -> None:
    """Have the kernel end this child when its parent dies, however it dies."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _born(pid: int) -> str:
    """Return the start time of a live process (clock ticks since boot), or "" where there is none.

    A number alone can belong to somebody else by now; number and start time together cannot.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


class Process:
    """One program in a session of its own, with its output in a log and its number in a pid file."""

    def __init__(self, name: str, run_dir: Path) -> None:
        self.name = name
        self.log = run_dir / f"{name}.log"
        self.pid_file = run_dir / f"{name}.pid"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Start the program, after ending whatever an earlier start left behind."""
        self.end_leftover()
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                argv,
                env=None if env is None else dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self.pid_file.write_text(json.dumps({"pid": self._child.pid, "born": _born(self._child.pid)}))

    @property
    def pid(self) -> int | None:
        """The child's process number, if it was started."""
        return self._child.pid if self._child else None

    def ended(self) -> int | None:
        """Return the exit status (negative: a signal) once the child has ended, else None."""
        return self._child.poll() if self._child else None

    def stop(self, first: signal.Signals = signal.SIGTERM, seconds: float = 10) -> None:
        """Ask the child to end, then insist; nothing of its session stays behind."""
        if self._child is None:
            return
        if self._child.poll() is None:
            self._child.send_signal(first)
            try:
                self._child.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        _end_session(self._child.pid)
        self._child.wait()
        self._child = None
        self.pid_file.unlink(missing_ok=True)

    def end_leftover(self) -> None:
        """End what an earlier start left, whether its leader still lives or only its children do."""
        try:
            left = json.loads(self.pid_file.read_text())
            pid, born = int(left["pid"]), str(left["born"])
        except (OSError, ValueError, KeyError, TypeError):
            return
        alive = _born(pid)
        if alive == "" or alive == born:
            _end_session(pid)
        self.pid_file.unlink(missing_ok=True)

    def last_lines(self, count: int = 8) -> str:
        """Return the end of the log, for a message that says what went wrong."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])
        except OSError:
            return ""


def _end_session(leader: int, seconds: float = 5) -> None:
    """Kill every process of a session and wait until none is left."""
    until = time.monotonic() + seconds
    while members := _session(leader):
        for pid in members:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if time.monotonic() > until:
            break
        time.sleep(0.02)


def _session(leader: int) -> list[int]:
    """Return the live processes whose session is the leader's."""
    members = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            members.append(int(entry))
    return members
