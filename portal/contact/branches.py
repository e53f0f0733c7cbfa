"""The kinds of entries of the timeline: where each is read, and what its line is made of.

Each is read newest first from an index by customer and time, so a page costs the same whatever lies behind it. Two
are few by their nature, and have no such index: nobody moves more than once in a run, and nobody is asked more often
than the rules for asking allow.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField
from django.db.models.functions import Cast

from customers.models import Gesture, Incident, Interaction, Letter, Order, Promise
from feedback.models import Answer
from portal.contact import lines
from portal.models import Pin, User
from tiers.models import Move


@dataclass(frozen=True)
class Branch:
    """One kind of entry: the key that shows it alone, whose permission it takes, and what the line is made of."""

    rank: int
    kind: Pin.Kind
    shortcut: str
    permission: str
    model: type[Any]
    owner: str
    time: str
    columns: dict[str, Any]
    write: lines.Writer
    only: dict[str, Any] = field(default_factory=dict)

    def columns_for(self, user: User) -> dict[str, Any]:
        """What of an entry this colleague may know."""
        sees_money = self.model is Order and user.has_perm("customers.view_money")
        return self.columns | {"at": self.time} | (_MONEY if sees_money else {})


_MONEY = {"amount": Cast("amount", CharField()), "currency": "currency_id"}
BRANCHES = (
    Branch(
        1,
        Pin.Kind.ORDER,
        "o",
        "customers.view_order",
        Order,
        "customer",
        "placed_at",
        {"number": "external_id", "kind": "kind", "what": "description", "is_our_fault": "is_our_fault"},
        lines.order,
    ),
    Branch(
        2,
        Pin.Kind.INTERACTION,
        "t",
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
            "agent_id": "agent_id",
            "waited": Cast("waited", CharField()),
            "closed_at": "closed_at",
            "is_mistaken": "is_mistaken",
            "not_asked": "invitation__not_asked",
            "waits_for": "invitation__waits_for",
        },
        lines.interaction,
    ),
    Branch(
        3,
        Pin.Kind.LETTER,
        "l",
        "customers.view_letter",
        Letter,
        "customer",
        "created_at",
        {"subject": "subject", "state": "state", "bounced_at": "bounced_at"},
        lines.letter,
    ),
    Branch(
        4,
        Pin.Kind.ANSWER,
        "h",
        "feedback.view_answer",
        Answer,
        "invitation__customer",
        "answered_at",
        {name: name for name in ("enjoyed", "comment", "is_counted", "conflict")} | {"recovery": "recovery__state"},
        lines.answer,
        # The few that were asked about, however many contacts there were.
        {"invitation__letter__isnull": False},
    ),
    Branch(
        5,
        Pin.Kind.INCIDENT,
        "b",
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
        Pin.Kind.PROMISE,
        "k",
        "customers.view_promise",
        Promise,
        "customer",
        "made_at",
        {
            "text": "text",
            "due_at": "due_at",
            "kept_at": "kept_at",
            "broken_at": "broken_at",
            "is_mistaken": "is_mistaken",
            "owner": "owner__display_name",
        },
        lines.promise,
    ),
    Branch(
        8,
        Pin.Kind.GESTURE,
        "d",
        "customers.view_gesture",
        Gesture,
        "customer",
        "given_at",
        {"what": "what", "by": "given_by__display_name"},
        lines.gesture,
    ),
    Branch(
        7,
        Pin.Kind.MOVE,
        "m",
        "tiers.view_move",
        Move,
        "customer",
        "moved_at",
        {"from": "from_tier__name", "to": "to_tier__name", "reason": "reason"},
        lines.move,
    ),
)
BY_RANK = {branch.rank: branch for branch in BRANCHES}
BY_KIND = {branch.kind.value: branch for branch in BRANCHES}


def branches_for(user: User, kind: str = "") -> list[Branch]:
    """Return what this colleague may see, or of that one kind alone."""
    return [branch for branch in BRANCHES if user.has_perm(branch.permission) and kind in ("", branch.kind.value)]
