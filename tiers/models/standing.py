"""What we know of a customer's value, the tier they have, and each change of it."""

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from tiers.enums import Reason
from tiers.models.run import Run
from tiers.models.scheme import Tier


class Measures(models.Model):
    """One narrow row of numbers per customer, recomputable from the orders at any time.

    Money is in the house's currency. Returns that we caused count as if they had not happened.
    """

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="measures")
    margin = models.DecimalField(_("margin in 12 months"), max_digits=14, decimal_places=2)
    orders = models.PositiveIntegerField(_("orders in 12 months"))
    last_order_on = models.DateField(_("last order"), null=True, blank=True)
    as_of = models.DateField(_("as of"))

    class Meta:
        verbose_name = _("measures")
        verbose_name_plural = _("measures")

    def __str__(self) -> str:
        # Without the margin: a name is shown to people who may not see it.
        return f"{self.customer_id}, {self.as_of}"


class Move(models.Model):
    """A change of standing, with the numbers it was decided on. Rows are only ever added."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="moves", db_index=False)
    run = models.ForeignKey(Run, verbose_name=_("run"), on_delete=models.PROTECT, related_name="moved", db_index=False)
    from_tier = models.ForeignKey(
        Tier, verbose_name=_("from"), null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    to_tier = models.ForeignKey(Tier, verbose_name=_("to"), on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    inputs = models.JSONField(_("numbers"), help_text=_("The measures as they were, by name."))
    moved_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("move")
        verbose_name_plural = _("moves")
        ordering = ("-moved_at",)
        constraints = (
            models.UniqueConstraint(fields=("run", "customer"), name="move_once_per_run"),
            models.CheckConstraint(
                condition=Q(from_tier=None) | ~Q(from_tier=F("to_tier")), name="move_goes_somewhere"
            ),
        )
        indexes = (models.Index(fields=("customer", "-moved_at"), name="move_of_customer"),)
        triggers = (pgtrigger.Protect(name="move_append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.from_tier} → {self.to_tier}"


class Standing(models.Model):
    """The tier a customer has, for a period. The open period is the present; periods cannot overlap."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="standings", db_index=False)
    tier = models.ForeignKey(Tier, verbose_name=_("tier"), on_delete=models.PROTECT, related_name="standings")
    earned_tier = models.ForeignKey(
        Tier,
        verbose_name=_("earned by the numbers"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text=_("What the numbers alone would give; hold and grace may keep the customer higher."),
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    move = models.OneToOneField(Move, verbose_name=_("move"), on_delete=models.PROTECT, related_name="standing")
    valid_from = models.DateTimeField(_("since"))
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    held_until = models.DateField(_("held until"), null=True, blank=True)
    below_since = models.DateField(_("below the bar since"), null=True, blank=True)

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        constraints = (
            ExclusionConstraint(
                name="standing_periods_apart",
                index_type="gist",
                expressions=(
                    (
                        Func(F("customer"), F("customer"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("valid_from"), F("valid_until"), function="tstzrange", output_field=DateTimeRangeField()
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ),
            ),
            models.UniqueConstraint(fields=("customer",), condition=Q(valid_until=None), name="standing_one_present"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name="standing_ends_after_it_began"
            ),
        )

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.tier}"
