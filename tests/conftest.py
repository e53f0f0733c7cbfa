"""The real parts that tests share: a broker, workers, a letter box, a browser."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.creation import BaseDatabaseCreation
from django.test import TransactionTestCase, override_settings
from hypothesis import settings as hypothesis_settings
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

from portal.embedded.valkey import Valkey
from tests.emptying import Emptier

ROOT = Path(__file__).resolve().parent.parent

# No test asserts a time, and a busy machine is no fault of what is tested.
hypothesis_settings.register_profile("house", deadline=None)
hypothesis_settings.load_profile("house")


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords in no time: a slow hash guards against thieves, and there are none here."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_emptying() -> Iterator[None]:
    """Put back only what a test has committed, in the place of all that there is."""
    emptier = Emptier()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: emptier.empty(case))
        yield


@pytest.fixture(scope="session", autouse=True)
def database_dropped_in_any_case() -> Iterator[None]:
    """Drop the tests' database though the last page of a browser may be with it still."""

    def drop(creation: Any, name: str, verbosity: int) -> None:
        with creation._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {creation.connection.ops.quote_name(name)} WITH (FORCE)")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseCreation, "_destroy_test_db", drop)
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once() -> Iterator[None]:
    """Look for the static files once, not for each client: a site finds them when it starts, and does not change."""
    found: dict[object, dict[str, Any]] = {}
    fresh = ("get_response", "files", "media_types")
    find = WhiteNoiseMiddleware.add_files_from_finders

    def add(white_noise: Any) -> None:
        told = vars(white_noise).items()
        how = tuple(sorted((name, repr(value)) for name, value in told if name not in fresh))
        if how not in found:
            before = white_noise.files
            white_noise.files = {}
            find(white_noise)
            found[how], white_noise.files = white_noise.files, before
        white_noise.files = white_noise.files | found[how]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add)
        yield


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """The URL of a real embedded Valkey."""
    state = Path(tempfile.mkdtemp(prefix="regulars-broker-"))
    server = Valkey(state)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(state, ignore_errors=True)


def database_url() -> str:
    """The URL of the database that this test runs in, for programs that the test starts."""
    now = connection.settings_dict
    host = quote(now["HOST"], safe="")
    login = quote(now["USER"]) + (f":{quote(now['PASSWORD'])}" if now["PASSWORD"] else "")
    return f"postgresql://{login}@{host}{':' + str(now['PORT']) if now['PORT'] else ''}/{now['NAME']}"


@pytest.fixture
def program_env(broker: str) -> dict[str, str]:
    """The environment for a program that works on this test's database and broker."""
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "CELERY_BROKER_URL": broker,
        "SECRET_KEY": settings.SECRET_KEY,
    }


Programs = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start_program(program_env: dict[str, str]) -> Iterator[Programs]:
    """Start programs of the house (`start_program("-m", "celery", …, MORE="env")`); all end with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **more_env: str) -> "subprocess.Popen[bytes]":
        child = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=program_env | more_env, start_new_session=True
        )
        started.append(child)
        return child

    yield start
    for child in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@pytest.fixture
def start_worker(start_program: Programs) -> Programs:
    """Start a real Celery worker (`transaction=True` tests only: it has a connection of its own)."""

    def start(**more_env: str) -> "subprocess.Popen[bytes]":
        return start_program("-m", "celery", "-A", "portal", "worker", "-c", "1", "-l", "WARNING", **more_env)

    return start


@dataclass(frozen=True)
class Site:
    """The site under a web server of its own."""

    port: int
    child: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_up(self) -> bool:
        with contextlib.suppress(OSError), urlopen(f"{self.url}/accounts/login/", timeout=30) as answer:
            return bool(answer.status == 200)
        return False


Serves = Callable[..., Site]


@pytest.fixture
def serve(start_program: Programs) -> Serves:
    """Start the site under a real granian with one process (`serve(MORE="env")`, `transaction=True` tests only)."""

    def start(**more_env: str) -> Site:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
        words += ["--blocking-threads", "16", "--no-ws", "--no-access-log", "--log-level", "error"]
        site = Site(port, start_program("-m", "granian", *words, "portal.wsgi:application", **more_env))
        eventually(site.is_up)
        return site

    return start


def eventually(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until a condition holds; a test that waits in vain fails with the condition's name."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"in vain for {seconds:.0f} s: {condition}"
        time.sleep(0.1)
