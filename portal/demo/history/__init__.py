"""An openly invented year: contacts, incidents, gestures, promises, preferences, hints, letters, answers (SOURCE.md).

What happens today goes through the services, as it would at the desk. The past cannot: a service takes the present
for the time, rightly. So past rows are written in bulk with their own times; the database's constraints hold for
them as for all others. Past letters are recorded as sent without having been, and past answers carry no visits:
there was no link that anybody could have opened.

Everything is drawn with one seed and written in one transaction: it is there whole, once, or not at all.
"""

from datetime import datetime

from django.db import transaction

from customers.models import Interaction
from portal.demo.history.answers import write_answers
from portal.demo.history.contacts import write_contacts
from portal.demo.history.giving import write_gestures, write_ratings
from portal.demo.history.hinting import write_hints
from portal.demo.history.house import SOURCE, look_around
from portal.demo.history.liking import write_consents, write_preferences
from portal.demo.history.promises import write_promises
from portal.demo.history.selves import write_selves
from portal.demo.history.stories import write_stories
from portal.demo.history.trouble import write_incidents
from portal.models import User

__all__ = ["has_history", "write_history"]


def has_history() -> bool:
    """Whether the demo's history has been written: its first contact is the sign."""
    return Interaction.objects.filter(source=SOURCE).exists()


@transaction.atomic
def write_history(*, now: datetime, agents: list[User]) -> bool:
    """Write the demo's history as of now; return False where it is there already."""
    if has_history():
        return False
    house = look_around(now=now, agents=agents)
    contacts = write_contacts(house)
    write_incidents(house, contacts)
    write_promises(house, contacts)
    write_preferences(house, contacts)
    write_consents(house)
    write_answers(house, contacts)
    write_gestures(house, contacts)
    write_hints(contacts)
    write_ratings(house)
    write_stories(house)
    write_selves(house)
    return True
