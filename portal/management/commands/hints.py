"""Tell what was learned of hints, or count it again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.hints.counting import rebuild_arms
from portal.hints.learning import Tried, posterior, prior
from portal.models import HintArm, HintKind, Situation


class Command(BaseCommand):
    """`manage.py hints`: the counts by kind and situation; `--rebuild` makes them again from the facts."""

    help = "Tell what was learned of hints; --rebuild counts it again from what was shown and pressed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to count again."""
        parser.add_argument("--rebuild", action="store_true", help="count again from what was shown and pressed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each kind and situation."""
        if options["rebuild"]:
            differing = rebuild_arms()
            for kind, situation in differing:
                self.stdout.write(f"Put right: {HintKind(kind).label}, {Situation(situation).label}")
            if not differing:
                self.stdout.write("Counted again: what was kept agrees with what was shown and pressed.")
        for arm in HintArm.objects.order_by("kind", "situation"):
            tried = Tried(arm.shown, arm.used, arm.not_relevant, arm.wrong)
            belief = posterior(prior(arm.kind, arm.situation), tried)
            low, high = belief.interval()
            self.stdout.write(
                f"{arm.kind:<11}{arm.situation:<21}shown {arm.shown:>6}  used {arm.used:>6}  not relevant "
                f"{arm.not_relevant:>6}  wrong {arm.wrong:>6}  {belief.mean:.2f} ({low:.2f} to {high:.2f})"
            )
