"""How long a colleague may take back what they did or wrote by mistake; afterwards it is a lead's to do."""

from datetime import datetime, timedelta

from django.utils import timezone

from customers.selectors.clock import database_now

MISTAKEN = timedelta(days=1)
# A lead may at any time; it is offered to them for so long.
_OFFERED_TO_LEADS = timedelta(days=7)


def is_fresh(at: datetime) -> bool:
    """Whether what was done then may still be taken back by whoever did it, by the database's clock."""
    return at > database_now() - MISTAKEN


def may_be_mistake(at: datetime, *, leads: bool = False) -> bool:
    """Whether it is offered to take back what was done then; a minute is left for pressing."""
    offered = _OFFERED_TO_LEADS if leads else MISTAKEN
    return at > timezone.now() - offered + timedelta(minutes=1)
