"""`manage.py erase`: forget a customer."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from customers.models import Customer
from customers.services.erasing import erase_customer


class Command(BaseCommand):
    """Takes a customer's name, addresses and words away everywhere, and leaves what was counted."""

    help = "Forget a customer: name, addresses and words go, and cannot be brought back; counts stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("public_id", metavar="CUSTOMER", help="the number in the address of the customer's page")

    def handle(self, *args: Any, public_id: str, **options: Any) -> None:
        try:
            customer = Customer.objects.get(public_id=public_id)
        except (Customer.DoesNotExist, ValidationError) as error:
            raise CommandError(_("There is nobody of this number here.")) from error
        try:
            is_new = erase_customer(customer=customer)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        said = _("They are forgotten.") if is_new else _("They were forgotten before; nothing of them is left.")
        self.stdout.write(said)
