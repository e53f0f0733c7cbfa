"""What waits for a colleague: one query a noun."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DecimalField, F, Q, Value
from django.db.models.functions import Now
from django.utils import timezone

from customers.models import Customer, Interaction, Promise
from customers.selectors.search import Found
from feedback.giving import Purse
from feedback.models import GestureRequest, Recovery
from feedback.selectors.giving import on_desk, purse_of
from feedback.selectors.recoveries import open_recoveries
from portal.models import User
from tiers.models import Override, Tier
from tiers.selectors.overrides import about_to_end
from tiers.selectors.standings import present_tiers

# A promise due within this time stands on the desk.
SOON = timedelta(hours=24)
MOST = 50
# Of the overrides about to end, the nearest; the admin has the rest.
FEW = 5


@dataclass(frozen=True)
class Waiting:
    """What is on the desk, the most pressing first.

    `may_give`: whether one has any amount to say yes from; `purse`: what is left of it, for those who may see money.
    """

    recoveries: list[Recovery]
    talks: list[Interaction]
    promises: list[Promise]
    overrides: list[Override]
    asks: list[GestureRequest]
    asked: list[GestureRequest]
    may_give: bool
    purse: Purse | None
    now: datetime

    @property
    def is_empty(self) -> bool:
        return not (self.recoveries or self.talks or self.promises or self.overrides or self.asks or self.asked)


def waiting_for(user: User) -> Waiting:
    """Return a colleague's recoveries (everybody's, with the permission), open contacts and promises due."""
    requests = _requests(user)
    asks = [one for one in requests if one.agent_id != user.pk]
    purse = purse_of(user) if asks else Purse()
    return Waiting(
        recoveries=list(open_recoveries(user=user)[:MOST]),
        talks=list(
            Interaction.objects.open()
            .filter(agent=user)
            .select_related("customer", "touch_point")
            .order_by("-opened_at")[:MOST]
        ),
        promises=list(
            Promise.objects.open()
            .filter(Q(owner=user), due_at__lt=Now() + SOON)
            .select_related("customer")
            .order_by("due_at")[:MOST]
        ),
        overrides=_about_to_end(user),
        asks=asks,
        asked=[one for one in requests if one.agent_id == user.pk],
        may_give=not purse.is_of_nothing,
        purse=purse if user.has_perm("customers.view_money") else None,
        now=timezone.now(),
    )


def _requests(user: User) -> list[GestureRequest]:
    """What they are asked and what they asked; the cost leaves the database for those alone who may see money."""
    if not user.has_perm("feedback.view_gesturerequest"):
        return []
    cost = F("cost") if user.has_perm("customers.view_money") else Value(None, DecimalField())
    return list(on_desk(user).defer("cost").annotate(shown_cost=cost, is_free=Q(cost=0))[:MOST])


def _about_to_end(user: User) -> list[Override]:
    """The nearest few, for those who may set another one."""
    if not user.has_perm("tiers.add_override"):
        return []
    return list(about_to_end(timezone.localdate())[:FEW])


@dataclass(frozen=True)
class Known:
    """A customer in a list, with the tier they have."""

    customer: Customer
    tier: Tier | None
    why: str = ""


def with_tiers(found: list[Found]) -> list[Known]:
    """Add the present tiers, in one query."""
    tiers = present_tiers([row.customer.pk for row in found])
    return [Known(row.customer, tiers.get(row.customer.pk), row.why) for row in found]
