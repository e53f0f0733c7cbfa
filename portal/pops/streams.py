"""What stands on a desk, sent to it as it changes: server-sent events, or the same by a plain GET."""

import json
import random
import time
from collections.abc import Iterator
from typing import Any

from django.db import Error, connection
from django.http import HttpRequest, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from django.utils.translation import override

from portal.models import User
from portal.pops.selectors import cards_of, still_at_desk
from portal.pops.signs import Line, exchange

# A word at least so often (in seconds): proxies keep the line open, and a reader who has gone is noticed.
BREATH = 15.0
# After so long the line ends and the browser takes up a new one, with a session that was looked at anew.
LIFE = 300.0
# The browser tries again after so many milliseconds.
AGAIN = 1500


def session_name(session_key: str | None) -> str:
    """Return the name under which the lines of a session are ended: the key itself is a secret."""
    return salted_hmac("portal.pops", session_key or "").hexdigest()[:32] if session_key else ""


def drawn(user: User, token: str) -> dict[str, Any]:
    """Return what stands on a desk: `ids` in order, and `html` with the forms' token."""
    cards = cards_of(user)
    with override("en"):
        html = render_to_string("pops/_cards.html", {"cards": cards, "csrf_token": token}) if cards else ""
    return {"ids": [str(card.pop.public_id) for card in cards], "html": html}


class EventStream(StreamingHttpResponse):
    """A response that goes on until the line ends. However it ends, its place becomes free."""

    def __init__(self, request: HttpRequest, user: User, line: Line) -> None:
        self._line = line
        token, key = get_token(request), request.session.session_key
        super().__init__(_events(user, line, token, key), content_type="text/event-stream; charset=utf-8")
        # Proxies such as nginx would keep the words back until there are more of them.
        self["X-Accel-Buffering"] = "no"

    def close(self) -> None:
        exchange.leave(self._line)
        super().close()


def _events(user: User, line: Line, token: str, session_key: str | None) -> Iterator[bytes]:
    """Everything that stands at first, then again whenever it changed; no connection is held while nothing does."""
    yield f"retry: {AGAIN}\n\n".encode()
    ends_at = time.monotonic() + LIFE * random.uniform(0.8, 1.2)  # noqa: S311 (so that not all come back at once)
    shown: list[str] | None = None
    while not line.is_ended and time.monotonic() < ends_at:
        try:
            present = still_at_desk(user=user, session_key=session_key)
            now = drawn(present, token) if present is not None else None
        except Error:
            # The browser comes back, and by then the database may have.
            return
        finally:
            let_go()
        if now is None:
            yield b"event: out\ndata: 0\n\n"
            return
        if now["ids"] == shown:
            yield b": here\n\n"
        else:
            shown = now["ids"]
            yield f"event: pops\ndata: {json.dumps(now)}\n\n".encode()
        line.wait(BREATH)


def let_go() -> None:
    """Give the connection back to the pool. (Inside a transaction of a test it is not ours to give.)"""
    if not connection.in_atomic_block:
        connection.close()
