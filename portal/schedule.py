"""What happens when: the rows of django-celery-beat that the house starts with. Managers change them in the admin.

Every task here may run twice at once, or once too often, and do no harm: two clocks, or one that was away, are safe.
"""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from django.conf import settings
from django.db import connections
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

# What waited longer than this is dropped: the next one does its work. Never less than a worker's longest task.
_STALE = timedelta(minutes=10)


@dataclass(frozen=True)
class Job:
    """One task and its time: every so often, or daily or weekly by the house's clock."""

    task: str
    every: timedelta | None = None
    daily_at: time | None = None
    # With `daily_at`: on this day of the week alone, as crontab counts them (0 is Sunday).
    weekday: int | None = None
    says: str = ""


JOBS = (
    Job("tiers.start_run", daily_at=time(2, 30), says="Looks at every customer's tier."),
    Job("tiers.fit_value", daily_at=time(1, 30), weekday=0, says="Learns from the orders what customers will bring."),
    Job("tiers.sweep_runs", every=timedelta(seconds=30), says="Finishes what a re-tiering left open."),
    Job("tiers.sweep_previews", every=timedelta(seconds=30), says="Finishes what a preview left open."),
    Job("tiers.drop_old_previews", daily_at=time(3, 40), says="Deletes previews that are a month old."),
    Job("tiers.retier_touched", every=timedelta(seconds=3), says="Looks again at customers with new facts."),
    Job("tiers.end_overrides", every=timedelta(minutes=1), says="Ends the overrides whose last day is over."),
    Job("tiers.tell_managers", every=timedelta(seconds=30), says="Writes to managers what a re-tiering moved."),
    Job("customers.send_letters", every=timedelta(seconds=3), says="Sends letters that are due."),
    Job("customers.settle_letters", every=timedelta(seconds=30), says="Settles letters whose sending broke off."),
    Job("customers.read_bounces", every=timedelta(minutes=1), says="Reads the mailbox that letters come back to."),
    Job("customers.chase_promises", every=timedelta(minutes=1), says="Reminds colleagues of what they promised."),
    Job("customers.look_for_duplicates", every=timedelta(seconds=30), says="Looks for customers who may be one."),
    Job("feedback.invite_due", every=timedelta(seconds=10), says="Invites customers to say how it was."),
    Job("feedback.chase_recoveries", every=timedelta(seconds=30), says="Sees that amends are made in time."),
    Job("feedback.ask_put_right", every=timedelta(minutes=1), says="Asks later whether we put it right."),
    Job("feedback.note_tones", every=timedelta(minutes=1), says="Notes how new comments sound, as a hint."),
    Job("feedback.remind_due", every=timedelta(minutes=10), says="Reminds, once, those who have not answered."),
    Job("portal.drop_presences", daily_at=time(3, 50), says="Forgets who had whose page open a day ago."),
    Job("feedback.lapse_requests", every=timedelta(minutes=1), says="Closes requests that nobody answered in time."),
    Job("feedback.forget_late_visitors", every=timedelta(minutes=10), says="Forgets visits that an erasure missed."),
    Job("portal.end_pops", every=timedelta(minutes=1), says="Ends the calls on desks that nobody took."),
    Job("portal.note_heartbeat", every=timedelta(seconds=10), says="Shows that clock, broker and worker are well."),
)


def ensure_schedule(*, using: str = "default") -> list[str]:
    """Add each job that has no row of its name, and return the names added. What a manager changed stays."""
    if PeriodicTask._meta.db_table not in connections[using].introspection.table_names():
        return []
    known = set(PeriodicTask.objects.using(using).values_list("name", flat=True))
    missing = [job for job in JOBS if job.task not in known]
    return [job.task for job in missing if _add(job, using)]


def _add(job: Job, using: str) -> bool:
    """Add a job; False where somebody else was quicker."""
    defaults: dict[str, Any] = {"task": job.task, "description": job.says}
    if job.every is not None:
        defaults["interval"], _ = IntervalSchedule.objects.using(using).get_or_create(
            every=int(job.every.total_seconds()), period=IntervalSchedule.SECONDS
        )
        defaults["expire_seconds"] = int(_STALE.total_seconds())
    elif job.daily_at is not None:
        # Not dropped when stale: a night's work that waited for a worker is done in the morning.
        defaults["crontab"], _ = CrontabSchedule.objects.using(using).get_or_create(
            minute=str(job.daily_at.minute),
            hour=str(job.daily_at.hour),
            day_of_week="*" if job.weekday is None else str(job.weekday),
            timezone=settings.TIME_ZONE,
        )
    return PeriodicTask.objects.using(using).get_or_create(name=job.task, defaults=defaults)[1]
