"""What beat asks of the facts."""

import logging

from celery import shared_task
from django.conf import settings

from customers.postbag import NoPostbag, empty_postbag
from customers.services import bounces, duplicates, letters, mailing
from customers.services import promise_chasing as chasing

logger = logging.getLogger(__name__)

# So many batches in one go: a few seconds' work, after which others have their turn.
_LOOKS = 10


@shared_task(name="customers.send_letters")
def send_letters() -> None:
    """Send the letters that are due."""
    mailing.send_letters()


@shared_task(name="customers.settle_letters")
def settle_letters() -> None:
    """Call uncertain the letters whose sender has gone."""
    letters.settle_letters()


@shared_task(name="customers.read_bounces")
def read_bounces() -> None:
    """Read the mailbox that letters come back to, where the house has one."""
    if not settings.BOUNCE_MAILBOX:
        return
    try:
        empty_postbag(lambda raw: bounces.take_bounces(messages=[raw]))
    except NoPostbag as error:
        logger.warning("%s", error)


@shared_task(name="customers.chase_promises")
def chase_promises() -> None:
    """Remind of promises that fall due, and tell of those that are late."""
    chasing.chase_promises()


@shared_task(name="customers.look_for_duplicates")
def look_for_duplicates() -> None:
    """Look for duplicates of those who are new or have changed, some at a time; the next look goes on from there."""
    for _ in range(_LOOKS):
        looked = duplicates.look_for_duplicates()
        if looked is None or not looked.customers:
            return
