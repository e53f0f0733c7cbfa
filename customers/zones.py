"""On which clock a customer lives, and that of the house where nobody has said."""

from datetime import UTC, datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils import timezone

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


def zone_rows(name: str) -> list[list[str]]:
    """Return the rows of a list that comes with the time zones, `iso3166.tab` or `zone.tab`; none without it."""
    try:
        lines = (resources.files("tzdata") / "zoneinfo" / name).read_text("utf-8").splitlines()
    except (ModuleNotFoundError, OSError):
        return []
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def clock_of(country: str) -> str:
    """Return the time zone of a country (ISO 3166) in which all clocks show the same; blank for any other country."""
    return _clock_of(country, timezone.now().year)


@cache
def _clock_of(country: str, year: int) -> str:
    zones = [zone for code, _where, zone, *_more in zone_rows("zone.tab") if code == country]
    months = [datetime(year + number // 12, number % 12 + 1, 15, tzinfo=UTC) for number in range(24)]
    clocks = {tuple(at.astimezone(ZoneInfo(zone)).utcoffset() for at in months) for zone in zones}
    return zones[0] if len(clocks) == 1 else ""
