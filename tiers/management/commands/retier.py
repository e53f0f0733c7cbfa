"""`manage.py retier`: decide everybody's tier now, and say who moved."""

import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils.translation import gettext as _

from tiers.enums import RunKind, RunState
from tiers.models import Move, Run
from tiers.services.runs import active_run, end_run, start_run


class Command(BaseCommand):
    """Starts a run, or joins the one that is under way, works it beside any workers, and waits for its end."""

    help = "Decide everybody's tier and print who moved."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as-of",
            metavar="DATE",
            help="a day such as 2026-03-31; later orders do not count (default: today)",
        )

        parser.add_argument(
            "--from-scratch",
            action="store_true",
            help="reckon everybody anew from the facts, not only those with something new or due",
        )

    def handle(self, *args: Any, as_of: str | None, from_scratch: bool, **options: Any) -> None:
        began = time.monotonic()
        wanted = _day(as_of) if as_of else None
        run = self._start(wanted, is_full=from_scratch)
        run = end_run(run=run)
        if run.state == RunState.CANCELLED:
            raise CommandError(_("The re-tiering was cancelled after %(count)s customers.") % {"count": run.customers})
        self._print(run, time.monotonic() - began)

    def _start(self, as_of: date | None, *, is_full: bool) -> Run:
        """Start a run; where another is under way, help it to its end first if it is of another day."""
        while True:
            try:
                started = start_run(as_of=as_of, is_full=is_full)
            except ValidationError as refusal:
                raise CommandError(" ".join(refusal.messages)) from None
            if started is not None:
                return started
            if (run := active_run()) is None:
                continue
            names = {"day": run.as_of.isoformat()}
            self.stdout.write(_("A re-tiering as of %(day)s is under way already: helping it to its end.") % names)
            if (as_of is None or run.as_of == as_of) and (run.kind == RunKind.FULL or not is_full):
                return run
            end_run(run=run)

    def _print(self, run: Run, seconds: float) -> None:
        """Print a line for each kind of move, and the sums."""
        moves = (
            Move.objects.filter(run=run)
            .order_by("-to_tier__rank", "-from_tier__rank")
            .values_list("from_tier__name", "to_tier__name")
            .annotate(count=Count("pk"))
        )
        for from_name, to_name, count in moves:
            self.stdout.write(f"{from_name or _('(new)'):>20} → {to_name:<20} {count:>10,}")
        names = {
            "day": run.as_of.isoformat(),
            "moved": f"{run.moves:,}",
            "unchanged": f"{run.customers - run.moves:,}",
            "seconds": f"{seconds:.1f}",
        }
        self.stdout.write(_("As of %(day)s: %(moved)s moved, %(unchanged)s unchanged, in %(seconds)s seconds.") % names)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(_("“%(text)s” is not a date. Write it as 2026-03-31.") % {"text": text}) from None
