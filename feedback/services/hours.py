"""When letters may leave, by the clock on the customer's wall."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from customers.zones import UNSAID, house_zone, zone_of
from feedback.quiet import after_quiet


@dataclass(frozen=True, slots=True)
class Times:
    """When a letter that is written now may leave, by time zone: None for at once.

    `otherwise` is for a customer whose zone is none, or not said: they are taken to live where the house is.
    """

    dues: Mapping[str, datetime | None]
    otherwise: datetime | None

    def due_in(self, time_zone: str) -> datetime | None:
        """Return when a letter into this zone may leave."""
        return self.dues.get(time_zone, self.otherwise)

    def columns(self) -> tuple[list[str], list[datetime | None], datetime | None]:
        """Return the zones, their times, and the time otherwise."""
        return list(self.dues), list(self.dues.values()), self.otherwise


def leaving_times(*, rules: Any) -> Times:
    """Return when letters written at `rules.now` may leave, reckoned once a minute for each zone there is."""
    if rules.quiet_from is None:
        return Times({}, None)
    return _reckon(rules.now.replace(second=0, microsecond=0), rules.quiet_from, rules.quiet_until, house_zone())


def quiet_until(*, rules: Any, time_zone: str) -> datetime | None:
    """Return when the quiet hours in this zone are over, or None where it is not quiet."""
    if rules.quiet_from is None:
        return None
    until = after_quiet(rules.now, zone_of(time_zone), begins=rules.quiet_from, ends=rules.quiet_until)
    return until if until > rules.now else None


@lru_cache(maxsize=2)
def _reckon(moment: datetime, begins: time, ends: time, zone: ZoneInfo) -> Times:
    dues = {name: after_quiet(moment, there, begins=begins, ends=ends) for name, there in _zones().items()}
    house = after_quiet(moment, zone, begins=begins, ends=ends)
    return Times({name: due if due > moment else None for name, due in dues.items()}, house if house > moment else None)


@lru_cache(maxsize=1)
def _zones() -> dict[str, ZoneInfo]:
    return {name: ZoneInfo(name) for name in sorted(available_timezones() - {UNSAID})}
