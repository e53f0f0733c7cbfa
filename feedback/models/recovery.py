"""Mending: what is owed to a customer who was not happy, step by step."""

from typing import TYPE_CHECKING

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.models.step import OwedStep
from feedback.enums import Chased, RecoveryState, Step
from feedback.models.answer import Answer
from feedback.models.cause import Cause

if TYPE_CHECKING:
    from portal.models import User


class RecoveryQuerySet(models.QuerySet["Recovery"]):
    """Questions about recoveries."""

    def open(self) -> "RecoveryQuerySet":
        """Those not closed yet."""
        return self.filter(closed_at=None)

    def visible_to(self, user: "User") -> "RecoveryQuerySet":
        """Those on this colleague's desk; with the permission everybody's.

        One's own are those one answers for and those that followed one's own contact with the customer: whoever
        served them hears of it, even where somebody else is to mend it.
        """
        if not user.has_perm("feedback.view_recovery"):
            return self.none()
        if user.has_perm("feedback.view_all_recoveries"):
            return self
        return self.filter(Q(owner=user) | Q(answer__invitation__interaction__agent=user))


@pghistory.track(append_only=True)
class Recovery(models.Model):
    """A low answer that somebody answers for, by a time."""

    answer = models.OneToOneField(Answer, on_delete=models.PROTECT, related_name="recovery")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="recoveries")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.PROTECT
    )
    state = models.CharField(_("state"), max_length=12, choices=RecoveryState.choices, default=RecoveryState.OPEN)
    opened_at = models.DateTimeField(_("opened"), db_default=Now())
    due_at = models.DateTimeField(_("due"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    what_was_done = models.CharField(_("what was done"), max_length=500, blank=True)
    cause = models.ForeignKey(
        Cause, verbose_name=_("cause"), null=True, blank=True, on_delete=models.PROTECT, related_name="recoveries"
    )
    # Closed before causes were kept: true of rows that were there then, and of no other.
    is_before_causes = models.BooleanField(db_default=False, default=False, editable=False)
    # By the calendar, worked out once: the sweeper only compares.
    remind_at = models.DateTimeField(_("reminder"), null=True, blank=True)
    escalate_at = models.DateTimeField(_("goes further up"), null=True, blank=True)
    chased = models.PositiveSmallIntegerField(_("seen to"), choices=Chased.choices, db_default=0, default=0)
    # How often the customer said that it was not put right after all.
    times_reopened = models.PositiveSmallIntegerField(_("reopened"), db_default=0, default=0)

    objects = RecoveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("recovery")
        verbose_name_plural = _("recoveries")
        permissions = (("view_all_recoveries", "May see everybody's recoveries"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("open", "contacted"), closed_at=None)
                | (Q(state__in=("mended", "not_mended"), closed_at__gte=F("opened_at")) & ~Q(what_was_done="")),
                name="recovery_closed_says_what_was_done",
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("opened_at")), name="recovery_due_after_opening"),
            models.CheckConstraint(
                condition=Q(closed_at=None, is_before_causes=False)
                | Q(cause__isnull=False, is_before_causes=False)
                | Q(closed_at__isnull=False, is_before_causes=True),
                name="recovery_closed_says_its_cause",
            ),
            models.CheckConstraint(condition=Q(chased__in=Chased.values), name="recovery_chased_known"),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=Q(closed_at=None), name="recovery_open_by_due"),
            models.Index(fields=("closed_at",), condition=Q(closed_at__isnull=False), name="recovery_by_closing"),
        )
        triggers = (
            pgtrigger.Protect(
                name="recovery_new_has_causes",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__is_before_causes=True),
            ),
            pgtrigger.Protect(
                name="recovery_before_causes_is_past",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__is_before_causes=False, new__is_before_causes=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.customer_id}, {self.due_at:%Y-%m-%d}"


class RecoveryStep(OwedStep):
    """One step on the way of a recovery: what, when and by whom (nobody: the house itself). Rows are only added."""

    recovery = models.ForeignKey(Recovery, on_delete=models.PROTECT, related_name="steps", db_index=False)
    step = models.CharField(_("what"), max_length=12, choices=Step.choices)
    cause = models.ForeignKey(
        Cause, verbose_name=_("cause"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    words = models.TextField(_("in words"), blank=True, max_length=4000)

    class Meta(OwedStep.Meta):
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = (models.CheckConstraint(condition=Q(step__in=Step.values), name="recoverystep_known"),)
        indexes = (models.Index(fields=("recovery", "at"), name="recoverystep_of_recovery"),)
        triggers = (pgtrigger.Protect(name="recoverystep_append_only", operation=pgtrigger.Update | pgtrigger.Delete),)
