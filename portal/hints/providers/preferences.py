"""A preference worth honouring now: known well enough, not too old, and about what is at hand where possible."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from customers.enums import Channel, Provenance
from portal.hints.providers.candidate import Candidate, on_day
from portal.hints.words import words_in

if TYPE_CHECKING:
    from portal.contact.contact import Contact
    from portal.contact.parts.preferences import PreferenceRow

_BECAUSE = {
    Provenance.CONFIRMED: gettext_noop("Because it is confirmed, last noted %(day)s"),
    Provenance.STATED: gettext_noop("Because they said so %(day)s"),
    Provenance.OBSERVED: gettext_noop("Because somebody noticed it %(day)s"),
}
# How long each is fresh. What was noticed once is shown only where it is about what is at hand.
_FRESH = {
    Provenance.CONFIRMED: timedelta(days=730),
    Provenance.STATED: timedelta(days=365),
    Provenance.OBSERVED: timedelta(days=120),
}
_SURE = {Provenance.CONFIRMED: 0, Provenance.STATED: 1, Provenance.OBSERVED: 2}
# Shorter words are in everything.
_SHORTEST = 4
# Words that speak of a channel without naming it.
_OF_CHANNEL = {
    Channel.PHONE: {"call", "calls", "ring", "rings", "phone", "speak", "slowly", "hearing"},
    Channel.VIDEO: {"video", "call", "calls", "face", "see", "speak", "slowly", "hearing"},
    Channel.EMAIL: {"email", "write", "written", "letter", "summary"},
    Channel.CHAT: {"chat", "write", "written"},
    Channel.WEB: {"website", "online", "write", "written"},
    Channel.VISIT: {"visit", "visits", "shop", "table", "room", "seat", "welcome"},
}


def candidates(contact: "Contact") -> list[Candidate]:
    """Return those that are fresh, the fitting ones first, then by how sure we are of them, then the newest."""
    at_hand = _at_hand(contact)
    fresh = [row for row in contact.preferences if contact.now - row.noted_at <= _FRESH[Provenance(row.provenance)]]
    fitting = {row.pk: bool(at_hand & _telling(row.text)) for row in fresh}
    worth = [row for row in fresh if fitting[row.pk] or row.provenance != Provenance.OBSERVED]
    # Rows come newest first, and the order of equals stays.
    worth.sort(key=lambda row: (not fitting[row.pk], _SURE[Provenance(row.provenance)]))
    return [
        Candidate(
            f"preference:{row.pk}",
            _("Ask first: %(text)s") % {"text": row.text} if row.is_ask_first else row.text,
            _why(contact, row, is_fitting=fitting[row.pk]),
            "customers.view_preference",
        )
        for row in worth
    ]


def _at_hand(contact: "Contact") -> set[str]:
    """The words of the contact that is open, and of what is still wrong."""
    said = [incident.text for incident in contact.open_incidents]
    words: set[str] = set()
    if contact.talk is not None:
        said += [contact.talk.subject, contact.talk.place]
        words |= _OF_CHANNEL[Channel(contact.talk.channel)]
    return words | {word for text in said for word in _telling(text)}


def _telling(text: str) -> set[str]:
    """The longer words of a text, without the ending of many, so that “deliveries” meets “delivery”."""
    long = {word for word in words_in(text) if len(word) >= _SHORTEST}
    return long | {f"{word[:-3]}y" for word in long if word.endswith("ies")} | {word.removesuffix("s") for word in long}


def _why(contact: "Contact", row: "PreferenceRow", *, is_fitting: bool) -> str:
    day = {"day": on_day(row.noted_at, contact.now)}
    known = _(_BECAUSE[Provenance(row.provenance)]) % day
    return _("%(known)s, and it is about this contact.") % {"known": known} if is_fitting else f"{known}."
