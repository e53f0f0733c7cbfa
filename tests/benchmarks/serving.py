"""What benchmarks of pages share: an embedded database with a house in it, granian in front, and presses by the second.

The client is made of plain sockets with requests written beforehand, so that what it costs is small beside what is
measured; it runs in threads of its own process and takes from the same processors, of which both sides of a ratio
suffer alike.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def database() -> Iterator[str]:
    """Yield the URL of an embedded PostgreSQL that writes to the disk as in production, and set the settings for it.

    With `DATABASE_URL` in the environment that server is taken; its database should be there for this alone.
    """
    os.environ.setdefault("SECRET_KEY", "for benchmarks alone")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    from portal.embedded.postgres import Postgres

    state = Path(tempfile.mkdtemp(prefix="regulars-bench-"))
    server = Postgres(state)
    try:
        url = server.start()
        os.environ["DATABASE_URL"] = url
        yield url
    finally:
        os.environ.pop("DATABASE_URL", None)
        server.stop()
        shutil.rmtree(state, ignore_errors=True)


def set_up() -> None:
    """Make Django ready in this process and build the tables."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


@contextmanager
def granian(application: str, *, settings: str = "portal.settings") -> Iterator[int]:
    """Serve a WSGI application as the demo does (portal.embedded.programs), and yield the port once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    words += ["--blocking-threads", "8", "--backpressure", "64", "--no-ws", "--no-access-log", "--log-level", "error"]
    env = dict(os.environ) | {"DJANGO_SETTINGS_MODULE": settings}
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *words, application], cwd=ROOT, env=env, start_new_session=True
    )
    try:
        _wait_for(port, server)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            if time.monotonic() > until or server.poll() is not None:
                raise
            time.sleep(0.1)


def post_request(path: str, body: str, *, agent: str = "Benchmark") -> bytes:
    """Return a POST of a form as bytes, for a connection that stays open."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: {agent}\r\n"
    head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def get_request(path: str, *, agent: str = "Benchmark", **headers: str) -> bytes:
    """Return a GET as bytes, for a connection that stays open."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: {agent}\r\n"
    return (head + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n").encode()


def send_all(port: int, requests: Sequence[bytes], *, connections: int, status: int) -> float:
    """Send requests over so many connections at once and return how many were answered in a second.

    Raises:
        RuntimeError: an answer had another status than this.
    """
    wanted, wrong = b"HTTP/1.1 %d " % status, []
    gate = threading.Barrier(connections + 1)

    def work(mine: Sequence[bytes]) -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            gate.wait()
            for request in mine:
                line.sendall(request)
                answer = read_answer(line.recv)
                if not answer.startswith(wanted):
                    wrong.append(answer[:400])
                    return

    threads = [threading.Thread(target=work, args=(requests[n::connections],)) for n in range(connections)]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if wrong:
        raise RuntimeError(f"Wanted {status}, got: {wrong[0]!r}")
    return len(requests) / seconds


def time_all(port: int, visits: Sequence[Sequence[bytes]], *, connections: int) -> list[float]:
    """Make visits, each of requests that follow one another, over so many connections; return the seconds of each.

    Raises:
        RuntimeError: a visit did not end with a page, or did not lead there.
    """
    times: list[float] = []
    wrong: list[bytes] = []

    def work(mine: Sequence[Sequence[bytes]]) -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for visit in mine:
                began = time.perf_counter()
                for request in visit:
                    line.sendall(request)
                    answer = read_answer(line.recv)
                    if answer[9:12] != (b"200" if request is visit[-1] else b"302"):
                        wrong.append(answer[:400])
                        return
                times.append(time.perf_counter() - began)

    threads = [threading.Thread(target=work, args=(visits[n::connections],)) for n in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(f"Got: {wrong[0]!r}")
    return times


def read_answer(receive: Callable[[int], bytes]) -> bytes:
    """Read one answer to its end, by its Content-Length or its last chunk."""
    answer = receive(65536)
    while b"\r\n\r\n" not in answer:
        answer += _more(receive)
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head.lower():
        while not answer.endswith(b"0\r\n\r\n"):
            answer += _more(receive)
        return answer
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            missing = int(line[15:]) - len(body)
            while missing > 0:
                more = _more(receive)
                answer += more
                missing -= len(more)
    return answer


def _more(receive: Callable[[int], bytes]) -> bytes:
    more = receive(65536)
    if not more:
        raise RuntimeError("The server hung up.")
    return more
