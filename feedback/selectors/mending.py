"""By what rules it is mended: the calendar, the tier's terms, and who answers for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now

from customers.models import Customer
from feedback.calendar import Calendar, add_hours
from feedback.models import Holiday, MendingRules, NamedOwner, WorkingHours
from tiers.models import Standing

if TYPE_CHECKING:
    from portal.models import User

# For customers whose tier is not known yet.
HOURS_WITHOUT_TIER = 48
# The role that everything goes to in the end, as the site names it.
_MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a customer's tier asks for now: by when, when to remind, when it goes further up, and who is named."""

    now: datetime
    due_at: datetime
    remind_at: datetime | None
    escalate_at: datetime
    named: "User | None"


def mending_rules() -> MendingRules:
    """Return the house's rules for mending."""
    return MendingRules.objects.first() or MendingRules()


def house_calendar() -> Calendar:
    """Return the house's working hours and holidays, in its zone; two queries."""
    hours = {row.weekday: (row.opens_at, row.closes_at) for row in WorkingHours.objects.all()}
    return Calendar(settings.TIME_ZONE, hours, frozenset(Holiday.objects.values_list("on", flat=True)))


def terms_for(*, customer: Customer) -> Terms:
    """Return the terms of a customer's present tier from now on, by the database's clock, in working hours."""
    standing = Standing.objects.filter(customer=OuterRef("pk"), valid_until=None)
    now, hours, named_id = (
        Customer.objects.filter(pk=customer.pk)
        .annotate(
            now=Now(),
            hours=Subquery(standing.values("tier__recovery_hours")[:1]),
            named=Subquery(standing.values("tier__named_owner__owner")[:1]),
        )
        .values_list("now", "hours", "named")
        .get()
    )
    rules, calendar = mending_rules(), house_calendar()
    allowed = timedelta(hours=hours or HOURS_WITHOUT_TIER)
    before = allowed - timedelta(hours=rules.remind_hours)
    due_at = add_hours(now, allowed, calendar)
    return Terms(
        now=now,
        due_at=due_at,
        remind_at=add_hours(now, before, calendar) if rules.remind_hours and before > timedelta(0) else None,
        escalate_at=add_hours(due_at, timedelta(hours=rules.escalate_hours), calendar),
        named=_active(named_id),
    )


def owner_by_rule(*, agent: "User | None", named: "User | None") -> "User | None":
    """Return who answers for it: the tier's named person, the agent's lead, the lead's lead, the agent.

    The first of them who still works here; nobody where none does.
    """
    lead = agent.lead if agent else None
    people = [named, lead, lead.lead if lead else None, agent]
    return next((one for one in people if one and one.is_active), None)


def people_above(*, owner: "User | None", customer: Customer) -> "list[User]":
    """Return whom it goes to when the owner does not mend it: their lead, else the named person, else the managers."""
    lead = owner.lead if owner else None
    if lead and lead.is_active:
        return [lead]
    standing = Standing.objects.filter(customer=customer, valid_until=None).values("tier")
    named = NamedOwner.objects.filter(tier__in=standing, owner__is_active=True).select_related("owner").first()
    if named and named.owner != owner:
        return [named.owner]
    managers: Any = get_user_model().objects.filter(is_active=True, role=_MANAGER).order_by("pk")
    return [manager for manager in managers if manager != owner]


def _active(user_id: int | None) -> "User | None":
    users: Any = get_user_model().objects
    return users.filter(pk=user_id, is_active=True).first() if user_id else None
