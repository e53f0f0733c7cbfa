"""Conversations, and the touch points where they take place."""

import uuid

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.enums import Channel
from customers.models.customer import Customer
from customers.models.touching import touches


class TouchPoint(models.Model):
    """A place where customers meet the house: a rep, a delivery technician, the website, a bill."""

    class Runner(models.TextChoices):
        IN_HOUSE = "in_house", _("Our own people")
        OUTSOURCED = "outsourced", _("A partner")

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    runner = models.CharField(_("run by"), max_length=12, choices=Runner.choices, default=Runner.IN_HOUSE)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("touch point")
        verbose_name_plural = _("touch points")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class InteractionQuerySet(models.QuerySet["Interaction"]):
    """Questions about interactions."""

    def open(self) -> "InteractionQuerySet":
        """Those not closed yet."""
        return self.filter(closed_at=None)


class Interaction(models.Model):
    """One contact on one channel."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="interactions", db_index=False)
    source = models.CharField(_("source"), max_length=40, default="house")
    external_id = models.CharField(_("number there"), max_length=80, null=True, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    touch_point = models.ForeignKey(TouchPoint, verbose_name=_("touch point"), on_delete=models.PROTECT)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("agent"), null=True, blank=True, on_delete=models.PROTECT
    )
    subject = models.CharField(_("about"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)
    waited = models.DurationField(_("kept waiting"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened"), db_default=Now())
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    # A chat that ran out, a call that rang out: nobody of the house ended it.
    closed_itself = models.BooleanField(
        _("closed by itself"), default=False, db_default=False, help_text=_("It ended without anybody closing it.")
    )

    # It says nothing about this customer: it is not asked about, and counts nowhere.
    is_mistaken = models.BooleanField(
        _("opened by mistake"), default=False, db_default=False, help_text=_("It was not with this customer.")
    )

    objects = InteractionQuerySet.as_manager()

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        constraints = (
            models.UniqueConstraint(
                fields=("source", "external_id"),
                name="interaction_once_per_source",
                violation_error_message=_("This interaction is already recorded."),
            ),
            models.UniqueConstraint(
                fields=("customer", "agent"),
                condition=models.Q(closed_at=None),
                name="interaction_one_open_per_agent",
                violation_error_message=_("You already have an open contact with this customer."),
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None) | models.Q(closed_at__gte=models.F("opened_at")),
                name="interaction_closes_after_opening",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_itself=False) | models.Q(closed_at__isnull=False),
                name="interaction_closed_itself_is_closed",
            ),
            models.CheckConstraint(
                condition=models.Q(is_mistaken=False) | models.Q(closed_at__isnull=False),
                name="interaction_mistaken_is_closed",
            ),
        )
        indexes = (
            models.Index(fields=("customer", "-opened_at"), name="interaction_of_customer"),
            models.Index(fields=("closed_at",), name="interaction_by_closing"),
            # Rows are added nearly in the order of their times: the index is a few pages whatever their number.
            BrinIndex(fields=("opened_at",), name="interaction_by_day", pages_per_range=32, autosummarize=True),
        )
        triggers = touches("interaction")

    def __str__(self) -> str:
        return self.subject or self.get_channel_display()
