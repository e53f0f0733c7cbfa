"""The schedule that the house starts with, and that managers change."""

import subprocess

import pytest
from django.core.management import call_command
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from pytest_django import DjangoAssertNumQueries

from portal.models import Heartbeat
from portal.schedule import JOBS, ensure_schedule
from tests.conftest import Programs, eventually

NAMES = {
    "customers.chase_promises",
    "tiers.fit_value",
    "tiers.start_run",
    "tiers.sweep_runs",
    "tiers.sweep_previews",
    "tiers.drop_old_previews",
    "tiers.retier_touched",
    "tiers.end_overrides",
    "tiers.tell_managers",
    "customers.send_letters",
    "customers.settle_letters",
    "customers.read_bounces",
    "customers.look_for_duplicates",
    "feedback.invite_due",
    "feedback.chase_recoveries",
    "feedback.ask_put_right",
    "feedback.note_tones",
    "feedback.remind_due",
    "portal.drop_presences",
    "feedback.lapse_requests",
    "feedback.forget_late_visitors",
    "portal.end_pops",
    "portal.note_heartbeat",
}
EVERY = {
    "tiers.sweep_runs": 30,
    "tiers.sweep_previews": 30,
    "tiers.retier_touched": 3,
    "tiers.end_overrides": 60,
    "tiers.tell_managers": 30,
    "customers.send_letters": 3,
    "customers.settle_letters": 30,
    "customers.read_bounces": 60,
    "customers.look_for_duplicates": 30,
    "feedback.invite_due": 10,
    "feedback.note_tones": 60,
    "feedback.remind_due": 600,
    "feedback.forget_late_visitors": 600,
    "portal.end_pops": 60,
    "portal.note_heartbeat": 10,
}


def ours() -> dict[str, PeriodicTask]:
    return {task.name: task for task in PeriodicTask.objects.filter(name__in=NAMES)}


@pytest.mark.django_db
def test_migrating_adds_the_schedule() -> None:
    tasks = ours()
    assert set(tasks) == NAMES == {job.task for job in JOBS}
    for name, seconds in EVERY.items():
        assert (tasks[name].interval.every, tasks[name].interval.period) == (seconds, IntervalSchedule.SECONDS)
        assert tasks[name].enabled
        assert tasks[name].task == name
    nightly = tasks["tiers.start_run"].crontab
    assert (nightly.hour, nightly.minute, str(nightly.timezone)) == ("2", "30", "UTC")
    assert tasks["tiers.start_run"].expire_seconds is None
    weekly = tasks["tiers.fit_value"].crontab
    assert (weekly.day_of_week, weekly.hour, weekly.minute, nightly.day_of_week) == ("0", "1", "30", "*")


@pytest.mark.django_db
def test_once_more_changes_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    assert ensure_schedule() == []
    with django_assert_num_queries(2):
        ensure_schedule()
    assert PeriodicTask.objects.filter(name__in=NAMES).count() == len(NAMES)
    assert IntervalSchedule.objects.count() == 5


@pytest.mark.django_db
def test_what_a_manager_changed_stays() -> None:
    hourly = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.HOURS)
    task = ours()["feedback.invite_due"]
    task.interval, task.enabled, task.description = hourly, False, "Not on weekdays."
    task.save()
    nightly = ours()["tiers.start_run"]
    nightly.crontab = CrontabSchedule.objects.create(hour="4", minute="0")
    nightly.save()
    call_command("migrate", verbosity=0)
    task.refresh_from_db()
    assert (task.interval, task.enabled, task.description) == (hourly, False, "Not on weekdays.")
    assert ours()["tiers.start_run"].crontab.hour == "4"


@pytest.mark.django_db
def test_missing_rows_come_back_alone() -> None:
    PeriodicTask.objects.filter(name="tiers.start_run").delete()
    assert ensure_schedule() == ["tiers.start_run"]


@pytest.mark.django_db(transaction=True)
def test_two_clocks_and_a_killed_one_do_no_harm(start_program: Programs, start_worker: Programs) -> None:
    """Two beats send everything twice; one is killed, the other goes on; the heart is still one row."""

    def start_clock() -> "subprocess.Popen[bytes]":
        return start_program("-m", "celery", "-A", "portal", "beat", "-l", "WARNING")

    PeriodicTask.objects.exclude(name="portal.note_heartbeat").update(enabled=False)
    often = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.filter(name="portal.note_heartbeat").update(interval=often)
    first, _second = start_clock(), start_clock()
    start_worker()
    eventually(Heartbeat.objects.exists)
    first.kill()
    first.wait()
    before = Heartbeat.objects.get().heard_at
    eventually(lambda: Heartbeat.objects.get().heard_at > before)
    third = start_clock()
    before = Heartbeat.objects.get().heard_at
    eventually(lambda: Heartbeat.objects.get().heard_at > before)
    assert third.poll() is None
    assert Heartbeat.objects.count() == 1
