"""Hears that something changed on a desk, and wakes the lines that are open to it.

The database is the record: a sign carries a colleague's key and nothing else, and whoever is woken reads anew. So a
sign that is lost, or heard twice, does no harm. One connection a process listens, outside the pool, and only while
desks have lines open here.

A sign is the key of a colleague (“7”: wake), or JSON that ends lines of theirs by name (a page that was left, a session
that was signed out).
"""

import contextlib
import itertools
import json
import logging
import os
import select
import signal
import threading
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from portal.models.pop import CHANNEL

_log = logging.getLogger(__name__)
# In seconds. After so long without a word the listener asks whether the other side still lives; so long after a break
# it tries again.
_QUIET, _AGAIN = 20.0, 1.0
_numbers = itertools.count(1)


class Line:
    """One desk that is open in one browser, seen from the thread that serves it."""

    def __init__(self, user_id: int, names: Iterable[str]) -> None:
        self.user_id = user_id
        self.names = frozenset(filter(None, names))
        self.number = f"{os.getpid()}-{next(_numbers)}"
        self.is_ended = False
        self._woken = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Wait until something changed, at most so long; return whether it did."""
        was_woken = self._woken.wait(seconds)
        self._woken.clear()
        return was_woken

    def wake(self) -> None:
        self._woken.set()

    def end(self) -> None:
        self.is_ended = True
        self._woken.set()


class Exchange:
    """The lines of this process, and the one thread that listens for all of them."""

    def __init__(self) -> None:
        self._lines: set[Line] = set()
        self._lock = threading.Lock()
        self._listener: _Listener | None = None
        self._is_stopping = False

    def join(self, line: Line) -> bool:
        """Take a line in; return False where there is no room, or the process is about to end."""
        with self._lock:
            if self._is_stopping or len(self._lines) >= settings.POP_STREAMS:
                return False
            self._lines.add(line)
            if self._listener is None or not self._listener.is_alive():
                self._listener = _Listener(self)
                self._listener.start()
        return True

    def leave(self, line: Line) -> None:
        """Let a line go; once more does nothing."""
        with self._lock:
            self._lines.discard(line)

    def __len__(self) -> int:
        return len(self._lines)

    def hear(self, sign: str) -> None:
        """Do what a sign says; one that makes no sense is passed over."""
        if sign.isascii() and sign.isdigit():
            self._each(Line.wake, int(sign))
            return
        with contextlib.suppress(ValueError, TypeError, KeyError):
            said = json.loads(sign)
            user_id, ends, but = int(said["user"]), set(said["end"]), said["but"]
            self._each(lambda line: line.end() if line.names & ends and line.number != but else None, user_id)

    def wake_all(self) -> None:
        """Have everybody look: nobody knows what was said while nobody listened."""
        self._each(Line.wake)

    def release(self) -> bool:
        """Let the listener go where no line is left; return whether it may."""
        with self._lock:
            if not self._lines or self._is_stopping:
                self._listener = None
            return self._listener is None

    def stop(self) -> None:
        """End every line and take no other: the process is told to go, and waits for its threads."""
        self._is_stopping = True
        self._each(Line.end)

    def hang_up(self) -> None:
        """End every line and stop listening, and begin afresh with the next one."""
        listener = self._listener
        self.stop()
        if listener is not None:
            listener.ring()
            listener.join(10)
        self._lines, self._listener, self._is_stopping = set(), None, False

    def _each(self, do: Callable[[Line], object], user_id: int | None = None) -> None:
        with self._lock:
            lines = [line for line in self._lines if user_id in (None, line.user_id)]
        for line in lines:
            do(line)


class _Listener(threading.Thread):
    """The thread that listens. It takes a broken connection up again, and ends when there is nobody to listen for."""

    def __init__(self, for_whom: Exchange) -> None:
        super().__init__(name="pop-signs", daemon=True)
        self._exchange = for_whom
        self._bell, self._button = os.pipe()

    def ring(self) -> None:
        """Have it look up at once."""
        with contextlib.suppress(OSError):
            os.write(self._button, b"!")

    def run(self) -> None:
        try:
            while True:
                try:
                    with _connect() as listening:
                        listening.execute(f"LISTEN {CHANNEL}")
                        self._exchange.wake_all()
                        self._hear_all(listening)
                        return
                except psycopg.Error as error:
                    if self._exchange.release():
                        return
                    _log.warning("The line to the database broke, and is taken up again: %s", error)
                    self._look_up([], _AGAIN)
        finally:
            os.close(self._bell)
            os.close(self._button)

    def _hear_all(self, listening: "psycopg.Connection[Any]") -> None:
        """Hear until there is nobody to listen for."""
        while True:
            is_quiet = not self._look_up([listening.fileno()], _QUIET)
            if is_quiet:
                # A connection whose other side is gone without a word says so now.
                listening.execute("SELECT 1")
            if self._exchange.release():
                return
            for sign in listening.notifies(timeout=0):
                self._exchange.hear(sign.payload)

    def _look_up(self, files: list[int], seconds: float) -> bool:
        """Wait for any of these, the bell, or the signal that ends this process; return whether there was one."""
        found = select.select([*files, self._bell, *_signals], [], [], seconds)[0]
        if self._bell in found:
            os.read(self._bell, 64)
        if _signals and _signals[0] in found:
            said = os.read(_signals[0], 64)
            if signal.SIGTERM in said or signal.SIGINT in said:
                self._exchange.stop()
        return bool(found)


exchange = Exchange()
# The end of a pipe on which the numbers of signals arrive, once `note_signals` was called.
_signals: list[int] = []


def note_signals() -> None:
    """Have this process's lines end when it is told to go, in place of holding it up until it is killed.

    Called once by the entry point of the web server, in the main thread. The bytes of `signal.set_wakeup_fd` come
    whatever handler the server sets afterwards.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    others = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    if others != -1:
        # An event loop lives in this process and needs them itself.
        signal.set_wakeup_fd(others)
        os.close(read)
        os.close(write)
        return
    _signals[:] = [read]


def end_lines(*, user_id: int, names: Iterable[str], but: str = "") -> None:
    """End a colleague's lines of these names, in every process, except the one numbered `but`."""
    said = json.dumps({"user": user_id, "end": sorted(filter(None, names)), "but": but})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, said])


def _connect() -> "psycopg.Connection[Any]":
    """A connection of its own, to the database that Django uses, outside Django's pool."""
    known = connection.settings_dict
    parts = {
        "dbname": known["NAME"],
        "user": known["USER"],
        "password": known["PASSWORD"],
        "host": known["HOST"],
        "port": known["PORT"],
        **{key: value for key, value in known.get("OPTIONS", {}).items() if key.startswith(("ssl", "service", "pass"))},
    }
    return psycopg.connect(
        autocommit=True,
        connect_timeout=5,
        application_name="regulars pops",
        keepalives_idle=20,
        **{key: value for key, value in parts.items() if value},
    )
