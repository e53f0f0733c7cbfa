"""Who else is with a customer just now, and saying that one is."""

from datetime import timedelta

from django.db.models.functions import Now

from customers.models import Customer
from customers.selectors.prepared import fetch_prepared
from portal.models import Presence, Reading, User

# A page says every twenty seconds that it is open; who was not heard of for this long has gone.
STILL_HERE = timedelta(seconds=50)
# Rows of this age tell nobody anything.
_OLD = timedelta(days=1)

_LOOK = """
    WITH looked AS (
        INSERT INTO portal_reading (user_id, customer_id, door, read_at)
        {what}
    )
"""
_AT_ONCE = "VALUES (%(colleague)s, %(customer)s, %(door)s, STATEMENT_TIMESTAMP())"
_UNLESS_JUST_NOW = """
    SELECT %(colleague)s, %(customer)s, %(door)s::varchar, STATEMENT_TIMESTAMP() WHERE NOT EXISTS (
        SELECT 1 FROM portal_reading WHERE user_id = %(colleague)s AND customer_id = %(customer)s
        AND door = %(door)s::varchar AND read_at > STATEMENT_TIMESTAMP() - INTERVAL '1 minute'
    )
"""
_STAY = """
    INSERT INTO portal_presence (customer_id, colleague_id, seen_at)
    VALUES (%(customer)s, %(colleague)s, STATEMENT_TIMESTAMP())
    ON CONFLICT (customer_id, colleague_id) DO UPDATE SET seen_at = excluded.seen_at
    RETURNING id
"""


def note_look(*, customer: Customer, colleague: User, is_more: bool = False) -> None:
    """Leave a line in the trail of who read what, and say that the page is open (1 query).

    `is_more`: more of a page that is open. What follows it within a minute is the same look.
    """
    whose = {"customer": customer.pk, "colleague": colleague.pk, "door": Reading.Door.CONTACT_VIEW.value}
    fetch_prepared(_LOOK.format(what=_UNLESS_JUST_NOW if is_more else _AT_ONCE) + _STAY, whose)


def stay(*, customer: Customer, colleague: User) -> None:
    """Say that the page is still open; nobody reads anything by that."""
    fetch_prepared(_STAY, {"customer": customer.pk, "colleague": colleague.pk})


def drop_presences() -> int:
    """Forget who was there a day ago; return how many rows went."""
    return Presence.objects.filter(seen_at__lt=Now() - _OLD).delete()[0]
