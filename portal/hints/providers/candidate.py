"""A hint that could be shown, whatever it is drawn from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from portal import dates

if TYPE_CHECKING:
    from portal.contact.contact import Contact

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Candidate:
    """What to try, and why. `key`: what it is drawn from; `needs`: the permission without which it is not shown."""

    key: str
    text: str
    reason: str
    needs: str

    def __post_init__(self) -> None:
        if len(self.text) > _LONGEST:
            object.__setattr__(self, "text", f"{self.text[: _LONGEST - 1]}…")


Provider = Callable[["Contact"], list[Candidate]]


def on_day(at: datetime, now: datetime) -> str:
    """Return a day as it stands in a sentence: “yesterday”, “on 3 March”."""
    days = abs((timezone.localtime(at).date() - timezone.localtime(now).date()).days)
    day = dates.day(at, now=now)
    return day if days <= 1 else _("on %(day)s") % {"day": day}
