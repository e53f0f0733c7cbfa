"""A board: what is owed to customers by a time, by whom, and how much each colleague has of it.

What stands on it is the business of each board: rows with an `owner`, a `due_at` and a key.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from customers.selectors.paging import Place
from tiers.days import end_of

PER_PAGE = 100
NOBODY = "nobody"
Which = tuple[tuple[str, Lazy], ...]
# What may be chosen on every board, by its name in the address.
WHICH: Which = (("open", _("All open")), ("late", _("Late")), ("today", _("Due by tonight")))

Row = TypeVar("Row")
Rows = TypeVar("Rows", bound=QuerySet[Any])


@dataclass(frozen=True)
class Wanted:
    """What a reader wants to see: which ones, whose, and from where on.

    `owner`: a colleague's key, “nobody”, or everybody's: empty. `after`: where the page before this one ended.
    """

    which: str = "open"
    owner: str = ""
    after: Place | None = None

    @classmethod
    def read(cls, asked: Any, known: Which = WHICH) -> "Wanted":
        """Read the address; what makes no sense is left out."""
        which, owner = asked.get("which", ""), asked.get("owner", "")
        is_owner = owner == NOBODY or (owner.isascii() and owner.isdigit() and len(owner) < 10)
        try:
            after = Place.read(asked.get("after", ""))
        except ValueError:
            after = None
        return cls(which if which in dict(known) else "open", owner if is_owner else "", after)

    @property
    def query(self) -> str:
        """The address that leads back here."""
        parts = {"which": self.which if self.which != "open" else "", "owner": self.owner, "after": self.after or ""}
        return urlencode({name: value for name, value in parts.items() if value})

    @property
    def first(self) -> "Wanted":
        """The same from the beginning."""
        return replace(self, after=None)

    def further(self, at: datetime, number: int) -> "Wanted":
        """The same from behind a row on: its time, and its key."""
        return replace(self, after=Place(at, number))


@dataclass(frozen=True)
class Share:
    """How much of it one colleague has."""

    key: str
    name: str
    open: int
    late: int


@dataclass(frozen=True)
class Board:
    """A page of it. `groups`: (name, rows) in the order of pressing. `further`: the next page, None on the last."""

    wanted: Wanted
    shares: list[Share]
    groups: list[tuple[str, list[Any]]]
    further: Wanted | None

    @property
    def open(self) -> int:
        return sum(share.open for share in self.shares)

    @property
    def late(self) -> int:
        return sum(share.late for share in self.shares)


def owned(rows: Rows, wanted: Wanted) -> Rows:
    """Narrow rows to those of the owner who is wanted."""
    if not wanted.owner:
        return rows
    return rows.filter(owner=None if wanted.owner == NOBODY else int(wanted.owner))


def due(rows: Rows, wanted: Wanted, now: datetime) -> Rows:
    """Narrow open rows to what is wanted, what is due first in front, from where the page before ended."""
    rows = owned(rows, wanted).order_by("due_at", "pk")
    if wanted.which == "late":
        rows = rows.filter(due_at__lte=now)
    elif wanted.which == "today":
        rows = rows.filter(due_at__lt=_tonight(now))
    if (after := wanted.after) is not None:
        rows = rows.filter(Q(due_at__gt=after.at) | Q(due_at=after.at, pk__gt=after.number))
    return rows


def by_due(rows: Iterable[tuple[datetime, Row]], now: datetime) -> list[tuple[str, list[Row]]]:
    """Put rows with the times they are due into “late”, “today” and “later”; a group without any is left out."""
    tonight = _tonight(now)
    groups: dict[str, list[Row]] = {"late": [], "today": [], "later": []}
    for at, row in rows:
        groups["late" if at <= now else "today" if at < tonight else "later"].append(row)
    return [(name, some) for name, some in groups.items() if some]


def shares(rows: QuerySet[Any]) -> list[Share]:
    """Count open rows by owner, who has the most late first (1 query)."""
    counted = (
        rows.order_by()
        .values("owner", name=F("owner__display_name"))
        .annotate(open=Count("pk"), late=Count("pk", filter=Q(due_at__lte=Now())))
        .order_by("-late", "-open", "name")
    )
    return [Share(str(row["owner"] or NOBODY), row["name"] or "", row["open"], row["late"]) for row in counted]


def _tonight(now: datetime) -> datetime:
    return end_of(timezone.localdate(now), timezone.get_default_timezone_name())
