"""Listening: visits as evidence, and answers."""

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from feedback.enums import Doubt, Enjoyed
from feedback.models.invitation import Invitation, Link


class Visit(models.Model):
    """One opening or pressing of a link. Rows are only ever added."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="visits", db_index=False)
    visited_at = models.DateTimeField(_("when"), db_default=Now())
    method = models.CharField(_("method"), max_length=8)
    hint = models.CharField(_("answer in the link"), max_length=8, choices=Enjoyed.choices, blank=True)
    # A keyed digest of the browser's name and the coarse network, 64 bits: tells two visitors apart within one
    # invitation and cannot be turned back into an address.
    fingerprint = models.CharField(_("visitor"), max_length=16, blank=True)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ("visited_at",)
        indexes = (models.Index(fields=("link", "visited_at"), name="visit_of_link"),)
        triggers = (pgtrigger.Protect(name="visit_append_only", operation=pgtrigger.Update),)

    def __str__(self) -> str:
        return f"{self.method} {self.visited_at:%Y-%m-%d %H:%M:%S}"


@pghistory.track(append_only=True)
class Answer(models.Model):
    """What the customer said. A doubtful answer is kept and shown, not counted, and stands in nobody's way."""

    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="answers")
    enjoyed = models.CharField(_("answer"), max_length=8, choices=Enjoyed.choices)
    comment = models.TextField(_("comment"), blank=True, max_length=4000)
    doubts = ArrayField(
        models.CharField(max_length=12, choices=Doubt.choices), verbose_name=_("doubts"), default=list, blank=True
    )
    is_counted = models.BooleanField(_("counted"), default=True)
    answered_at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ("-answered_at",)
        constraints = (
            models.UniqueConstraint(fields=("invitation",), condition=Q(is_counted=True), name="answer_one_counted"),
            models.CheckConstraint(condition=Q(enjoyed__in=Enjoyed.values), name="answer_known"),
            models.CheckConstraint(
                condition=Q(is_counted=True, doubts__len=0) | Q(is_counted=False, doubts__len__gt=0),
                name="answer_doubtful_is_not_counted",
            ),
        )

    def __str__(self) -> str:
        return self.get_enjoyed_display()
