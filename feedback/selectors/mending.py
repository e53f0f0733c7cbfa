"""By what rules it is mended: the calendar, the tier's terms, and who answers for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model

from customers.models import Customer
from customers.selectors.prepared import Statement, fetch_prepared
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
    """What a customer's tier asks for now: by when, when to remind, when it goes further up, and whom it falls to."""

    now: datetime
    due_at: datetime
    remind_at: datetime | None
    escalate_at: datetime
    owner_id: int | None


def mending_rules() -> MendingRules:
    """Return the house's rules for mending."""
    found = _rules().fetch()
    return found[0] if found else MendingRules()


@lru_cache(maxsize=1)
def _rules() -> Statement:
    return Statement(MendingRules.objects.order_by("pk")[:1])


# The terms and who answers for it, at once, because somebody who was let down waits for their answer to be taken.
_TERMS = """
    SELECT statement_timestamp(), tier.recovery_hours, rules.remind_hours, rules.escalate_hours,
           coalesce(named.id, lead.id, above.id, agent.id),
           hours.weekdays, hours.opens, hours.closes, (SELECT array_agg("on") FROM feedback_holiday)
    FROM (
        SELECT array_agg(weekday) AS weekdays, array_agg(opens_at) AS opens, array_agg(closes_at) AS closes
        FROM feedback_workinghours
    ) AS hours
    LEFT JOIN feedback_mendingrules AS rules ON true
    LEFT JOIN tiers_standing AS standing ON standing.customer_id = %(customer)s AND standing.valid_until IS NULL
    LEFT JOIN tiers_tier AS tier ON tier.id = standing.tier_id
    LEFT JOIN feedback_namedowner AS naming ON naming.tier_id = tier.id
    LEFT JOIN {user} AS named ON named.id = naming.owner_id AND named.is_active
    LEFT JOIN customers_interaction AS contact ON contact.id = %(interaction)s
    LEFT JOIN {user} AS server ON server.id = contact.agent_id
    LEFT JOIN {user} AS agent ON agent.id = server.id AND agent.is_active
    LEFT JOIN {user} AS first ON first.id = server.lead_id
    LEFT JOIN {user} AS lead ON lead.id = first.id AND lead.is_active
    LEFT JOIN {user} AS above ON above.id = first.lead_id AND above.is_active
"""


def terms_for(*, customer_id: int, interaction_id: int) -> Terms:
    """Return the terms of a customer's present tier from now on, by the database's clock, in working hours.

    With whom it falls to after that contact: the tier's named person, the agent's lead, the lead's lead, the agent; the
    first of them who still works here, and nobody where none does.
    """
    sql = _TERMS.format(user=get_user_model()._meta.db_table)
    row = fetch_prepared(sql, {"customer": customer_id, "interaction": interaction_id})[0]
    now, tier_hours, remind_hours, escalate_hours, owner_id, weekdays, opens, closes, holidays = row
    if remind_hours is None:
        rules = MendingRules()
        remind_hours, escalate_hours = rules.remind_hours, rules.escalate_hours
    hours = dict(zip(weekdays or (), zip(opens or (), closes or (), strict=True), strict=True))
    calendar = Calendar(settings.TIME_ZONE, hours, frozenset(holidays or ()))
    allowed = timedelta(hours=tier_hours or HOURS_WITHOUT_TIER)
    before = allowed - timedelta(hours=remind_hours)
    due_at = add_hours(now, allowed, calendar)
    return Terms(
        now=now,
        due_at=due_at,
        remind_at=add_hours(now, before, calendar) if remind_hours and before > timedelta(0) else None,
        escalate_at=add_hours(due_at, timedelta(hours=escalate_hours), calendar),
        owner_id=owner_id,
    )


def house_calendar() -> Calendar:
    """Return the house's calendar (two queries); `terms_for` reads it with all else."""
    hours = {one.weekday: (one.opens_at, one.closes_at) for one in WorkingHours.objects.all()}
    return Calendar(settings.TIME_ZONE, hours, frozenset(Holiday.objects.values_list("on", flat=True)))


def heir_of(terms: Terms) -> "User | None":
    """Return the colleague whom it falls to by the terms."""
    users: Any = get_user_model().objects
    return users.filter(pk=terms.owner_id).first() if terms.owner_id else None


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
