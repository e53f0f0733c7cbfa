"""Asking another system for a card: two seconds in all, whatever it does, and never more than a small answer.

Each call has a thread of its own, and is cut from outside when its time is over: a system that sends a byte a second
would keep to every timeout of a single reading. A name that is slow to be found cannot be cut; it holds its thread,
and with all threads held nobody is asked.
"""

import contextlib
import json
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from portal.outside.addresses import Place, resolve

log = logging.getLogger(__name__)

SECONDS = 2.0
LARGEST = 64 * 1024
# So many at once for each web process; whoever comes meanwhile sees what was said last.
_AT_ONCE = 4
_MOST_LINES, _LONGEST_LABEL, _LONGEST_VALUE = 12, 60, 200
_room = BoundedSemaphore(_AT_ONCE)
_threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="outside")


class NoAnswer(Exception):
    """The other system did not answer in time, or not with a card; says why, for the log."""


@dataclass
class _Call:
    """A call that can be cut."""

    connection: HTTPConnection | None = None
    is_cut: bool = field(default=False)

    def cut(self) -> None:
        self.is_cut = True
        line = self.connection.sock if self.connection else None
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


def ask(place: Place, headers: dict[str, str]) -> dict[str, Any]:
    """Return the card that a place has to offer, checked: `{"lines": [{"label", "value"}], "url"}`.

    Raises:
        NoAnswer: within two seconds there was none.
    """
    if not _room.acquire(blocking=False):
        raise NoAnswer("all lines are held")
    call = _Call()
    try:
        running = _threads.submit(_ask, call, place, headers)
    except RuntimeError:
        _room.release()
        raise NoAnswer("the process ends") from None
    try:
        return read_card(running.result(timeout=SECONDS), place)
    except TimeoutError:
        call.cut()
        raise NoAnswer("not within two seconds") from None
    except (OSError, HTTPError, HTTPException) as error:
        raise NoAnswer(f"{type(error).__name__}") from None


def _ask(call: _Call, place: Place, headers: dict[str, str]) -> bytes:
    try:
        number = resolve(place)
        if call.is_cut:
            raise NoAnswer("not within two seconds")
        if place.scheme == "https":
            # The number was looked at; the certificate has to be the name's.
            call.connection = HTTPSConnection(
                number, place.port, timeout=SECONDS, server_hostname=place.host, assert_hostname=place.host
            )
        else:
            call.connection = HTTPConnection(number, place.port, timeout=SECONDS)
        sent = {"Host": place.name, "Accept": "application/json", "Accept-Encoding": "identity"} | headers
        call.connection.request("GET", place.path, headers=sent, preload_content=False, decode_content=False)
        # Closed whatever comes of it: a part of it that is not read would hold the line.
        with contextlib.closing(call.connection.getresponse()) as answer:
            if answer.status != 200:
                # A way to somewhere else is not taken: there the secret would be told, too.
                raise NoAnswer(f"status {answer.status}")
            body: bytes = answer.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise NoAnswer("too large")
        return body
    finally:
        if call.connection is not None:
            call.connection.close()
        _room.release()


def read_card(body: bytes, place: Place) -> dict[str, Any]:
    """Return what is in an answer, as far as it is a card.

    Raises:
        NoAnswer: it is none.
    """
    try:
        told = json.loads(body)
        lines = [
            {"label": _text(line["label"], _LONGEST_LABEL), "value": _text(line["value"], _LONGEST_VALUE)}
            for line in told["lines"][:_MOST_LINES]
        ]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise NoAnswer("not a card") from None
    return {"lines": lines, "url": _link(told.get("url"), place)}


def _text(value: Any, longest: int) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError("not a text")
    return "".join(one for one in str(value) if one.isprintable())[:longest]


def _link(url: Any, place: Place) -> str:
    """A link to the same system, where there is one; to others we do not lead."""
    if not isinstance(url, str) or not url.isprintable() or len(url) > 500:
        return ""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return ""
    is_theirs = (parts.scheme, parts.hostname, port) == (place.scheme, place.host, place.port)
    return url if is_theirs and not parts.username else ""
