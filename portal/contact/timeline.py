"""What has happened with a customer, newest first, in one query whatever there is of it.

First the places of a page of entries are found: each kind is a branch of one UNION ALL that reads at most a page from
its own index. Only for those that come into the page, and for what is pinned, is it read what the line is made of.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject

from customers.models import Customer
from customers.selectors.prepared import NOBODY, Written
from portal.contact import lines
from portal.contact.branches import BY_KIND, BY_RANK, Branch, branches_for
from portal.contact.parts.part import moment
from portal.models import Pin, User
from portal.roles import permissions_of

PAGE = 25
# More than this would not stand out any more.
MOST_PINS = 10


@dataclass(frozen=True)
class Cursor:
    """Where a page ended: the time, then the kind, then the number, so that entries of one moment keep their order."""

    at: datetime
    rank: int
    pk: int

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{self.rank}-{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Return the cursor in a link, or None where somebody has changed it."""
        try:
            at, rank, pk = text.split("-")
            cursor = cls(datetime.strptime(at, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), int(rank), int(pk))
        except ValueError:
            return None
        return cursor if cursor.rank in BY_RANK and 0 <= cursor.pk < 2**63 else None

    def older(self, branch: Branch) -> Q:
        """What of a branch comes after this place. The first part alone is a range of its index."""
        until = Q(**{f"{branch.time}__lte": self.at})
        if branch.rank < self.rank:
            return until
        same = Q(**{branch.time: self.at})
        return until & (~same | Q(pk__lt=self.pk)) if branch.rank == self.rank else until & ~same


@dataclass(frozen=True)
class Entry:
    """A line with the key by which it is pinned (“order-12”), its own number, and its pin where it has one."""

    key: str
    line: lines.Line
    row: int
    pin: lines.Pinned | None = None


@dataclass(frozen=True)
class Timeline:
    """A page of entries, and where the next one begins; what is pinned, the newest pin first."""

    entries: list[Entry]
    earlier: Cursor | None
    pinned: list[Entry]


def read_timeline(
    *, user: User, customer: Customer, now: datetime, before: Cursor | None = None, kind: str = ""
) -> Timeline:
    """Return a page of what this colleague may know, or of one kind of it, in one query."""
    branches = branches_for(user, kind)
    if not branches:
        return Timeline([], None, [])
    if before is None:
        rows = _newest(user.role, permissions_of(user.role), kind).rows(customer=customer.pk)
    else:
        with connection.cursor() as cursor:
            cursor.execute(*ask_timeline(branches=branches, user=user, customer=customer, before=before))
            rows = cursor.fetchall()
    keys = sorted((row[:3] for row in rows if row[3] is None), reverse=True)
    data = {(rank, row): json.loads(told) for _at, rank, row, _pin, told in rows if told}
    pins = {(rank, row): json.loads(pin) for _at, rank, row, pin, _told in rows if pin}
    written = [_entry(rank, row, data[rank, row], pins, now) for _at, rank, row in keys[:PAGE] if (rank, row) in data]
    earlier = Cursor(*keys[PAGE - 1]) if len(keys) > PAGE else None
    # The newest pin comes first, as the query gives them.
    pinned = [_entry(rank, row, data[rank, row], pins, now) for rank, row in pins if (rank, row) in data]
    return Timeline(
        written, earlier, sorted(pinned, key=lambda entry: entry.pin.at if entry.pin else now, reverse=True)
    )


@lru_cache(maxsize=128)
def _newest(role: str, _may: frozenset[str], kind: str) -> Written:
    """The first page, as a role may ask for it that has these permissions."""
    reader = User(role=role)
    sql, params = ask_timeline(branches=branches_for(reader, kind), user=reader, customer=Customer(pk=NOBODY))
    return Written(sql, params, customer=NOBODY)


def _entry(rank: int, row: int, data: dict[str, Any], pins: dict[tuple[int, int], Any], now: datetime) -> Entry:
    branch, at, pin = BY_RANK[rank], moment(data["at"]), pins.get((rank, row))
    assert at is not None  # noqa: S101 - no entry is without its time
    return Entry(f"{branch.kind}-{row}", branch.write(at, data, now), row, lines.pinned(pin, now) if pin else None)


def ask_timeline(
    *, branches: list[Branch], user: User, customer: Customer, before: Cursor | None = None
) -> tuple[str, tuple[Any, ...]]:
    """Return the query and its parameters: (time, rank, number, pin as JSON, what the line is made of as JSON)."""
    places, place_values = _places(branches, customer, before).query.sql_with_params()
    pins, pin_values = _pins(branches, customer).query.sql_with_params()
    told, told_values = zip(
        *(_told(branch, user, customer).query.sql_with_params() for branch in branches), strict=True
    )
    cases = " ".join(f"WHEN {branch.rank} THEN ({sql})" for branch, sql in zip(branches, told, strict=True))
    sql = f"""
        SELECT keys."at", keys."rank", keys."row", keys."pin", CASE keys."rank" {cases} END
        FROM (
            SELECT "at", "rank", "row", NULL::jsonb AS "pin" FROM ({places}) AS places
            UNION ALL SELECT NULL::timestamptz, "rank", "row_", "pin" FROM ({pins}) AS pins
        ) AS keys
    """  # noqa: S608 (compiled by Django)
    return sql, (*(value for values in told_values for value in values), *place_values, *pin_values)


def _places(branches: list[Branch], customer: Customer, before: Cursor | None) -> QuerySet[Any, Any]:
    """Where a page and one of the entries are: (time, rank, number)."""
    first, *others = (_branch(branch, customer, before) for branch in branches)
    merged = first.union(*others, all=True) if others else first
    return merged.order_by("-at", "-rank", "-row")[: PAGE + 1] if others else merged


def _branch(branch: Branch, customer: Customer, before: Cursor | None) -> QuerySet[Any, Any]:
    rows = branch.model.objects.filter(**{branch.owner: customer}, **branch.only)
    if before:
        rows = rows.filter(before.older(branch))
    # Of few all are read: an index of everybody's by time would be walked until a page of this customer's is found.
    newest = (F(branch.time) + timedelta(0)).desc() if branch.only else F(branch.time).desc()
    return (
        rows.order_by(newest, "-pk")
        .annotate(at=F(branch.time), rank=Value(branch.rank, IntegerField()), row=F("pk"))
        .values_list("at", "rank", "row")[: PAGE + 1]
    )


def _pins(branches: list[Branch], customer: Customer) -> QuerySet[Any, Any]:
    """What is pinned of these kinds, the newest pin first."""
    ranks = [When(kind=branch.kind, then=Value(branch.rank)) for branch in branches]
    told = JSONObject(pk="pk", reason="reason", by="pinned_by__display_name", at="pinned_at")
    return (
        Pin.objects.filter(customer=customer, unpinned_at=None, kind__in=[branch.kind for branch in branches])
        .order_by("-pinned_at", "-pk")
        .annotate(rank=Case(*ranks, output_field=IntegerField()), row_=F("row"))
        .annotate(pin=told)
        .values_list("rank", "row_", "pin")[:MOST_PINS]
    )


def _told(branch: Branch, user: User, customer: Customer) -> QuerySet[Any, Any]:
    """What the line of the entry `keys` is made of; nothing where it is not this customer's."""
    entry = branch.model.objects.filter(pk=RawSQL('keys."row"', ()), **{branch.owner: customer})
    return entry.order_by().annotate(told=JSONObject(**branch.columns_for(user))).values_list("told")


def find_entry(*, user: User, customer: Customer, key: str) -> tuple[Pin.Kind, int] | None:
    """Return the kind and the number of an entry that is this customer's and that this colleague may see."""
    kind, _dash, row = key.partition("-")
    branch = BY_KIND.get(kind)
    if (
        branch is None
        or not user.has_perm(branch.permission)
        or not (row.isascii() and row.isdigit() and len(row) < 19)
    ):
        return None
    there = branch.model.objects.filter(pk=int(row), **{branch.owner: customer}, **branch.only).exists()
    return (branch.kind, int(row)) if there else None
