"""What may be said to a customer at all: the one place that holds a hint back because of its words."""

from typing import TYPE_CHECKING

from portal.contact.opening import is_forbidden
from portal.models.hint_kinds import HintKind

if TYPE_CHECKING:
    from portal.contact.contact import Contact


# Made of words that people wrote, of whatever they are about.
_IN_WORDS = (HintKind.PREFERENCE, HintKind.SERVICE)


def may_be_said(contact: "Contact", kind: str, text: str) -> bool:
    """Whether no do-not-say note forbids it. One that this reader may not see may be about anything."""
    facts = contact.speaking.facts
    return not (facts.is_guarded and kind in _IN_WORDS) and not is_forbidden(facts.cautions, [text])
