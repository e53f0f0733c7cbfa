"""What has happened with a customer, newest first, in one query whatever there is of it.

Each kind of entry is a branch of one UNION ALL that reads at most a page from its own index.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import CharField, F, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast, JSONObject

from customers.models import Customer, Incident, Interaction, Letter, Order, Promise
from feedback.models import Answer
from portal.contact import lines
from portal.models import User
from tiers.models import Move

PAGE = 25


@dataclass(frozen=True)
class Branch:
    """One kind of entry: whose permission it takes, when it happened, and what the line is made of."""

    rank: int
    permission: str
    model: type[Any]
    owner: str
    time: str
    columns: dict[str, Any]
    write: lines.Writer


BRANCHES = (
    Branch(
        1,
        "customers.view_order",
        Order,
        "customer",
        "placed_at",
        {"number": "external_id", "kind": "kind", "what": "description", "is_our_fault": "is_our_fault"},
        lines.order,
    ),
    Branch(
        2,
        "customers.view_interaction",
        Interaction,
        "customer",
        "opened_at",
        {
            "channel": "channel",
            "subject": "subject",
            "note": "note",
            "place": "touch_point__name",
            "agent": "agent__display_name",
            "waited": Cast("waited", CharField()),
            "closed_at": "closed_at",
            "not_asked": "invitation__not_asked",
            "waits_for": "invitation__waits_for",
        },
        lines.interaction,
    ),
    Branch(
        3,
        "customers.view_letter",
        Letter,
        "customer",
        "created_at",
        {"subject": "subject", "state": "state", "bounced_at": "bounced_at"},
        lines.letter,
    ),
    Branch(
        4,
        "feedback.view_answer",
        Answer,
        "invitation__customer",
        "answered_at",
        {name: name for name in ("enjoyed", "comment", "is_counted", "conflict")} | {"recovery": "recovery__state"},
        lines.answer,
    ),
    Branch(
        5,
        "customers.view_incident",
        Incident,
        "customer",
        "happened_at",
        {
            "kind": "kind",
            "text": "text",
            "place": "touch_point__name",
            "resolved_at": "resolved_at",
            "resolution": "resolution",
        },
        lines.incident,
    ),
    Branch(
        6,
        "customers.view_promise",
        Promise,
        "customer",
        "made_at",
        {
            "text": "text",
            "due_at": "due_at",
            "kept_at": "kept_at",
            "broken_at": "broken_at",
            "owner": "owner__display_name",
        },
        lines.promise,
    ),
    Branch(
        7,
        "tiers.view_move",
        Move,
        "customer",
        "moved_at",
        {"from": "from_tier__name", "to": "to_tier__name", "reason": "reason"},
        lines.move,
    ),
)
_MONEY = {"amount": Cast("amount", CharField()), "currency": "currency_id"}
_BY_RANK = {branch.rank: branch for branch in BRANCHES}


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
        return cursor if cursor.rank in _BY_RANK and 0 <= cursor.pk < 2**63 else None

    def older(self, branch: Branch) -> Q:
        """What of a branch comes after this place."""
        earlier = Q(**{f"{branch.time}__lt": self.at})
        if branch.rank < self.rank:
            return earlier | Q(**{branch.time: self.at})
        return earlier | Q(**{branch.time: self.at}, pk__lt=self.pk) if branch.rank == self.rank else earlier


@dataclass(frozen=True)
class Timeline:
    """A page of lines, and where the next one begins."""

    lines: list[lines.Line]
    earlier: Cursor | None


def read_timeline(*, user: User, customer: Customer, now: datetime, before: Cursor | None = None) -> Timeline:
    """Return a page of what this colleague may know, in one query."""
    branches = [_entries(b, user, customer, before) for b in BRANCHES if user.has_perm(b.permission)]
    if not branches:
        return Timeline([], None)
    first, *others = branches
    merged = first.union(*others, all=True) if others else first
    rows = list(merged.order_by("-at", "-rank", "-row")[: PAGE + 1])
    written = [_BY_RANK[rank].write(at, data, now) for at, rank, _row, data in rows[:PAGE]]
    at, rank, row, _data = rows[PAGE - 1] if len(rows) > PAGE else (None, 0, 0, None)
    return Timeline(written, Cursor(at, rank, row) if at else None)


def _entries(branch: Branch, user: User, customer: Customer, before: Cursor | None) -> QuerySet[Any, Any]:
    """A branch: (time, kind, number, what the line is made of), at most a page and one."""
    columns = dict(branch.columns)
    if branch.model is Order and user.has_perm("customers.view_money"):
        columns |= _MONEY
    rows = branch.model.objects.filter(**{branch.owner: customer})
    if before:
        rows = rows.filter(before.older(branch))
    return (
        rows.order_by(f"-{branch.time}", "-pk")
        .annotate(at=F(branch.time), rank=Value(branch.rank, IntegerField()), row=F("pk"), data=JSONObject(**columns))
        .values_list("at", "rank", "row", "data")[: PAGE + 1]
    )
