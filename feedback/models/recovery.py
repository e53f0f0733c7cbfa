"""Mending: what is owed to a customer who was not happy."""

from typing import TYPE_CHECKING

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from feedback.enums import RecoveryState
from feedback.models.answer import Answer

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
        )
        indexes = (models.Index(fields=("due_at",), condition=Q(closed_at=None), name="recovery_open_by_due"),)

    def __str__(self) -> str:
        return f"{self.customer_id}, {self.due_at:%Y-%m-%d}"
