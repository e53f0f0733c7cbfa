"""Gestures: what somebody of the house gave a customer, or did for them, and what it cost."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models.customer import Customer
from customers.models.interaction import Interaction
from customers.models.touching import touches


class Gesture(models.Model):
    """One gesture that was made. It is a fact; what may be given, and from which budget, is decided elsewhere."""

    # Protected, as orders are: a gesture that went with its customer would leave a touch for somebody who is gone.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="gestures", db_index=False)
    source = models.CharField(_("source"), max_length=40, default="house")
    external_id = models.CharField(_("number there"), max_length=80, null=True, blank=True)
    what = models.CharField(_("what"), max_length=300)
    # In the house's currency.
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=2)
    interaction = models.ForeignKey(
        Interaction, null=True, blank=True, on_delete=models.PROTECT, related_name="gestures"
    )
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("given by"), null=True, blank=True, on_delete=models.PROTECT
    )
    given_at = models.DateTimeField(_("given"), db_default=Now())
    # Given by mistake: it costs nothing any more; what it would have cost stands in the ledger of whoever decides.
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("gesture")
        verbose_name_plural = _("gestures")
        constraints = (
            models.UniqueConstraint(
                fields=("source", "external_id"),
                name="gesture_once_per_source",
                violation_error_message=_("This gesture is already recorded."),
            ),
            models.CheckConstraint(condition=~models.Q(what=""), name="gesture_says_something"),
            models.CheckConstraint(condition=models.Q(cost__gte=0), name="gesture_cost_not_negative"),
            models.CheckConstraint(
                condition=models.Q(taken_back_at=None) | models.Q(cost=0), name="gesture_taken_back_costs_nothing"
            ),
        )
        indexes = (
            # Covering, so that what a customer was given is added up from the index alone.
            models.Index(fields=("customer", "given_at"), include=("cost",), name="gesture_of_customer"),
        )
        triggers = touches("gesture")

    def __str__(self) -> str:
        return self.what
