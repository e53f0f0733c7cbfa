"""`manage.py bounces [--from FILE|-]`."""

import mailbox
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.postbag import NoPostbag, empty_postbag
from customers.services.bounces import take_bounces


class Command(BaseCommand):
    """Notes letters that came back. What is not understood is no failure: the mail server must not try again."""

    help = "Read reports of letters that came back, from the bounce mailbox or from a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            dest="file",
            metavar="FILE",
            help=_("a message, or an mbox of many; - for standard input. Without it, BOUNCE_MAILBOX is read."),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        news = 0

        def take(raw: bytes) -> None:
            nonlocal news
            news += take_bounces(messages=[raw])

        try:
            if options["file"]:
                count = 0
                for count, raw in enumerate(_messages_in(options["file"]), 1):  # noqa: B007
                    take(raw)
            elif settings.BOUNCE_MAILBOX:
                count = empty_postbag(take)
            else:
                raise CommandError(_("BOUNCE_MAILBOX is not set, and no file was given with --from."))
        except NoPostbag as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(
                _("%(path)s cannot be read: %(why)s.") % {"path": options["file"], "why": error.strerror}
            ) from None
        read = ngettext("%d message read", "%d messages read", count) % count
        self.stdout.write(read + ", " + ngettext("%d report was news.", "%d reports were news.", news) % news)


def _messages_in(name: str) -> Iterator[bytes]:
    """Return the messages of a file: one, or those of an mbox."""
    if name == "-":
        yield sys.stdin.buffer.read()
        return
    path = Path(name)
    if path.read_bytes()[:5] != b"From ":
        yield path.read_bytes()
        return
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.keys():  # noqa: SIM118 - a mailbox is iterated by message
            yield box.get_bytes(key)
    finally:
        box.close()
