"""What beat asks of the feedback."""

from celery import shared_task

from feedback.services import invitations


@shared_task(name="feedback.invite_due")
def invite_due() -> None:
    """Ask about the interactions that were closed since the last look."""
    invitations.invite_due()
