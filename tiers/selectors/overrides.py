"""What colleagues decided against the numbers: what holds now, what is about to end, and how it is said."""

from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tiers.enums import OverrideKind
from tiers.models import Override
from tiers.selectors import wording

# An override has to be looked at again within this time.
LONGEST = timedelta(days=730)
# So long before its last day an override is about to end.
SOON = timedelta(days=30)

_UNTIL: dict[str, Promise] = {
    OverrideKind.FLOOR: _("Never below %(tier)s until %(day)s, by %(owner)s: %(reason)s"),
    OverrideKind.CEILING: _("Never above %(tier)s until %(day)s, by %(owner)s: %(reason)s"),
    OverrideKind.LOCK: _("Always in %(tier)s until %(day)s, by %(owner)s: %(reason)s"),
}
_OPEN: dict[str, Promise] = {
    OverrideKind.FLOOR: _("Never below %(tier)s, by %(owner)s: %(reason)s"),
    OverrideKind.CEILING: _("Never above %(tier)s, by %(owner)s: %(reason)s"),
    OverrideKind.LOCK: _("Always in %(tier)s, by %(owner)s: %(reason)s"),
}


def in_force(today: date) -> QuerySet[Override]:
    """Return the overrides that hold on a business day, today or later, as things stand now."""
    return Override.objects.live().filter(Q(ends_on=None) | Q(ends_on__gte=today))


def about_to_end(today: date) -> QuerySet[Override]:
    """Return those whose last day is within a month, the nearest first, with customer, tier and owner."""
    return (
        Override.objects.live()
        .filter(ends_on__gte=today, ends_on__lte=today + SOON)
        .select_related("customer", "tier", "owner")
        .order_by("ends_on", "pk")
    )


def badge(*, kind: str, tier: str, owner: str, reason: str, ends_on: date | None, today: date) -> str:
    """Return an override as a sentence for whoever looks at the tier. `tier`, `owner`: their names.

    `reason`: empty for readers who may not see it.
    """
    words = str(_OPEN[kind] if ends_on is None else _UNTIL[kind])
    day = wording.day(ends_on, today) if ends_on else ""
    said = words % {"tier": tier, "owner": owner, "reason": reason, "day": day}
    return said if reason else said.rstrip(" :")
