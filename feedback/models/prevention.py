"""Prevention: what somebody changes so that it does not happen again."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import TouchPoint
from feedback.enums import Base
from feedback.models.cause import Cause


class PreventionAction(models.Model):
    """What will change, who sees to it and by when. Its rate is looked at before it began and after it was done."""

    what_will_change = models.CharField(_("what will change"), max_length=300)
    cause = models.ForeignKey(Cause, verbose_name=_("against"), on_delete=models.PROTECT, related_name="actions")
    # Nobody's in particular: everywhere.
    touch_point = models.ForeignKey(
        TouchPoint, verbose_name=_("where"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    base = models.CharField(_("counted by"), max_length=10, choices=Base.choices, default=Base.CONTACTS)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("seen to by"), on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(_("done by"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField(_("opened"), db_default=Now())
    started_on = models.DateField(_("begun"), null=True, blank=True)
    done_on = models.DateField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("prevention")
        verbose_name_plural = _("prevention")
        ordering = (F("done_on").desc(nulls_first=True), "due_on", "pk")
        constraints = (
            models.CheckConstraint(condition=~Q(what_will_change=""), name="preventionaction_says_what_changes"),
            models.CheckConstraint(condition=Q(base__in=Base.values), name="preventionaction_base_known"),
            models.CheckConstraint(
                condition=Q(done_on=None) | Q(started_on__isnull=False, done_on__gte=F("started_on")),
                name="preventionaction_done_after_begun",
            ),
        )

    def __str__(self) -> str:
        return self.what_will_change
