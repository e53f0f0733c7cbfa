"""What waits for a colleague: one query a noun."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from customers.models import Customer, Interaction, Promise
from customers.selectors.search import Found
from feedback.models import Recovery
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
    """What is on the desk, the most pressing first."""

    recoveries: list[Recovery]
    talks: list[Interaction]
    promises: list[Promise]
    overrides: list[Override]
    now: datetime

    @property
    def is_empty(self) -> bool:
        return not (self.recoveries or self.talks or self.promises or self.overrides)


def waiting_for(user: User) -> Waiting:
    """Return a colleague's recoveries (everybody's, with the permission), open contacts and promises due."""
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
        now=timezone.now(),
    )


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
