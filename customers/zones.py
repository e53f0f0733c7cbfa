"""On which clock a customer lives, and that of the house where nobody has said."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

# What stands with a customer while nobody has said where they live: nobody lives in UTC.
UNSAID = "UTC"


def house_zone() -> ZoneInfo:
    """Return the zone of the house's own clock."""
    return ZoneInfo(settings.TIME_ZONE)


def zone_if_said(name: str) -> ZoneInfo | None:
    """Return a customer's zone, or None where nobody has said one, or there is none of this name."""
    if name == UNSAID:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_of(name: str) -> ZoneInfo:
    """Return a customer's zone; where nobody has said one they are taken to live where the house is."""
    return zone_if_said(name) or house_zone()
