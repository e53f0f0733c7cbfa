"""The card of a customer at a source: fresh where it answers, else what it said last."""

import logging
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from customers.models import Customer, Erasure
from customers.selectors.clock import database_now
from portal.models import OutsideCard, OutsideSource, User
from portal.models.outside import NEEDS, Reference, Shows
from portal.outside.addresses import read_template
from portal.outside.asking import NoAnswer, ask

log = logging.getLogger(__name__)

# Whoever opens the page again within this time is shown what was just said.
_JUST_NOW = timedelta(seconds=20)


@dataclass(frozen=True)
class Card:
    """What to show. Without `fetched_at` the source has never answered; `is_old`: it has not answered now."""

    source: OutsideSource
    lines: list[dict[str, str]]
    url: str = ""
    fetched_at: datetime | None = None
    is_old: bool = False


def sources_for(user: User) -> QuerySet[OutsideSource]:
    """Return the sources in use whose cards somebody of this role may see."""
    shows = [kind for kind in Shows if kind not in NEEDS or user.has_perm(NEEDS[kind])]
    return OutsideSource.objects.filter(Q(roles=[]) | Q(roles__contains=[user.role]), is_active=True, shows__in=shows)


def reference_of(source: OutsideSource, customer: Customer) -> str:
    """Return the number by which a source knows a customer; empty where it knows them by none."""
    if source.known_from and source.known_from != customer.source:
        return ""
    return str(customer.public_id) if source.reference == Reference.PUBLIC else customer.external_id or ""


def show_card(*, source: OutsideSource, customer: Customer) -> Card:
    """Ask a source about a customer whom it knows, and keep what it says; else return what it said last.

    No connection to the database is held while it is asked.
    """
    last = OutsideCard.objects.filter(source=source, customer=customer).first()
    if last is not None and database_now() - last.fetched_at < _JUST_NOW:
        return _card(source, last)
    try:
        body = _ask(source, customer)
    except (NoAnswer, ValueError) as why:
        log.warning("source %s gave no card: %s", source.pk, why)
        return _card(source, last, is_old=True)
    return _card(source, _keep(source, customer, body))


def _keep(source: OutsideSource, customer: Customer, body: dict[str, Any]) -> OutsideCard | None:
    """Keep what was said, unless they were forgotten while we asked."""
    with transaction.atomic():
        Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
        if Erasure.objects.filter(customer=customer).exists():
            return None
        card, _is_new = OutsideCard.objects.update_or_create(
            source=source, customer=customer, defaults={"body": body, "fetched_at": Now()}
        )
        card.refresh_from_db(fields=["fetched_at"])
        return card


def _ask(source: OutsideSource, customer: Customer) -> dict[str, Any]:
    place = read_template(source.url, reference_of(source, customer))
    headers = {}
    if source.header:
        headers[source.header] = os.environ.get(f"OUTSIDE_SECRET_{source.secret}", "")
        if not headers[source.header]:
            raise NoAnswer("its secret is not in the environment")
    if not connection.in_atomic_block:
        # Back to the pool: two seconds are long for those who wait for one.
        connection.close()
    return ask(place, headers)


def _card(source: OutsideSource, kept: OutsideCard | None, *, is_old: bool = False) -> Card:
    if kept is None:
        return Card(source, [], is_old=is_old)
    return Card(source, kept.body["lines"], kept.body["url"], kept.fetched_at, is_old)
