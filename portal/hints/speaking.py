"""What may be said to a customer at all: the one place that holds a hint back because of its words."""

from typing import TYPE_CHECKING

from portal.contact.opening import is_forbidden

if TYPE_CHECKING:
    from portal.contact.contact import Contact


def may_be_said(contact: "Contact", text: str) -> bool:
    """Whether no do-not-say note forbids it."""
    return not is_forbidden(contact.speaking.facts.cautions, [text])
