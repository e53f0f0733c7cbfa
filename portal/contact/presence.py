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

# Who was here is here again.
_AGAIN = "ON CONFLICT (customer_id, colleague_id) DO UPDATE SET seen_at = excluded.seen_at"
# What is written of whoever is `found`, for a look by `me` (customers.selectors.prepared).
LOOKED = f"""
    looked AS (
        INSERT INTO portal_reading (user_id, customer_id, door, read_at)
        SELECT %(me)s, id, '{Reading.Door.CONTACT_VIEW}', STATEMENT_TIMESTAMP() FROM found
    ),
    stayed AS (
        INSERT INTO portal_presence (customer_id, colleague_id, seen_at)
        SELECT id, %(me)s, STATEMENT_TIMESTAMP() FROM found
        {_AGAIN}
    )
"""  # noqa: S608 (words of ours)
_STAY = f"""
    INSERT INTO portal_presence (customer_id, colleague_id, seen_at)
    VALUES (%(customer)s, %(colleague)s, STATEMENT_TIMESTAMP())
    {_AGAIN}
    RETURNING id
"""  # noqa: S608 (words of ours)
_MORE = """
    WITH looked AS (
        INSERT INTO portal_reading (user_id, customer_id, door, read_at)
        SELECT %(colleague)s, %(customer)s, %(door)s::varchar, STATEMENT_TIMESTAMP() WHERE NOT EXISTS (
            SELECT 1 FROM portal_reading WHERE user_id = %(colleague)s AND customer_id = %(customer)s
            AND door = %(door)s::varchar AND read_at > STATEMENT_TIMESTAMP() - INTERVAL '1 minute'
        )
    )
"""


def note_more(*, customer: Customer, colleague: User) -> None:
    """Leave a line in the trail of who read what, for more of a page that is open, and say that it is (1 query).

    What follows a look within a minute is the same look.
    """
    whose = {"customer": customer.pk, "colleague": colleague.pk, "door": Reading.Door.CONTACT_VIEW.value}
    fetch_prepared(_MORE + _STAY, whose)


def stay(*, customer: Customer, colleague: User) -> None:
    """Say that the page is still open; nobody reads anything by that."""
    fetch_prepared(_STAY, {"customer": customer.pk, "colleague": colleague.pk})


def drop_presences() -> int:
    """Forget who was there a day ago; return how many rows went."""
    return Presence.objects.filter(seen_at__lt=Now() - _OLD).delete()[0]
