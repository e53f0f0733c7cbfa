"""How long a colleague may take back what they did or wrote by mistake; afterwards it is a lead's to do."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from customers.selectors.clock import database_now

if TYPE_CHECKING:
    from portal.models import User

MISTAKEN = timedelta(days=1)
# A lead may at any time; it is offered to them for so long.
_OFFERED_TO_LEADS = timedelta(days=7)


def may_take_back(
    *, by: "User", whose: int | None, at: datetime, own: str, anybodys: str = "customers.take_back_incident"
) -> bool:
    """Whether a colleague may take back what the one of this number did at that moment, by the database's clock.

    Their own, while it is fresh, with the permission `own`; at any time, and whoever did it, with `anybodys`.
    """
    if by.has_perm(anybodys):
        return True
    return whose == by.pk and by.has_perm(own) and at > database_now() - MISTAKEN


def may_be_mistake(at: datetime, *, leads: bool = False) -> bool:
    """Whether it is offered to take back what was done then; a minute is left for pressing."""
    offered = _OFFERED_TO_LEADS if leads else MISTAKEN
    return at > timezone.now() - offered + timedelta(minutes=1)
