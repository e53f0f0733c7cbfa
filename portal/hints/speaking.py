"""What may be said to a customer at all: the one place that holds a hint back because of its words."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.contact.contact import Contact


def may_be_said(contact: "Contact", text: str) -> bool:
    """Whether nothing forbids it. Nothing is known yet of what not to say to somebody; it would be asked here."""
    return bool(contact and text)
