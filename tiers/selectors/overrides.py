"""What colleagues decided against the numbers: what holds now, and what is about to end."""

from datetime import date, timedelta

from django.db.models import Q, QuerySet

from tiers.models import Override

# An override has to be looked at again within this time.
LONGEST = timedelta(days=730)
# So long before its last day an override is about to end.
SOON = timedelta(days=30)


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
