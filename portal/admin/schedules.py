"""When the house does what. django-celery-beat's own admins, in the site's manner."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django_celery_beat import admin as beat
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from customers.admin.base import HouseAdmin

# Nothing here runs by the sun or once; the rest comes back below in the site's manner.
admin.site.unregister([ClockedSchedule, SolarSchedule, PeriodicTask, IntervalSchedule, CrontabSchedule])


class TaskSelect(UnfoldAdminSelectWidget, beat.TaskSelectWidget):
    """The list of known tasks."""


class PeriodicTaskForm(beat.PeriodicTaskForm):
    """The form with fields that look like the others."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "task" in self.fields:
            self.fields["task"].widget = UnfoldAdminTextInputWidget()
        if "regtask" in self.fields:
            self.fields["regtask"].widget = TaskSelect()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(HouseAdmin, beat.PeriodicTaskAdmin):
    """Which task runs when. Not run from here: a task that is due is found by the beat."""

    form = PeriodicTaskForm
    change_form_template = None
    date_hierarchy = None
    list_display = ("name", "enabled", "interval", "crontab", "last_run_at", "one_off")
    list_filter = ("enabled",)
    list_select_related = ("interval", "crontab", "solar", "clocked")
    actions: ClassVar = ("enable_tasks", "disable_tasks")
    readonly_fields = ("last_run_at",)
    fieldsets = (
        (None, {"fields": ("name", "task", "enabled", "description")}),
        (None, {"fields": ("interval", "crontab", "last_run_at")}),
    )

    def get_actions(self, request: HttpRequest) -> Any:
        """Switching tasks on and off is a change."""
        allowed = super().get_actions(request)
        if not self.has_change_permission(request):
            return {}
        return allowed


@admin.register(IntervalSchedule)
class IntervalAdmin(HouseAdmin):
    """Every so often."""

    list_display = ("__str__", "every", "period")


@admin.register(CrontabSchedule)
class CrontabAdmin(HouseAdmin):
    """At a time of day, in the house's time zone."""

    list_display = ("__str__", "human_readable")
