"""Promises: what we said we would do, by when, and whether we did."""

from datetime import datetime

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.enums import PromiseStepKind
from customers.models.customer import Customer
from customers.models.interaction import Interaction, TouchPoint
from customers.models.step import OwedStep


class PromiseQuerySet(models.QuerySet["Promise"]):
    """Questions about promises."""

    def open(self) -> "PromiseQuerySet":
        """Those neither kept nor given up."""
        return self.filter(kept_at=None, broken_at=None)

    def overdue(self) -> "PromiseQuerySet":
        """Open ones whose time has passed, by the database's clock."""
        return self.open().filter(due_at__lt=Now())


@pghistory.track(append_only=True)
class Promise(models.Model):
    """One promise. Kept late is still kept: `kept_at` after `due_at` says so."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="promises", db_index=False)
    text = models.CharField(_("what"), max_length=300)
    due_at = models.DateTimeField(_("by when"))
    touch_point = models.ForeignKey(
        TouchPoint, verbose_name=_("touch point"), null=True, blank=True, on_delete=models.PROTECT
    )
    interaction = models.ForeignKey(Interaction, null=True, blank=True, on_delete=models.PROTECT)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.PROTECT
    )
    made_at = models.DateTimeField(_("made"), db_default=Now())
    kept_at = models.DateTimeField(_("kept"), null=True, blank=True)
    broken_at = models.DateTimeField(_("given up"), null=True, blank=True)

    # Given up, since it was never made: it counts neither as kept nor as broken.
    is_mistaken = models.BooleanField(_("promised by mistake"), default=False, db_default=False)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        permissions = (("view_all_promises", "May see everybody's promises, and how many are kept"),)
        constraints = (
            models.CheckConstraint(condition=~models.Q(text=""), name="promise_says_something"),
            models.CheckConstraint(
                condition=models.Q(kept_at=None) | models.Q(broken_at=None), name="promise_kept_or_broken_not_both"
            ),
            models.CheckConstraint(
                condition=models.Q(is_mistaken=False) | models.Q(broken_at__isnull=False),
                name="promise_mistaken_is_given_up",
            ),
            models.CheckConstraint(condition=models.Q(due_at__gte=models.F("made_at")), name="promise_due_after_made"),
        )
        indexes = (
            models.Index(fields=("customer", "-made_at"), name="promise_of_customer"),
            models.Index(
                fields=("due_at",), condition=models.Q(kept_at=None, broken_at=None), name="promise_open_by_due"
            ),
        )

    def __str__(self) -> str:
        return self.text

    @property
    def is_open(self) -> bool:
        return self.kept_at is None and self.broken_at is None

    @property
    def is_kept_late(self) -> bool:
        return self.kept_at is not None and self.kept_at > self.due_at

    def is_late(self, now: datetime) -> bool:
        """Whether its time has passed and it is neither kept nor given up."""
        return self.is_open and self.due_at < now


class PromiseStep(OwedStep):
    """One step of a promise: what, when and by whom (nobody: the house itself). Rows are only added."""

    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, related_name="steps", db_index=False)
    step = models.CharField(_("what"), max_length=12, choices=PromiseStepKind.choices)
    words = models.CharField(_("in words"), max_length=300, blank=True)

    class Meta(OwedStep.Meta):
        verbose_name = _("step of a promise")
        verbose_name_plural = _("steps of promises")
        constraints = (
            models.CheckConstraint(condition=models.Q(step__in=PromiseStepKind.values), name="promisestep_known"),
            models.UniqueConstraint(
                fields=("promise", "step"),
                condition=models.Q(step__in=(PromiseStepKind.REMINDED, PromiseStepKind.TOLD_LATE)),
                name="promisestep_told_once",
            ),
        )
        indexes = (models.Index(fields=("promise", "at"), name="promisestep_of_promise"),)
        triggers = (pgtrigger.Protect(name="promisestep_append_only", operation=pgtrigger.Update | pgtrigger.Delete),)
