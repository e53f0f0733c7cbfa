"""What may be given to whom, what is left of whose month, and who asks whom."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from customers.models import Customer
from customers.selectors.clock import database_now
from feedback.enums import RequestState
from feedback.giving import Purse, month_of
from feedback.models import GestureKind, GestureRequest, GivingAllowance, GivingMonth
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
