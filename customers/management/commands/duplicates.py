"""`manage.py duplicates`: look for customers who may be one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from customers.models import Duplicate
from customers.services.duplicates import Looked, look_at_everybody, look_for_duplicates


class Command(BaseCommand):
    """Looks at everybody, or with --changed at those who are new or have changed. Merges nobody: people do that."""

    help = "Look for customers who may be the same person. Nobody is merged: the pairs wait on the page “Duplicates”."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--changed", action="store_true", help="only those who are new or have changed since the last look"
        )

    def handle(self, *args: Any, changed: bool, **options: Any) -> None:
        if not changed:
            look_at_everybody()
        total = Looked()
        while (looked := look_for_duplicates()) is not None and looked.customers:
            total += looked
        if looked is None:
            self.stdout.write(_("Another look is under way; it sees to the rest."))
        everybody = total.customers * (total.customers - 1) // 2
        said = _("Looked at %(customers)d. Compared %(compared)d pairs of %(all)d. New or changed: %(proposed)d.")
        self.stdout.write(
            said
            % {
                "customers": total.customers,
                "compared": total.compared,
                "all": everybody,
                "proposed": total.proposed,
            }
        )
        self.stdout.write(
            _("Waiting to be looked at by a person: %(open)d.") % {"open": Duplicate.objects.open().count()}
        )
