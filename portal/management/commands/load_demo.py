"""Load the demo's people, orders and history, once."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from portal.demo.loading import CannotLoadError, Progress, is_loaded, is_somebodys, load
from portal.demo.tour import things_to_try


class Command(BaseCommand):
    """`manage.py load_demo`: real orders, invented people (portal/demo/SOURCE.md)."""

    help = "Load the demo's people, orders and history. A second call changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many, where, and whether only to say what to try."""
        parser.add_argument("--customers", type=int, metavar="N", help="load only so many customers (all: 4,372)")
        parser.add_argument("--beside", action="store_true", help="load even into a house that has its own customers")
        parser.add_argument("--tour", action="store_true", help="only print three things to try in the loaded demo")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, or say why not."""
        if options["tour"]:
            self._say_what_to_try()
        elif is_loaded():
            self.stdout.write("The demo is here already; nothing was changed.")
        else:
            self._load(options["customers"], is_beside=options["beside"])

    def _load(self, customers: int | None, *, is_beside: bool) -> None:
        if customers is not None and customers < 1:
            raise CommandError("--customers must be 1 or more.")
        if is_somebodys() and not is_beside:
            raise CommandError(
                "This house has customers or colleagues of its own, so the demo stays out of it. Give it a database of "
                "its own, or add --beside if you want its people among yours (its colleagues then cannot sign in)."
            )
        try:
            load(step=self._step, customers=customers)
        except CannotLoadError as error:
            raise CommandError(str(error)) from None

    def _say_what_to_try(self) -> None:
        lines = things_to_try(settings.SITE_URL)
        if not lines:
            raise CommandError("The demo is not here. Load it first: manage.py load_demo")
        for line in lines:
            self.stdout.write(line)

    @contextmanager
    def _step(self, name: str, length: int) -> Iterator[Progress]:
        """Show a bar."""
        with tqdm(total=length, desc=name.ljust(9), dynamic_ncols=True) as bar:

            def progress(done: int) -> None:
                bar.update(done)

            yield progress
