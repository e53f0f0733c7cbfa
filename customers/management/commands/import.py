"""`manage.py import customers|orders|gestures|ratings FILE`."""  # noqa: N999

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.utils.translation import gettext as _
from tqdm import tqdm

from customers.imports import COLUMNS, Report, import_rows

_SHOWN = 50


class _Help(RawDescriptionHelpFormatter, DjangoHelpFormatter):
    """Leaves the table of columns as it is written."""


class Command(BaseCommand):
    """Takes in a CSV file of one kind of facts."""

    help = "Take in customers, orders, gestures or ratings from a CSV file. It may be run as often as one likes."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=_Help, epilog=_columns(), **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="|".join(COLUMNS))
        for kind in COLUMNS:
            one: ArgumentParser = kinds.add_parser(kind, formatter_class=_Help, epilog=_columns(kind))
            one.add_argument("file", type=Path, metavar="FILE", help=_("UTF-8, parted by commas or semicolons"))
            one.add_argument(
                "--source", default="house", help=_("the system that the numbers are from (default: %(default)s)")
            )
            one.add_argument("--dry-run", action="store_true", help=_("check everything, change nothing"))
            one.add_argument(
                "--keep-good-rows", action="store_true", help=_("keep the good rows although others are bad")
            )
            if kind == "customers":
                one.add_argument(
                    "--region",
                    default="",
                    help=_("country of phone numbers where a row has none: GB, FR, …; without it the house's"),
                )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        is_dry_run: bool = options["dry_run"]
        try:
            with _opened(path) as file, _bar(path) as bar:
                report = import_rows(
                    kind=options["kind"],
                    file=file,
                    source=options["source"],
                    is_dry_run=is_dry_run,
                    keeps_good_rows=options["keep_good_rows"],
                    progress=bar,
                    region=options.get("region", ""),
                )
        except ValidationError as error:
            raise CommandError(f"{path}: {' '.join(error.messages)}") from None
        self._tell(report, is_dry_run)

    def _tell(self, report: Report, is_dry_run: bool) -> None:
        for error in report.errors[:_SHOWN]:
            self.stderr.write(str(error))
        if more := report.error_count - len(report.errors[:_SHOWN]):
            self.stderr.write(_("… and %(count)d more.") % {"count": more})
        if not report.rows:
            self.stdout.write(_("The file has a heading and no rows: there was nothing to do."))
            return
        counts = _("%(rows)d rows: %(created)d created, %(changed)d changed, %(unchanged)d unchanged, %(bad)d bad.")
        self.stdout.write(counts % {**vars(report), "bad": report.bad_rows})
        if is_dry_run:
            self.stdout.write(_("This was a dry run: nothing was changed."))
        if report.bad_rows and not report.is_kept:
            raise CommandError(_("There are bad rows: nothing was changed."))
        if report.bad_rows:
            raise CommandError(_("There are bad rows: they were left out, the others are in."))


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            yield file
    except FileNotFoundError:
        raise CommandError(_("%(path)s is not there.") % {"path": path}) from None
    except IsADirectoryError:
        raise CommandError(_("%(path)s is a folder, not a file.") % {"path": path}) from None
    except OSError as error:
        raise CommandError(_("%(path)s cannot be read: %(why)s.") % {"path": path, "why": error.strerror}) from None


@contextmanager
def _bar(path: Path) -> Iterator[Callable[[int], None]]:
    """A bar for a person at a terminal; nobody else sees one."""
    is_seen = sys.stderr.isatty()
    total = None
    if is_seen:
        with path.open("rb") as file:
            total = max(0, sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1)
    with tqdm(total=total, unit=_(" rows"), disable=not is_seen) as bar:

        def advance(rows: int) -> None:
            bar.update(rows)

        yield advance


def _columns(only: str = "") -> str:
    """Document the columns, from the same list that headings are checked against."""
    parts = []
    for kind, columns in COLUMNS.items():
        if only in ("", kind):
            lines = [f"columns of {kind} (* must be there and filled in; blank cells erase nothing):"]
            lines += [
                f"  {column.name + ('*' if column.is_required else ''):22}{_(column.meaning)}" for column in columns
            ]
            parts.append("\n".join(lines))
    return "\n\n".join(parts)
