"""The site's own work in the background."""

from celery import shared_task

from portal.models import Heartbeat


@shared_task(name="portal.note_heartbeat")
def note_heartbeat() -> None:
    """Note that a message came from the clock through the broker to a worker that reaches the database."""
    Heartbeat.note(Heartbeat.Part.WORKER)
