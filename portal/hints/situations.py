"""How things stand between us and a customer: what hints are told apart by."""

from typing import TYPE_CHECKING

from customers.enums import Channel
from portal.contact.opening import CELEBRATIONS, Kind
from portal.models import Situation

if TYPE_CHECKING:
    from portal.contact.contact import Contact

_WRITTEN = {Channel.EMAIL, Channel.CHAT, Channel.WEB}


def situation_of(contact: "Contact") -> Situation:
    """Return the situation: what we owe goes before what we celebrate; without a contact we take it to be spoken."""
    mood = "owed" if contact.speaking.is_owing else "celebration" if has_cause(contact) else "quiet"
    is_written = contact.talk is not None and contact.talk.channel in _WRITTEN
    return Situation(f"{mood}-{'written' if is_written else 'spoken'}")


def has_cause(contact: "Contact") -> bool:
    """Whether there is cause to thank them or to celebrate, by the line that we would open with."""
    return Kind(contact.speaking.opening.kind) in CELEBRATIONS
