"""How things stand between us and a customer: what hints are told apart by."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from customers.enums import Channel
from portal.models import Situation

if TYPE_CHECKING:
    from portal.contact.contact import Contact

_WRITTEN = {Channel.EMAIL, Channel.CHAT, Channel.WEB}
# So near to the day on which they came to us there is cause to celebrate.
_NEAR = timedelta(days=3)


def situation_of(contact: "Contact") -> Situation:
    """Return the situation: what we owe goes before what we celebrate; without a contact we take it to be spoken."""
    mood = "owed" if contact.is_owing else "celebration" if has_cause(contact) else "quiet"
    is_written = contact.talk is not None and contact.talk.channel in _WRITTEN
    return Situation(f"{mood}-{'written' if is_written else 'spoken'}")


def has_cause(contact: "Contact") -> bool:
    """Whether there is cause to celebrate: a year with us, or several, about today. More causes belong here."""
    since, today = contact.customer.customer_since, timezone.localdate(contact.now)
    if since is None or (today - since).days < 360:
        return False
    for year in (today.year - 1, today.year, today.year + 1):
        # The 29th of February is kept on the 28th.
        day = since.replace(year=year, day=min(since.day, 28) if since.month == 2 else since.day)
        if abs(today - day) <= _NEAR:
            return True
    return False
