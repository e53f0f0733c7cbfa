"""The site's own work in the background."""

from celery import shared_task

from portal.contact import presence
from portal.contact.actions import once
from portal.models import Heartbeat
from portal.pops.services import end_old_pops, forget_old_numbers


@shared_task(name="portal.note_heartbeat")
def note_heartbeat() -> None:
    """Note that a message came from the clock through the broker to a worker that reaches the database."""
    Heartbeat.note(Heartbeat.Part.WORKER)


@shared_task(name="portal.drop_presences")
def drop_presences() -> int:
    """Forget who was with whom a day ago, and which forms were sent last week."""
    return presence.drop_presences() + once.drop_presses()


@shared_task(name="portal.end_pops")
def end_pops() -> None:
    """End the pops that nobody answered or dismissed, and forget the numbers of those long gone."""
    end_old_pops()
    forget_old_numbers()
