"""What a colleague decided about a customer's tier against the numbers."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from tiers.enums import OverrideKind
from tiers.models.scheme import Tier


class OverrideQuerySet(models.QuerySet["Override"]):
    """Questions about overrides."""

    def live(self) -> "OverrideQuerySet":
        """Those that nobody has ended, also where their last day is over and nobody has noticed yet."""
        return self.filter(ended_at=None)

    def overdue(self, today: date) -> "OverrideQuerySet":
        """Those whose last day is over and that are still to be ended."""
        return self.live().filter(ends_on__lt=today)


class Override(models.Model):
    """A floor, a ceiling or a lock; it stands above the numbers until it ends. One at a time for each customer."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="overrides", db_index=False)
    kind = models.CharField(_("what"), max_length=10, choices=OverrideKind.choices)
    tier = models.ForeignKey(Tier, verbose_name=_("tier"), on_delete=models.PROTECT, related_name="overrides")
    reason = models.CharField(_("why"), max_length=300)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("decided by"), on_delete=models.PROTECT, related_name="overrides"
    )
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    # Nobody: its last day was over.
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("ended by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = OverrideQuerySet.as_manager()

    class Meta:
        verbose_name = _("override")
        verbose_name_plural = _("overrides")
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("customer",),
                condition=Q(ended_at=None),
                name="override_one_at_a_time",
                violation_error_message=_("This customer has an override already. End it first."),
            ),
            models.CheckConstraint(condition=Q(kind__in=OverrideKind.values), name="override_kind_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_a_reason"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("created_at")), name="override_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None) | Q(ended_at__isnull=False), name="override_ended_by_wants_a_time"
            ),
        )
        indexes = (
            models.Index(fields=("customer", "-created_at"), name="override_of_customer"),
            models.Index(fields=("ends_on",), condition=Q(ended_at=None), name="override_about_to_end"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.tier}"
