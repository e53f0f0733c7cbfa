"""What is promised and by whom, and the story of one promise. A query a noun, whatever their number."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q
from django.db.models.functions import Now
from django.utils import timezone

from customers.models import Promise, PromiseStep
from customers.models.promise import PromiseQuerySet
from portal.models import User
from tiers.days import end_of
from tiers.models import Tier
from tiers.selectors.standings import present_tiers

MOST = 100
WHICH = ("open", "late", "today")
NOBODY = "nobody"


@dataclass(frozen=True)
class Wanted:
    """What a reader wants to see: which ones, and whose (a colleague's key, “nobody”, or everybody's: empty)."""

    which: str = "open"
    owner: str = ""

    @classmethod
    def read(cls, asked: Any) -> "Wanted":
        """Read the address; what makes no sense is left out."""
        which, owner = asked.get("which", ""), asked.get("owner", "")
        known = owner == NOBODY or (owner.isascii() and owner.isdigit() and len(owner) < 10)
        return cls(which if which in WHICH else "open", owner if known else "")

    @property
    def query(self) -> str:
        """The address that leads back here."""
        parts = {"which": self.which if self.which != "open" else "", "owner": self.owner}
        return urlencode({name: value for name, value in parts.items() if value})


@dataclass(frozen=True)
class Share:
    """How much one colleague has promised."""

    key: str
    name: str
    open: int
    late: int


@dataclass(frozen=True)
class Row:
    """One open promise, with the tier that its customer has now."""

    promise: Promise
    tier: Tier | None


@dataclass(frozen=True)
class Board:
    """What is open. `groups`: (name, rows) in the order of pressing."""

    wanted: Wanted
    shares: list[Share]
    groups: list[tuple[str, list[Row]]]
    more: bool

    @property
    def open(self) -> int:
        return sum(share.open for share in self.shares)

    @property
    def late(self) -> int:
        return sum(share.late for share in self.shares)


def read_board(wanted: Wanted) -> Board:
    """Return what is open of what they want to see, in three queries."""
    now = timezone.now()
    found = list(_wanted(wanted, now)[: MOST + 1])
    tiers = present_tiers([promise.customer_id for promise in found])
    tonight = _tonight(now)
    groups: dict[str, list[Row]] = {"late": [], "today": [], "later": []}
    for promise in found[:MOST]:
        name = "late" if promise.due_at <= now else "today" if promise.due_at < tonight else "later"
        groups[name].append(Row(promise, tiers.get(promise.customer_id)))
    return Board(wanted, _shares(), [(name, rows) for name, rows in groups.items() if rows], len(found) > MOST)


def _wanted(wanted: Wanted, now: datetime) -> PromiseQuerySet:
    promises = Promise.objects.open().select_related("customer", "owner", "touch_point").order_by("due_at", "pk")
    if wanted.owner:
        promises = promises.filter(owner=None if wanted.owner == NOBODY else int(wanted.owner))
    if wanted.which == "late":
        return promises.filter(due_at__lte=now)
    return promises.filter(due_at__lt=_tonight(now)) if wanted.which == "today" else promises


def _tonight(now: datetime) -> datetime:
    return end_of(timezone.localdate(now), timezone.get_default_timezone_name())


def _shares() -> list[Share]:
    """What is open and late by owner, the most late first."""
    counted = (
        Promise.objects.open()
        .values("owner", name=F("owner__display_name"))
        .annotate(open=Count("pk"), late=Count("pk", filter=Q(due_at__lte=Now())))
        .order_by("-late", "-open", "name")
    )
    return [Share(str(row["owner"] or NOBODY), row["name"] or "", row["open"], row["late"]) for row in counted]


def find_promise(*, user: User, pk: int) -> Promise | None:
    """Return a promise to a customer whom this colleague may see, with what its page needs, or None."""
    if not (user.has_perm("customers.view_promise") and user.has_perm("customers.view_customer")):
        return None
    return Promise.objects.filter(pk=pk).select_related("customer", "owner", "touch_point").first()


def steps_of(promise: Promise) -> list[PromiseStep]:
    """Return the steps with who took them, the oldest first."""
    return list(promise.steps.select_related("by", "to"))
