"""Tokens: what it takes to turn away a link that is unknown, altered, expired, or made for something else.

Who tries tokens must learn nothing from how long the answer takes: the medians lie within five milliseconds. Each
request goes through granian over a connection that stays open, one after the other, the sorts in turn.
"""

import socket
import statistics
import time
from datetime import timedelta
from typing import Any

from tests.benchmarks import serving

# Milliseconds between the fastest median and the slowest.
BAR = 5.0


def measure_tokens(*, requests: int) -> dict[str, Any]:
    """Return the median milliseconds by sort of token and method; `missed` says whether they lie too far apart."""
    tokens = _tokens()
    times: dict[str, list[float]] = {f"{method} {sort}": [] for sort in tokens for method in ("GET", "POST")}
    answers = set()
    with (
        serving.granian("portal.wsgi:application") as port,
        socket.create_connection(("127.0.0.1", port)) as line,
    ):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(requests):
            for sort, some in tokens.items():
                path = f"/feedback/{some[number % len(some)]}/"
                for method, request in (
                    ("GET", serving.get_request(path)),
                    ("POST", serving.post_request(path, "enjoyed=yes&confirm=yes")),
                ):
                    began = time.perf_counter()
                    line.sendall(request)
                    answer = serving.read_answer(line.recv)
                    times[f"{method} {sort}"].append(1000 * (time.perf_counter() - began))
                    answers.add(_without_date(answer))
    if len(answers) != 1:
        raise RuntimeError(f"They are not alike to the byte: {len(answers)} different answers.")
    medians = {name: round(statistics.median(found), 3) for name, found in times.items()}
    apart = {
        method: round(max(found) - min(found), 3)
        for method in ("GET", "POST")
        for found in [[median for name, median in medians.items() if name.startswith(method)]]
    }
    missed = ["tokens"] if max(apart.values()) > BAR else []
    return {"requests": requests, "median_ms": medians, "apart_ms": apart, "bar_ms": BAR, "missed": missed}


def _tokens() -> dict[str, list[str]]:
    from django.db.models.functions import Now

    from customers.tokens import mint
    from feedback.models import Link
    from tests.benchmarks.answer_posts import make_links

    some = make_links(1000)
    expired, misused, altered = some[:300], some[300:600], some[600:]
    Link.objects.filter(pk__in=[link.pk for link, _ in expired]).update(expires_at=Now() - timedelta(days=1))
    Link.objects.filter(pk__in=[link.pk for link, _ in misused]).update(purpose="stop")
    return {
        "unknown": [mint() for _ in range(300)],
        "expired": [token for _, token in expired],
        "for something else": [token for _, token in misused],
        "altered": [token.swapcase() for _, token in altered],
    }


def _without_date(answer: bytes) -> bytes:
    return b"\r\n".join(line for line in answer.split(b"\r\n") if not line.lower().startswith(b"date:"))
