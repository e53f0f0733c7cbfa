"""`manage.py token create|list|revoke`: keys of the API, from the command line."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from portal.models import ApiToken, User
from portal.models.token import Scope


class Command(BaseCommand):
    """Makes, lists and revokes tokens."""

    help = "Make, list and revoke tokens of the API."

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        create = deeds.add_parser("create", help="make a token and print its key, once")
        create.add_argument("--user", required=True, metavar="EMAIL", help="whose role the token acts with")
        create.add_argument("--name", required=True, help="which program uses it")
        create.add_argument(
            "--scope", required=True, action="append", choices=Scope.values, help="what it is for; may be repeated"
        )
        create.add_argument("--days", type=int, default=90, help="how long it works (default: %(default)s)")
        deeds.add_parser("list", help="show every token, without its key")
        revoke = deeds.add_parser("revoke", help="end a token at once")
        revoke.add_argument("token", metavar="HINT|ID", help="what its key begins with, or its number in the list")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['deed']}")(options)

    def _create(self, options: dict[str, Any]) -> None:
        user = User.objects.filter(email__iexact=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"No active colleague has the address {options['user']}.")
        if not 1 <= options["days"] <= 3650:
            raise CommandError("--days goes from 1 to 3650.")
        try:
            token, key = ApiToken.issue(
                user=user,
                name=options["name"],
                scopes=sorted(set(options["scope"])),
                expires_at=timezone.now() + timedelta(days=options["days"]),
            )
        except ValidationError as error:
            raise CommandError("--name: " + " ".join(error.messages)) from None
        self.stderr.write(f"Token {token.pk} for {user.email}, until {token.expires_at:%Y-%m-%d}. The key, once:")
        self.stdout.write(key)

    def _list(self, _options: dict[str, Any]) -> None:
        live = set(ApiToken.objects.live().values_list("pk", flat=True))
        for token in ApiToken.objects.select_related("user").order_by("pk"):
            state = "live" if token.pk in live else "revoked" if token.revoked_at else "ended"
            last = f"{token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never"
            self.stdout.write(
                f"{token.pk}\t{token.hint}…\t{state}\tuntil {token.expires_at:%Y-%m-%d}\tlast used {last}"
                f"\t{','.join(token.scopes)}\t{token.user.email}\t{token.name}"
            )

    def _revoke(self, options: dict[str, Any]) -> None:
        said = options["token"].rstrip("…")
        wanted = Q(hint=said[:8]) | (Q(pk=int(said)) if said.isdecimal() and len(said) < 18 else Q())
        found = list(ApiToken.objects.filter(wanted)[:2])
        if not found:
            raise CommandError(f"No token has the number or the beginning {said}. `token list` shows them.")
        if len(found) > 1:
            raise CommandError(f"Several tokens begin with {said}. Say the number that `token list` shows.")
        ended = ApiToken.objects.filter(pk=found[0].pk, revoked_at=None).update(revoked_at=Now())
        self.stdout.write(f"{found[0]} {'is revoked' if ended else 'was revoked before'}.")
