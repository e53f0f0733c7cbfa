"""A child process that never outlives us, and whose leftovers the next start can find and end."""

import ctypes
import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from portal.embedded.proc import MARK, Seen, carries, everybody, is_alive, machine_start, see, works_in

_PR_SET_PDEATHSIG = 1
_LOG_LIMIT = 5_000_000
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Record:
    """What a pid file keeps: enough to know our own process again, and nobody else's."""

    pid: int
    born: int
    machine: str
    mark: str
    first_signal: int
    # Some programs' children leave the session (PostgreSQL's do); they keep this folder and the leader's name.
    home: str = ""
    name: str = ""

    @classmethod
    def read(cls, path: Path) -> "Record | None":
        """Return the record in a file, or None where there is none that makes sense, or it is of an earlier boot."""
        try:
            record = cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return record if record.machine == machine_start() else None

    def write(self, path: Path) -> None:
        """Put the record into a file, whole or not at all."""
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self)))
        fresh.replace(path)

    def members(self) -> list[Seen]:
        """Return the live processes that belong to it: the session, and children that left the session."""
        leader = see(self.pid)
        if leader and leader.born != self.born:
            return [seen for seen in everybody() if self._left_session(seen)]
        # With the leader gone, its number may have led another's session since: only marked processes are ours.
        return [
            seen
            for seen in everybody()
            if (seen.session == self.pid and (leader or carries(seen.pid, self.mark))) or self._left_session(seen)
        ]

    def _left_session(self, seen: Seen) -> bool:
        return bool(self.home) and seen.name == self.name and works_in(seen.pid, Path(self.home))

    def ask(self) -> None:
        """Send the leader the signal on which it ends in good order."""
        if is_alive(self.pid, self.born):
            _kill(self.pid, self.first_signal)

    def end(self, seconds: float) -> None:
        """Ask, wait, and then insist."""
        self.ask()
        until = time.monotonic() + seconds
        while self.members() and time.monotonic() < until:
            time.sleep(0.05)
        self.insist()

    def insist(self, seconds: float = 5) -> None:
        """Kill every process that belongs to it and wait until none is left."""
        until = time.monotonic() + seconds
        while members := self.members():
            for seen in members:
                _kill(seen.pid, signal.SIGKILL)
            if time.monotonic() > until:
                break
            time.sleep(0.02)


def _kill(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _die_with(parent: int, number: int) -> Callable[[], None]:
    """Return what a child runs before its program: have the kernel signal it when its parent dies, however it dies."""

    def prepare() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


class Process:
    """One program in a session of its own, with its output in `state/log` and its number in `state/run`.

    `first_signal` is the one on which it ends in good order. `home` is where children work that leave the session.
    With `outlives_parent` it is not told when we die.
    """

    def __init__(
        self,
        name: str,
        state: Path,
        *,
        first_signal: signal.Signals = signal.SIGTERM,
        home: Path | None = None,
        outlives_parent: bool = False,
    ) -> None:
        self.name = name
        self.log = state / "log" / f"{name}.log"
        self.pid_file = state / "run" / f"{name}.pid"
        self.first_signal = first_signal
        self.home = home
        self.outlives_parent = outlives_parent
        self._child: subprocess.Popen[bytes] | None = None
        self._record: Record | None = None
        self._asked_at: float | None = None

    def start(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        *,
        cwd: Path | None = None,
        stdin: int = subprocess.DEVNULL,
        pass_fds: Sequence[int] = (),
        shows: bool = False,
    ) -> None:
        """Start the program, after ending whatever an earlier start left behind. `shows`: its output goes to ours."""
        self.end_leftover()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.old"))
        mark = f"{self.name}:{secrets.token_hex(8)}"
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                argv,
                env={**(os.environ if env is None else env), MARK: mark},
                cwd=cwd,
                stdin=stdin,
                stdout=None if shows else log,
                stderr=None if shows else subprocess.STDOUT,
                pass_fds=pass_fds,
                start_new_session=True,
                preexec_fn=None if self.outlives_parent else _die_with(os.getpid(), self.first_signal),
            )
        self._asked_at = None
        seen = see(self._child.pid)
        self._record = Record(
            pid=self._child.pid,
            born=seen.born if seen else 0,
            machine=machine_start(),
            mark=mark,
            first_signal=self.first_signal,
            home=str(self.home or ""),
            name=Path(self.name).name,
        )
        self._record.write(self.pid_file)

    @property
    def pid(self) -> int | None:
        """The child's process number, if it was started."""
        return self._child.pid if self._child else None

    def ended(self) -> int | None:
        """Return the exit status (negative: a signal) once the child has ended, else None.

        The child is not collected yet: until then nobody else can be given its number, so that what is left
        of its session can be ended without doubt.
        """
        if self._child is None or self._child.returncode is not None:
            return self._child.returncode if self._child else None
        seen = os.waitid(os.P_PID, self._child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if seen is None:
            return None
        return seen.si_status if seen.si_code == os.CLD_EXITED else -seen.si_status

    def ask(self) -> None:
        """Ask the child to end, without waiting; once, for a second signal means haste to many programs."""
        if self._child is not None and self._asked_at is None and self.ended() is None:
            self._asked_at = time.monotonic()
            _kill(self._child.pid, self.first_signal)

    def stop(self, seconds: float = 10) -> None:
        """Ask the child to end, insist so many seconds after it was asked first; nothing of it stays behind."""
        if self._child is None or self._record is None:
            return
        self.ask()
        until = (self._asked_at or time.monotonic()) + seconds
        while self.ended() is None and time.monotonic() < until:
            time.sleep(0.02)
        self._record.insist()
        self._child.wait()
        self._child = self._record = None
        self.pid_file.unlink(missing_ok=True)

    def end_leftover(self) -> None:
        """End what an earlier start left, whether its leader still lives or only its children do."""
        if record := Record.read(self.pid_file):
            record.end(3)
        self.pid_file.unlink(missing_ok=True)

    def last_lines(self, count: int = 8) -> str:
        """Return the end of the log, for a message that says what went wrong."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])
        except OSError:
            return ""
