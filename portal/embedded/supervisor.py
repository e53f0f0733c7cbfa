"""Starts the demo's services in order, looks after them, and ends them."""

import hashlib
import http.client
import json
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import psycopg
from django.apps import apps
from django.conf import settings

from portal.embedded import outside, programs
from portal.embedded.exceptions import CannotStart
from portal.embedded.guard import NAME as GUARD
from portal.embedded.guard import end_all
from portal.embedded.port import HOST, listen_anywhere, reserve
from portal.embedded.postgres import Postgres
from portal.embedded.process import Process
from portal.embedded.programs import Guard, Mailbox, Program, Service
from portal.embedded.services import services_file, write_services
from portal.embedded.state import StateFolder
from portal.embedded.valkey import Valkey

_LABELS = {
    "postgres": "database",
    "valkey": "message broker",
    "mailbox": "letter box",
    "web": "web server",
    "worker": "worker",
    "beat": "clock",
    "guard": "guard",
}
# So many ends within so many seconds, and we stop trying.
_DEATHS, _WITHIN = 4, 60.0


class Stopped(Exception):
    """Somebody asked the demo to end."""


class Supervisor:
    """One demo in one folder on one port, from start to end."""

    def __init__(
        self, folder: StateFolder, port: int, say: Callable[[str], None], customers: int | None = None
    ) -> None:
        self.folder = folder
        self.port = port
        self.say = say
        self.customers = customers
        self.url = f"http://{HOST}:{port}/"
        self.env: dict[str, str] = {}
        # What to try in the loaded data, each with `{url}` where the site's address belongs.
        self.tour: list[str] = []
        self._running: list[Service] = []
        self._deaths: dict[str, deque[float]] = {}
        self._is_stopping = False
        self._held = ExitStack()

    def make_way(self) -> None:
        """End what an earlier demo left in this folder, and take the port. Raises `CannotStart` if somebody has it."""
        left = [path for path in self.folder.run.glob("*.pid") if path.stem != GUARD]
        # Its guard first: it would end ours.
        Process(GUARD, self.folder.path).end_leftover()
        end_all(self.folder.run, patience=3)
        services_file(self.folder.path).unlink(missing_ok=True)
        if left:
            self.say("  An earlier demo did not end in good order. What it left running has been ended.")
        self._held.enter_context(reserve(self.port))

    def run(self, ready: Callable[[], None]) -> None:
        """Start everything, call `ready`, and look after it until a signal comes. Raises `CannotStart`."""
        with self._signals(), self._held:
            try:
                self.folder.prepare()
                self._start()
                ready()
                while True:
                    self._pause(0.3)
                    self._tend()
            except Stopped:
                self.say("\nStopping.")
            except OSError as error:
                raise CannotStart(self.folder.refusal(error)) from error
            finally:
                self._stop()

    # --- starting ---------------------------------------------------------------------------------

    def _start(self) -> None:
        self._launch(Guard(self.folder.path))
        has_own_database = self._start_servers()
        self._prepare_database(has_own_database)
        _forget_signs_of_life(self.env["DATABASE_URL"])
        with self._step("web server, worker, clock"):
            self._launch(programs.web(self.folder.path, self.port, self.env))
            self._launch(programs.worker(self.folder.path, self.env))
            self._launch(programs.beat(self.folder.path, self.env))
            self._wait_until_ready(90)

    def _start_servers(self) -> bool:
        """Start the database, the broker and the letter box side by side; return whether the database is our own."""
        database, broker = os.environ.get("DATABASE_URL"), os.environ.get("CELERY_BROKER_URL")
        own_database = None if database else Postgres(self.folder.path)
        own_broker = None if broker else Valkey(self.folder.path)
        listener = listen_anywhere()
        self.env = self._environment(listener.getsockname()[1])
        self._launch(Mailbox(self.folder.path, listener, self.env))
        if own_broker:
            self._launch(own_broker)
        with self._step("database"):
            if own_database:
                self._launch(own_database)
                database = own_database.wait()
            else:
                outside.check_database(str(database))
        with self._step("message broker"):
            if own_broker:
                broker = own_broker.wait()
            else:
                outside.check_broker(str(broker))
        self.env |= {"DATABASE_URL": str(database), "CELERY_BROKER_URL": str(broker)}
        write_services(self.folder.path, {name: self.env[name] for name in self._told()})
        return own_database is not None

    def _environment(self, mail_port: int) -> dict[str, str]:
        """Return what the programs are told. Letters never leave this machine, whatever the environment says."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GRANIAN_")}
        return inherited | {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "REGULARS_STATE": str(self.folder.path),
            "SECRET_KEY": os.environ.get("SECRET_KEY") or self.folder.secret_key(),
            "SITE_URL": self.url.rstrip("/"),
            "EMAIL_HOST": HOST,
            "EMAIL_PORT": str(mail_port),
            "EMAIL_HOST_USER": "",
            "EMAIL_HOST_PASSWORD": "",
            "EMAIL_USE_TLS": "no",
            "EMAIL_USE_SSL": "no",
        }

    @staticmethod
    def _told() -> tuple[str, ...]:
        """Return the settings that commands beside the demo need."""
        return (
            *("DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY", "SITE_URL"),
            *("EMAIL_HOST", "EMAIL_PORT", "EMAIL_USE_TLS", "EMAIL_USE_SSL"),
        )

    def _prepare_database(self, is_own: bool) -> None:
        """Bring tables and demo data up to date; our own database is left alone if this code did so before."""
        done = self.folder.path / "prepared.json"
        state = {"code": _fingerprint(), "customers": self.customers}
        known = _read(done)
        if is_own and isinstance(known, dict) and known.get("state") == state:
            self.tour = known["tour"]
            return
        with self._step("tables"):
            self._finish(programs.command("tables", self.folder.path, ["migrate", "--noinput", "-v", "0"], self.env))
        limit = [] if self.customers is None else ["--customers", str(self.customers)]
        with self._step("demo data"):
            self._finish(programs.command("load", self.folder.path, ["load_demo", *limit], self.env), shows=True)
            self.tour = self._read_tour()
        if is_own:
            done.write_text(json.dumps({"state": state, "tour": self.tour}))

    def _read_tour(self) -> list[str]:
        """Ask the loaded data for things to try, with `{url}` for the address: the next start may have another."""
        program = programs.command("tour", self.folder.path, ["load_demo", "--tour"], self.env | {"SITE_URL": "{url}"})
        program.process.log.unlink(missing_ok=True)
        self._finish(program)
        return program.process.log.read_text().splitlines()

    def _launch(self, service: Service) -> None:
        if service not in self._running:
            self._running.append(service)
        service.launch()

    def _finish(self, program: Program, *, shows: bool = False) -> None:
        """Run a command to its end. Raises `CannotStart` with its last words where it fails."""
        self._running.append(program)
        program.launch(shows=shows)
        while (status := program.process.ended()) is None:
            self._pause(0.05)
        program.stop()
        self._running.remove(program)
        if status:
            words = "" if shows else f" Its last words:\n{program.process.last_lines()}"
            raise CannotStart(f"The step “{program.process.name}” ended with status {status}.{words}")

    def _wait_until_ready(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (missing := _not_ready(self.port)) is not None:
            if time.monotonic() > until:
                raise CannotStart(
                    f"Not ready within {seconds:.0f} seconds: {missing}. The logs are in {self.folder.log}."
                )
            self._pause(0.1)
            self._tend()

    @contextmanager
    def _step(self, label: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.say(f"  {label:<28}{time.monotonic() - began:6.1f} s")

    # --- looking after ----------------------------------------------------------------------------

    def _tend(self) -> None:
        """Start again what ended by itself. Raises `CannotStart` where that happens again and again."""
        for service in list(self._running):
            status = service.process.ended()
            if status is None:
                continue
            name = service.process.name
            deaths = self._deaths.setdefault(name, deque(maxlen=_DEATHS))
            deaths.append(time.monotonic())
            how = f"status {status}" if status >= 0 else f"signal {-status}"
            if len(deaths) == _DEATHS and deaths[-1] - deaths[0] < _WITHIN:
                raise CannotStart(
                    f"The {_LABELS[name]} ended {_DEATHS} times within a minute, last with {how}. "
                    f"Its last words ({service.process.log}):\n{service.process.last_lines()}"
                )
            self.say(f"The {_LABELS[name]} ended unexpectedly ({how}). Starting it again.")
            service.process.stop(0)
            service.launch()
            if isinstance(service, Postgres | Valkey):
                service.wait()

    # --- ending -----------------------------------------------------------------------------------

    def _stop(self) -> None:
        """End everything: what works first, all at once, and what keeps the data last."""
        self._is_stopping = True
        keepers = [service for service in self._running if isinstance(service, Postgres | Valkey | Mailbox | Guard)]
        workers = [service for service in self._running if service not in keepers]
        guard = [service for service in keepers if isinstance(service, Guard)]
        for group in (workers, [service for service in keepers if service not in guard], guard):
            for service in group:
                service.process.ask()
            for service in group:
                service.stop()
        self._running.clear()
        services_file(self.folder.path).unlink(missing_ok=True)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Turn Ctrl-C, SIGTERM and a closed terminal into a wish that is granted between two steps."""
        wanted = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            wanted.append(signal.SIGHUP)

        def wish(number: int, frame: FrameType | None) -> None:
            self._is_stopping = True

        before = {number: signal.signal(number, wish) for number in wanted}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _pause(self, seconds: float) -> None:
        """Wait a little. Raises `Stopped` once somebody asked for the end."""
        until = time.monotonic() + seconds
        while not self._is_stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))
        if self._is_stopping:
            raise Stopped


def _forget_signs_of_life(database: str) -> None:
    """Drop when the worker was last heard: a start soon after an end is not ready because of the worker before it.

    Another worker on the same database says so again within seconds. Raises `CannotStart`.
    """
    try:
        with psycopg.connect(database) as connection:
            connection.execute("DELETE FROM portal_heartbeat")
    except psycopg.Error as error:
        words = str(error).strip() or type(error).__name__
        raise CannotStart(f"The database cannot be written to: {words}.") from error


def _not_ready(port: int) -> str | None:
    """Return which parts are not ready, or None if all are."""
    connection = http.client.HTTPConnection(HOST, port, timeout=8)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return "the web server does not answer"
    finally:
        connection.close()
    if answer.status == 200:
        return None
    try:
        parts = json.loads(body)["parts"]
        return "; ".join(f"{name}: {state}" for name, state in parts.items() if state != "ok")
    except (ValueError, KeyError, AttributeError):
        return f"the web server answers with {answer.status}"


def _fingerprint() -> str:
    """Return what changes with the code or the demo's files: nothing of it needs to be read."""
    seen = hashlib.sha256()
    for app in apps.get_app_configs():
        folder = Path(app.path)
        if folder.parent == settings.BASE_DIR:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and path.suffix != ".pyc":
                    about = path.stat()
                    seen.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None
