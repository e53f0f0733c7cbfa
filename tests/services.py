"""Starts the embedded PostgreSQL before Django is set up. Loaded as a plugin, so that it comes first.

`DATABASE_URL` puts a real server in its place. With several processes the first one starts the server and the
others find its URL in the environment.
"""

import compileall
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from portal.embedded.postgres import Postgres

ROOT = Path(__file__).resolve().parent.parent
# A setting that portal.settings reads from the environment.
_READ = re.compile(r'\b(?:text|number|truth|words)\("([A-Z_]+)"')
_running: list[tuple[Postgres, Path]] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Start the database: the earliest moment of a plugin, before pytest-django reads the settings."""
    # The tests' house has the defaults, whatever the one has on whose machine they run.
    for name in _READ.findall((ROOT / "portal" / "settings.py").read_text("utf-8")):
        if name != "DATABASE_URL":
            os.environ.pop(name, None)
    os.environ.setdefault("SECRET_KEY", "for tests alone")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    # The processes of the tests share the cores already; numpy's own threads would only get in each other's way.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if sys.dont_write_bytecode and "PYTEST_XDIST_WORKER" not in os.environ:
        # Once here, not by each program that a test starts: some machines keep Python from writing bytecode.
        for package in ("customers", "tiers", "feedback", "portal"):
            compileall.compile_dir(ROOT / package, quiet=2)
    if "DATABASE_URL" in os.environ:
        return
    state = Path(tempfile.mkdtemp(prefix="regulars-test-"))
    server = Postgres(state, durable=False)
    _running.append((server, state))
    os.environ["DATABASE_URL"] = server.start()


def pytest_unconfigure() -> None:
    """End what was started here, in the process that started it."""
    while _running:
        server, state = _running.pop()
        server.stop()
        shutil.rmtree(state, ignore_errors=True)
        os.environ.pop("DATABASE_URL", None)
