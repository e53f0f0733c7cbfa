"""What beat asks of the facts."""

from celery import shared_task

from customers.services import letters, mailing


@shared_task(name="customers.send_letters")
def send_letters() -> None:
    """Send the letters that are due."""
    mailing.send_letters()


@shared_task(name="customers.settle_letters")
def settle_letters() -> None:
    """Call uncertain the letters whose sender has gone."""
    letters.settle_letters()
