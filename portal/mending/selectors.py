"""What stands on the board, and the story of one recovery. A query a noun, whatever their number."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from feedback.models import Recovery, RecoveryStep
from feedback.selectors.causes import Tree, cause_tree
from portal.models import User
from portal.roles import PERMISSIONS
from tiers.days import end_of
from tiers.models import Tier
from tiers.selectors.standings import present_tiers

MOST = 100
# Those closed not longer ago than this are looked back on.
LATELY = timedelta(days=30)
WHICH = ("open", "late", "today", "closed")
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
    """How much one colleague has to mend."""

    key: str
    name: str
    open: int
    late: int


@dataclass(frozen=True)
class Row:
    """One recovery on the board."""

    recovery: Any
    tier: Tier | None
    cause: str


@dataclass(frozen=True)
class Board:
    """All of the page. `groups`: (name, rows) in the order of pressing."""

    wanted: Wanted
    shares: list[Share]
    groups: list[tuple[str, list[Row]]]
    more: int
    now: datetime

    @property
    def open(self) -> int:
        return sum(share.open for share in self.shares)

    @property
    def late(self) -> int:
        return sum(share.late for share in self.shares)

    @property
    def is_empty(self) -> bool:
        return not any(rows for _name, rows in self.groups)


def read_board(*, user: User, wanted: Wanted) -> Board:
    """Return what this colleague may see of what they want to see."""
    now = timezone.now()
    found = list(_wanted(user, wanted, now)[: MOST + 1])
    tiers = present_tiers([recovery.customer_id for recovery in found])
    tree = cause_tree() if wanted.which == "closed" else Tree({}, {})
    rows = [
        Row(recovery, tiers.get(recovery.customer_id), ": ".join(tree.paths.get(recovery.cause_id or 0, ())))
        for recovery in found[:MOST]
    ]
    return Board(wanted, _shares(user), _groups(rows, wanted, now), max(0, len(found) - MOST), now)


def _wanted(user: User, wanted: Wanted, now: datetime) -> QuerySet[Recovery]:
    recoveries = Recovery.objects.visible_to(user).select_related(
        "customer", "owner", "closed_by", "put_right", "answer__invitation__interaction__touch_point"
    )
    if wanted.owner:
        recoveries = recoveries.filter(owner=None if wanted.owner == NOBODY else int(wanted.owner))
    if wanted.which == "closed":
        return recoveries.filter(closed_at__gt=Now() - LATELY).order_by("-closed_at", "-pk")
    recoveries = recoveries.filter(closed_at=None).order_by("due_at", "pk")
    if wanted.which == "late":
        return recoveries.filter(due_at__lte=now)
    return recoveries.filter(due_at__lt=_tonight(now)) if wanted.which == "today" else recoveries


def _tonight(now: datetime) -> datetime:
    zone = timezone.get_default_timezone_name()
    return end_of(timezone.localdate(now), zone)


def _groups(rows: Iterable[Row], wanted: Wanted, now: datetime) -> list[tuple[str, list[Row]]]:
    if wanted.which == "closed":
        return [("closed", list(rows))]
    tonight = _tonight(now)
    groups: dict[str, list[Row]] = {"late": [], "today": [], "later": []}
    for row in rows:
        due = row.recovery.due_at
        groups["late" if due <= now else "today" if due < tonight else "later"].append(row)
    return [(name, some) for name, some in groups.items() if some]


def _shares(user: User) -> list[Share]:
    """What is open and late by owner, the most late first."""
    counted = (
        Recovery.objects.visible_to(user)
        .open()
        .order_by()
        .values("owner", name=F("owner__display_name"))
        .annotate(open=Count("pk"), late=Count("pk", filter=Q(due_at__lte=Now())))
        .order_by("-late", "-open", "name")
    )
    return [Share(str(row["owner"] or NOBODY), row["name"] or "", row["open"], row["late"]) for row in counted]


def find_recovery(*, user: User, pk: int) -> Recovery | None:
    """Return a recovery that this colleague may see, with what its page needs, or None."""
    return (
        Recovery.objects.visible_to(user)
        .select_related(
            "customer", "owner", "closed_by", "cause", "put_right", "answer__invitation__interaction__touch_point"
        )
        .select_related("answer__invitation__interaction__agent")
        .filter(pk=pk)
        .first()
    )


def steps_of(recovery: Recovery) -> list[RecoveryStep]:
    """Return the steps with who took them, the oldest first."""
    return list(recovery.steps.select_related("by", "to", "cause").order_by("at", "pk"))


def colleagues_who_mend() -> list[User]:
    """Return those to whom it may be handed over."""
    roles = [role for role, permissions in PERMISSIONS.items() if "feedback.change_recovery" in permissions]
    return list(User.objects.filter(is_active=True, role__in=roles).order_by("display_name", "pk"))
