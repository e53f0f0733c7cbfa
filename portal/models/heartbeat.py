"""When the worker was last heard: the sign that clock, broker and worker all do their part."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """One row for each part of the house that reports."""

    class Part(models.TextChoices):
        WORKER = "worker", _("Worker")

    part = models.CharField(_("part"), max_length=20, choices=Part.choices, primary_key=True)
    heard_at = models.DateTimeField(_("last heard"), db_default=Now())

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")
        constraints = (models.CheckConstraint(condition=models.Q(part__in=["worker"]), name="heartbeat_part_known"),)

    def __str__(self) -> str:
        return f"{self.part}: {self.heard_at}"

    @staticmethod
    def note(part: str) -> None:
        """Write down, by the database's clock, that a part lives."""
        Heartbeat.objects.bulk_create(
            [Heartbeat(part=part, heard_at=Now())],
            update_conflicts=True,
            unique_fields=["part"],
            update_fields=["heard_at"],
        )
