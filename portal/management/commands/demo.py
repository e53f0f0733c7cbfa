"""`manage.py demo`: the whole house on this machine, with nothing to install, set up or answer."""

import argparse
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper

from portal.embedded.exceptions import CannotStart
from portal.embedded.state import StateFolder
from portal.embedded.supervisor import Supervisor

_ACCOUNTS = (
    ("agent@demo.test", "at the desk"),
    ("lead@demo.test", "looks after what went wrong"),
    ("manager@demo.test", "tiers, schemes, schedules: /admin/"),
    ("analyst@demo.test", "reads the figures"),
    ("admin@demo.test", "colleagues and API tokens: /admin/"),
)


def port_number(text: str) -> int:
    """Read a TCP port, 1 to 65535; argparse turns the refusal into its own message."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a whole number from 1 to 65535, not {text!r}")
    return int(text)


def count(text: str) -> int:
    """Read a number of one or more."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number of one or more, not {text!r}")
    return int(text)


class Command(BaseCommand):
    """Runs the demo until Ctrl-C."""

    help = (
        "Start Regulars with demo data: an embedded database and broker, the web server, a worker, the clock and a "
        "letter box. Needs no server, no root and no answers. Ctrl-C ends all of it; the data stays for the next time. "
        "DATABASE_URL and CELERY_BROKER_URL put servers of yours in the place of the embedded ones."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=port_number, default=8000, help="where the site is served (default: 8000)")
        parser.add_argument(
            "--state",
            type=Path,
            default=settings.STATE_DIR,
            metavar="DIR",
            help="where data, logs and letters are kept (default: %(default)s)",
        )
        parser.add_argument(
            "--fresh", action="store_true", help="begin anew: first remove what the demo made in its folder"
        )
        parser.add_argument("--customers", type=count, default=None, help=argparse.SUPPRESS)

    def handle(self, *, port: int, state: Path, fresh: bool, customers: int | None, **options: Any) -> None:
        """Run until a signal comes."""
        began = time.monotonic()
        try:
            if sys.platform != "linux":
                raise CannotStart(
                    f"The demo runs on Linux; this is {platform.system()}. Start it in a Linux container or machine."
                )
            folder = StateFolder(state)
            supervisor = Supervisor(folder, port, self._say, customers)
            folder.claim(supervisor.url)
            self._say(f"Regulars demo, in {folder.path}")
            supervisor.make_way()
            if fresh:
                folder.clear()
                if os.environ.get("DATABASE_URL"):
                    self._say("  --fresh leaves the database of DATABASE_URL as it is.")
            supervisor.run(lambda: self._welcome(supervisor, time.monotonic() - began))
        except CannotStart as reason:
            raise CommandError(str(reason)) from None
        self._say(f"Stopped. The data stays in {folder.path} for the next start.")

    def _welcome(self, supervisor: Supervisor, seconds: float) -> None:
        from portal.demo import DEMO_PASSWORD

        lines = [f"  {'all':<28}{seconds:6.1f} s", "", f"Ready: {supervisor.url}", ""]
        lines.append(f"  Password of all accounts: {DEMO_PASSWORD}")
        lines += [f"    {email:<20}{what}" for email, what in _ACCOUNTS]
        lines += ["", "  Three things to try"]
        address = supervisor.url.rstrip("/")
        lines += [f"    {number}. {what.replace('{url}', address)}" for number, what in enumerate(supervisor.tour, 1)]
        lines += ["", f"  Logs: {supervisor.folder.log}. Ctrl-C ends the demo."]
        self._say("\n".join(lines))

    def _say(self, line: str) -> None:
        """Print a line; a terminal that is gone is no reason to leave services running."""
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except OSError:
            self.stdout = OutputWrapper(open(os.devnull, "w"))  # noqa: SIM115, PTH123
