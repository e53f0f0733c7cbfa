"""What stands on the board, and the story of one recovery. A query a noun, whatever their number."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feedback.models import Recovery, RecoveryStep
from feedback.models.recovery import RecoveryQuerySet
from feedback.selectors.causes import cause_tree
from portal import board
from portal.board import PER_PAGE, Board, Wanted, Which
from portal.models import User
from portal.roles import PERMISSIONS
from tiers.models import Tier
from tiers.selectors.standings import present_tiers

# Those closed not longer ago than this are looked back on.
LATELY = timedelta(days=30)
WHICH: Which = (*board.WHICH, ("closed", _("Closed lately")))


@dataclass(frozen=True)
class Row:
    """One recovery on the board."""

    recovery: Recovery
    tier: Tier | None
    cause: str


def read_board(*, user: User, wanted: Wanted, size: int = PER_PAGE) -> Board:
    """Return a page of what this colleague may see of what they want to see."""
    now = timezone.now()
    recoveries = Recovery.objects.visible_to(user)
    found = list(_wanted(recoveries, wanted, now)[: size + 1])
    shown, is_more = found[:size], len(found) > size
    tiers = present_tiers([recovery.customer_id for recovery in shown])
    further = wanted.further(_time(shown[-1]), shown[-1].pk) if is_more else None
    if wanted.which == "closed":
        tree = cause_tree()
        rows = [
            Row(recovery, tiers.get(recovery.customer_id), ": ".join(tree.paths.get(recovery.cause_id or 0, ())))
            for recovery in shown
        ]
        groups = [("closed", rows)] if rows else []
    else:
        open_rows = ((recovery.due_at, Row(recovery, tiers.get(recovery.customer_id), "")) for recovery in shown)
        groups = board.by_due(open_rows, now)
    return Board(wanted, board.shares(recoveries.open()), groups, further)


def _wanted(recoveries: RecoveryQuerySet, wanted: Wanted, now: datetime) -> QuerySet[Recovery]:
    recoveries = recoveries.select_related(
        "customer", "owner", "closed_by", "put_right", "answer__invitation__interaction__touch_point"
    )
    if wanted.which != "closed":
        return board.due(recoveries.open(), wanted, now)
    recoveries = board.owned(recoveries, wanted).filter(closed_at__gt=Now() - LATELY).order_by("-closed_at", "-pk")
    if (after := wanted.after) is not None:
        recoveries = recoveries.filter(Q(closed_at__lt=after.at) | Q(closed_at=after.at, pk__lt=after.number))
    return recoveries


def _time(recovery: Recovery) -> datetime:
    """By which it has its place: when it was closed, else when it is due."""
    return recovery.closed_at or recovery.due_at


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
