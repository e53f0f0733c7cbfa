"""The demo's own programs: web server, worker, beat, letter box and guard, as things that start, answer and stop."""

import importlib.util
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from django.conf import settings

from portal.embedded.exceptions import CannotStart
from portal.embedded.guard import NAME as GUARD
from portal.embedded.port import HOST
from portal.embedded.process import Process

_QUIET = "WARNING"


class Service(Protocol):
    """What the supervisor looks after."""

    process: Process

    def launch(self) -> None:
        """Start it without waiting; raises `CannotStart`."""

    def stop(self) -> None:
        """End it and everything that it started."""


class Program:
    """A program of the house in Python."""

    def __init__(self, name: str, state: Path, arguments: list[str], env: Mapping[str, str]) -> None:
        self.process = Process(name, state)
        self._arguments = arguments
        self._env = env

    def launch(self, *, shows: bool = False) -> None:
        """Start it; with `shows` its output goes to ours instead of its log."""
        self.process.start([sys.executable, *self._arguments], self._env, cwd=settings.BASE_DIR, shows=shows)

    def stop(self) -> None:
        """End it. Work in hand that takes longer than this is done again by the next worker."""
        self.process.stop(8)


class Mailbox:
    """The letter box. Its socket stays ours, so that letters wait, at the same port, while it is started again."""

    def __init__(self, state: Path, listener: socket.socket, env: Mapping[str, str]) -> None:
        if importlib.util.find_spec("aiosmtpd") is None:
            raise CannotStart("The demo's letter box, aiosmtpd, is not installed. Run `uv sync`.")
        self.process = Process("mailbox", state)
        self._folder = state / "mail"
        self._listener = listener
        self._env = env

    def launch(self) -> None:
        number = self._listener.fileno()
        arguments = ["-m", "portal.embedded.mailbox", str(self._folder), str(number)]
        self.process.start([sys.executable, *arguments], self._env, cwd=settings.BASE_DIR, pass_fds=[number])

    def stop(self) -> None:
        self.process.stop(3)
        self._listener.close()


class Guard:
    """The process that ends the others when we are gone, told so by a pipe that only we hold open."""

    def __init__(self, state: Path) -> None:
        self.process = Process(GUARD, state, outlives_parent=True)
        self._state = state
        self._pipe: int | None = None

    def launch(self) -> None:
        self._let_go()
        read, self._pipe = os.pipe()
        try:
            arguments = ["-m", "portal.embedded.guard", str(self._state)]
            self.process.start([sys.executable, *arguments], cwd=settings.BASE_DIR, stdin=read)
        finally:
            os.close(read)

    def stop(self) -> None:
        """End it while it still waits: nothing is left for it to do."""
        self.process.stop(2)
        self._let_go()

    def _let_go(self) -> None:
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None


def web(state: Path, port: int, env: Mapping[str, str]) -> Program:
    """Return the web server. No access log: links in letters carry secrets."""
    options = {
        "--interface": "wsgi",
        "--host": HOST,
        "--port": str(port),
        "--workers": "2",
        # A desk that is open takes one thread (POP_STREAMS), pages share the rest.
        "--blocking-threads": "40",
        "--backpressure": "128",
        "--workers-kill-timeout": "5",
        "--log-level": _QUIET.lower(),
    }
    flags = ["--no-ws", "--no-access-log", "--respawn-failed-workers"]
    words = [word for pair in options.items() for word in pair]
    return Program("web", state, ["-m", "granian", *words, *flags, "portal.wsgi:application"], env)


def worker(state: Path, env: Mapping[str, str]) -> Program:
    """Return the Celery worker."""
    options = ["--concurrency", "2", "--loglevel", _QUIET, "--without-gossip", "--without-mingle"]
    return Program("worker", state, ["-m", "celery", "-A", "portal", "worker", *options], env)


def beat(state: Path, env: Mapping[str, str]) -> Program:
    """Return Celery beat, whose schedule is in the database."""
    return Program("beat", state, ["-m", "celery", "-A", "portal", "beat", "--loglevel", _QUIET], env)


def command(name: str, state: Path, arguments: list[str], env: Mapping[str, str]) -> Program:
    """Return an administrative command that runs to its end."""
    return Program(name, state, [str(settings.BASE_DIR / "manage.py"), *arguments], env)
