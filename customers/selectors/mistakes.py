"""How long a colleague may take back what they did or wrote by mistake; afterwards it is a lead's to do."""

from datetime import datetime, timedelta

from customers.selectors.clock import database_now

MISTAKEN = timedelta(days=1)


def is_fresh(at: datetime) -> bool:
    """Whether what was done then may still be taken back by whoever did it, by the database's clock."""
    return at > database_now() - MISTAKEN
