"""The numbers that are kept of each customer."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from tiers.models.references import names_what_is_there


class Measures(models.Model):
    """One narrow row of numbers per customer, recomputable from the facts at any time.

    A row is never changed, only replaced. Money is in the house's currency. Returns that we caused count as if they
    had not happened. The twelve months are those up to `as_of`, the day of the last change: a row is written only
    when a number is another one.
    """

    customer = models.OneToOneField(
        Customer, primary_key=True, on_delete=models.CASCADE, related_name="measures", db_constraint=False
    )
    margin = models.DecimalField(_("margin in 12 months"), max_digits=14, decimal_places=2)
    orders = models.PositiveIntegerField(_("orders in 12 months"))
    returns = models.PositiveIntegerField(_("returns in 12 months"), db_default=0)
    first_order_on = models.DateField(_("first order"), null=True, blank=True)
    last_order_on = models.DateField(_("last order"), null=True, blank=True)
    purchase_days = models.PositiveIntegerField(_("days with an order, ever"), db_default=0)
    repeat_margin = models.DecimalField(_("margin after the first day"), max_digits=14, decimal_places=2, db_default=0)
    predicted_margin = models.DecimalField(
        _("predicted margin"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Expected in the 12 months after the last order or, if that is later, the day of the fit."),
    )
    cost_to_serve = models.DecimalField(_("cost to serve in 12 months"), max_digits=14, decimal_places=2, db_default=0)
    engagement = models.PositiveIntegerField(_("contacts in 12 months"), db_default=0)
    influence = models.PositiveSmallIntegerField(_("influence"), null=True, blank=True)
    advocacy = models.PositiveSmallIntegerField(_("advocacy"), null=True, blank=True)
    look_on = models.DateField(
        _("look again on"),
        null=True,
        blank=True,
        help_text=_("The next day on which the tier may change without anything new."),
    )
    # Of all the numbers above. Written with them, so that a run need not read them all to see whether they still hold.
    mark = models.BigIntegerField(default=0, db_default=0, editable=False)
    as_of = models.DateField(_("as of"))

    class Meta:
        verbose_name = _("measures")
        verbose_name_plural = _("measures")
        indexes = (
            # With the customer, so that each part of a run finds its own among all who are due.
            models.Index(
                fields=("look_on", "customer"), condition=models.Q(look_on__isnull=False), name="measures_due"
            ),
        )
        triggers = (
            names_what_is_there("measures"),
            pgtrigger.Protect(name="measures_are_replaced", operation=pgtrigger.Update),
        )

    def __str__(self) -> str:
        # Without the margin: a name is shown to people who may not see it.
        return f"{self.customer_id}, {self.as_of}"
