"""When somebody is there: the hours of the week, and the days on which nobody works."""

from datetime import time

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Weekday(models.IntegerChoices):
    """Monday is 0, as Python counts."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class WorkingHours(models.Model):
    """The hours of one weekday, by the house's clock. A weekday without a row is a day off; with no row at all every
    hour counts."""

    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday.choices, unique=True)
    opens_at = models.TimeField(_("from"), default=time(9))
    closes_at = models.TimeField(_("to"), default=time(18), help_text=_("Midnight stands for the end of the day."))

    class Meta:
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        ordering = ("weekday",)
        constraints = (
            models.CheckConstraint(condition=Q(weekday__in=Weekday.values), name="workinghours_weekday_known"),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")) | Q(closes_at=time.min),
                name="workinghours_close_after_opening",
                violation_error_message=_("The day should end after it begins."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_weekday_display()}, {self.opens_at:%H:%M} – {self.closes_at:%H:%M}"


class Holiday(models.Model):
    """A day on which nobody works."""

    on = models.DateField(_("day"), unique=True)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ("on",)
        constraints = (models.CheckConstraint(condition=~Q(name=""), name="holiday_has_a_name"),)

    def __str__(self) -> str:
        return f"{self.name}, {self.on:%Y-%m-%d}"
