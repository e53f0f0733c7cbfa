"""Incidents: failures of ours that the customer met."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.enums import IncidentKind, Severity
from customers.models.customer import Customer
from customers.models.interaction import Interaction, TouchPoint
from customers.models.order import Order
from customers.models.touching import touches


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Questions about incidents."""

    def open(self) -> "IncidentQuerySet":
        """Those not put right yet."""
        return self.filter(resolved_at=None)


class Incident(models.Model):
    """Something that went wrong for the customer: the noise."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="incidents", db_index=False)
    kind = models.CharField(_("what happened"), max_length=12, choices=IncidentKind.choices)
    touch_point = models.ForeignKey(TouchPoint, verbose_name=_("touch point"), on_delete=models.PROTECT)
    severity = models.PositiveSmallIntegerField(_("how bad"), choices=Severity.choices, default=Severity.REAL)
    text = models.CharField(_("in a sentence"), max_length=300)
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="incidents")
    interaction = models.ForeignKey(Interaction, null=True, blank=True, on_delete=models.PROTECT)
    is_our_fault = models.BooleanField(_("our fault"), default=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    happened_at = models.DateTimeField(_("when"), db_default=Now())
    resolved_at = models.DateTimeField(_("put right"), null=True, blank=True)
    resolution = models.CharField(_("how it was put right"), max_length=300, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        permissions = (("take_back_incident", "May take back incidents that were written down by mistake"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(severity__in=Severity.values), name="incident_severity_known"),
            models.CheckConstraint(condition=~models.Q(text=""), name="incident_says_something"),
            models.CheckConstraint(
                condition=models.Q(resolved_at=None) | models.Q(resolved_at__gte=models.F("happened_at")),
                name="incident_resolved_after_it_happened",
            ),
            models.UniqueConstraint(fields=("order", "kind"), name="incident_once_per_order_and_kind"),
        )
        indexes = (
            models.Index(fields=("customer", "-happened_at"), name="incident_of_customer"),
            models.Index(fields=("customer",), condition=models.Q(resolved_at=None), name="incident_open"),
        )
        triggers = touches("incident")

    def __str__(self) -> str:
        return self.text


class TakenBackIncident(models.Model):
    """An incident that was written down by mistake: it counts nowhere. What stood there, and by whom, is kept.

    `number`: its own one, while it stood among the incidents.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.BigIntegerField(_("number"))
    kind = models.CharField(_("what happened"), max_length=12, choices=IncidentKind.choices)
    touch_point = models.ForeignKey(
        TouchPoint, verbose_name=_("touch point"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    severity = models.PositiveSmallIntegerField(_("how bad"), choices=Severity.choices)
    text = models.CharField(_("in a sentence"), max_length=300)
    is_our_fault = models.BooleanField(_("our fault"))
    happened_at = models.DateTimeField(_("when"))
    resolved_at = models.DateTimeField(_("put right"), null=True, blank=True)
    resolution = models.CharField(_("how it was put right"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("written down by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("taken back by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    taken_back_at = models.DateTimeField(_("taken back"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("incident taken back")
        verbose_name_plural = _("incidents taken back")
        ordering = ("-taken_back_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("number",), name="takenbackincident_once"),
            models.CheckConstraint(condition=~models.Q(text=""), name="takenbackincident_says_something"),
        )
        indexes = (models.Index(fields=("customer",), name="takenbackincident_of_customer"),)

    def __str__(self) -> str:
        return self.text
