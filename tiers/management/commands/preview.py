"""`manage.py preview`: work out what a scheme would do to everybody, and print the matrix."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tiers import previewing
from tiers.enums import PreviewState
from tiers.models import Preview, Scheme
from tiers.selectors.preview_page import graces
from tiers.services.previews import end_preview, request_preview


class Command(BaseCommand):
    """Begins a preview, or joins the one of that scheme under way, and works it in this process to its end."""

    help = "Work out what a scheme would do to everybody, write nothing about them, and print who would move."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", type=int, metavar="SCHEME_VERSION", help="the version of a draft, such as 2")
        parser.add_argument("--json", action="store_true", help="print all results as JSON")

    def handle(self, *args: Any, version: int, **options: Any) -> None:
        scheme = Scheme.objects.filter(version=version).first()
        if scheme is None:
            raise CommandError(_("There is no scheme of version %(version)d.") % {"version": version})
        try:
            preview = request_preview(scheme=scheme, by=None)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        preview = end_preview(preview=preview)
        if preview.state == PreviewState.CANCELLED:
            raise CommandError(_("The preview was cancelled."))
        if preview.state == PreviewState.FAILED:
            raise CommandError(preview.failure)
        if options["json"]:
            head = {"scheme": scheme.version, "as_of": preview.as_of.isoformat(), "cutoffs": preview.cutoffs}
            self.stdout.write(json.dumps(head | (preview.results or {}), indent=2))
        else:
            self._print(preview)

    def _print(self, preview: Preview) -> None:
        """Print a line for each tier before, highest first, a column for each after, the sums, and who waits."""
        results = preview.results or {}
        names = [tier["name"] for tier in results["tiers"]]
        width = max(12, *(len(name) + 2 for name in names))
        self.stdout.write(f"{_('from / to'):<{width}}" + "".join(f"{name:>{width}}" for name in names))
        rows = list(zip([_("(new)"), *names], results["matrix"], strict=True))
        for name, row in reversed(rows):
            self.stdout.write(f"{name:<{width}}" + "".join(f"{count:>{width},}" for count in row))
        counts = previewing.directions(results["matrix"])
        total = sum(previewing.after_of(results["matrix"]))
        said = ngettext("%(total)s customer as of %(day)s:", "%(total)s customers as of %(day)s:", total)
        sums = _("%(up)s up, %(down)s down, %(stay)s stay, %(first)s new.")
        self.stdout.write(
            f"{said} {sums}"
            % (
                {"total": f"{total:,}", "day": preview.as_of.isoformat()}
                | {name: f"{count:,}" for name, count in counts.items()}
            )
        )
        for grace in graces(results):
            self.stdout.write(f"{grace.said} {grace.more}")
