"""What may be given to whom, what is left of whose month, and who asks whom."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from customers.models import Customer, Incident, TouchPoint
from customers.selectors.clock import database_now
from feedback.enums import RequestState
from feedback.giving import Lineage, Purse, month_of, rank
from feedback.models import Cause, GestureKind, GestureRequest, GivingAllowance, GivingMonth
from tiers.models import Standing, Tier

if TYPE_CHECKING:
    from portal.models import User

# The columns of a cause that make its lineage.
LINEAGE = ("pk", "parent_id", "parent__parent_id")
# An answer stands on the desk and on the customer's page for this long.
ANSWERED_LATELY = timedelta(days=2)
_TIERS: Any = GestureKind.tiers.through


def kinds_of_tier(tier: Any) -> QuerySet[GestureKind]:
    """Return the kinds in use that a tier may have; `tier`: its key, None, or an expression for it."""
    named = _TIERS.objects.filter(gesturekind=OuterRef("pk"))
    return GestureKind.objects.filter(~Exists(named) | Exists(named.filter(tier=tier)), is_active=True)


def fitting_kinds(
    *, tier: Tier | None, causes: Collection[Cause], touch_point: TouchPoint | None = None
) -> list[GestureKind]:
    """Return the kinds in use that fit a tier, one of the open causes and a touch point, the best first; 4 queries.

    Those meant for what went wrong come first. A kind that is meant for another cause, tier or touch point is left
    out; without a tier, a cause or a touch point only those that fit any are found.
    """
    open_ = [_lineage(cause) for cause in causes]
    found = kinds_of_tier(tier.pk if tier else None).prefetch_related("causes__parent", "touch_points")
    ranked = [
        (place, kind)
        for kind in found
        if (
            place := rank(
                named=[_lineage(cause) for cause in kind.causes.all()],
                open_causes=open_,
                places=[one.slug for one in kind.touch_points.all()],
                place=touch_point.slug if touch_point else None,
            )
        )
        is not None
    ]
    return [kind for _place, kind in sorted(ranked, key=lambda one: one[0])]


def open_causes(*, customer: Customer) -> list[Cause]:
    """Return what the customer's open incidents come from, each with what it is a part of; one query."""
    kinds = Incident.objects.open().filter(customer=customer).values("kind")
    return list(Cause.objects.filter(incident_kind__in=kinds).select_related("parent"))


def _lineage(cause: Cause) -> Lineage:
    return cause.pk, cause.parent_id, cause.parent.parent_id if cause.parent else None


def tier_of(*, customer: Customer) -> Tier | None:
    """Return the present tier, or None where it is not known yet."""
    standing = Standing.objects.filter(customer=customer, valid_until=None).select_related("tier").first()
    return standing.tier if standing else None


# --- how much --------------------------------------------------------------------------------------------


def this_month() -> date:
    """Return the first day of the present business month, by the database's clock and the house's zone."""
    return month_of(database_now(), settings.TIME_ZONE)


def allowances_of(user: "User") -> QuerySet[GivingAllowance]:
    """Return the amounts of a colleague and of their role: the first one counts."""
    mine = GivingAllowance.objects.filter(Q(person=user) | Q(role=user.role, person=None, tier=None) & ~Q(role=""))
    return mine.order_by(F("person").asc(nulls_last=True))


def purse_of(user: "User") -> Purse:
    """Return what a colleague may give without asking, and what of it is left this month; nothing where nobody said."""
    allowance = allowances_of(user).first()
    spent = GivingMonth.objects.filter(month=this_month(), agent=user).values_list("spent", flat=True).first()
    if allowance is None:
        return Purse(spent=spent or Purse().spent)
    return Purse(allowance.per_gesture or Purse().per_gesture, allowance.per_month, spent or Purse().spent)


# --- who asks whom ---------------------------------------------------------------------------------------


def leads_of(agent: "User") -> "list[User]":
    """Return who is asked first: the colleague's lead, else the lead's lead, else the managers who work here."""
    lead = agent.lead
    above = [one for one in (lead, lead.lead if lead else None) if one and one.pk != agent.pk]
    for one in above:
        if one.has_perm("feedback.change_gesturerequest"):
            return [one]
    users: Any = get_user_model().objects
    managers = users.filter(is_active=True, role="manager").exclude(pk=agent.pk).order_by("pk")
    return [manager for manager in managers if manager.has_perm("feedback.change_gesturerequest")]


def on_desk(user: "User") -> QuerySet[GestureRequest]:
    """Return what a colleague is asked and still waits, and what they asked: open, or answered lately; newest first."""
    answered = ~Q(state=RequestState.WITHDRAWN) & Q(answered_at__gt=Now() - ANSWERED_LATELY)
    asked = GestureRequest.objects.answerable_by(user).open().values("pk")
    mine = Q(agent=user) & (Q(state=RequestState.OPEN) | answered)
    return (
        GestureRequest.objects.filter(Q(pk__in=asked) | mine)
        .select_related("customer", "kind", "agent", "answered_by")
        .order_by("-asked_at", "-pk")
    )
