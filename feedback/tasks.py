"""What beat asks of the feedback."""

from celery import shared_task

from feedback.services import chasing, erasing, giving_requests, invitations, put_right, reminders, tones


@shared_task(name="feedback.invite_due")
def invite_due() -> None:
    """Ask about the interactions that were closed since the last look; where they are many, others are to help."""
    if invitations.invite_due(limit=invitations.BATCH) < invitations.BATCH:
        return
    for _ in range(invitations.LANES - 1):
        invite_more.delay()
    invitations.invite_new()


@shared_task(name="feedback.invite_more")
def invite_more() -> None:
    """Help to ask where the contacts are many."""
    invitations.invite_new()


@shared_task(name="feedback.chase_recoveries")
def chase_recoveries() -> None:
    """Tell, remind and take further up what waits to be mended."""
    chasing.chase_recoveries()


@shared_task(name="feedback.ask_put_right")
def ask_put_right() -> None:
    """Ask about what was mended some days ago whether we put it right."""
    put_right.ask_put_right()


@shared_task(name="feedback.note_tones")
def note_tones() -> None:
    """Note how comments sound that nobody has listened to."""
    tones.note_tones()


@shared_task(name="feedback.remind_due")
def remind_due() -> None:
    """Remind, once, those who have not answered."""
    reminders.remind_due()


@shared_task(name="feedback.lapse_requests")
def lapse_requests() -> None:
    """Close the requests for gestures that nobody answered in time."""
    giving_requests.lapse_requests()


@shared_task(name="feedback.forget_late_visitors")
def forget_late_visitors() -> None:
    """Take away who opened the links of customers at the moment at which they were forgotten."""
    erasing.forget_late_visitors()
