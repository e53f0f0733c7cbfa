"""What a page of the match is asked for: a number or an address, and the pop that it belongs to."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _

from customers.enums import ContactKind
from portal.models import Pop, User
from portal.pops.selectors import find_pop

# Longer than any name, number or address: what goes beyond is not read.
LONGEST = 200


@dataclass(frozen=True)
class Asked:
    """Who is asked for. `kind` is phone or email, `text` what was given, `q` what is searched for, `pop` one's own."""

    kind: str
    text: str
    q: str = ""
    pop: Pop | None = None

    @classmethod
    def read(cls, said: Any, user: User) -> "Asked":
        """Read an address, or a form.

        Raises:
            ValueError: it gives neither or both of number and address; the message is a sentence.
        """
        given = {kind: str(said.get(kind, "")) for kind in (ContactKind.PHONE.value, ContactKind.EMAIL.value)}
        given = {kind: text for kind, text in given.items() if text.strip()}
        if len(given) != 1:
            raise ValueError(_("The phone system should give either a phone number or an email address."))
        ((kind, text),) = given.items()
        # A plus sign that was not encoded arrives as a space.
        is_plus = kind == ContactKind.PHONE and text.startswith(" ") and text.strip()[:1].isdigit()
        q = " ".join(str(said.get("q", "")).replace("\0", " ").split())[:LONGEST]
        return cls(kind, f"+{text.strip()}" if is_plus else text.strip(), q, _own(said.get("pop", ""), user))

    @property
    def query(self) -> str:
        """The address that asks the same again, without what was searched for."""
        parts = {self.kind: self.text} | ({"pop": str(self.pop.public_id)} if self.pop else {})
        return urlencode(parts)


def _own(text: str, user: User) -> Pop | None:
    try:
        return find_pop(user=user, public_id=UUID(str(text)))
    except ValueError:
        return None
