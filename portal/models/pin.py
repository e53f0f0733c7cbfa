"""Pins: entries of a customer's timeline that every colleague should see first, also when they are old."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer


class Pin(models.Model):
    """One pinning of one entry, from when until when, and by whom. It is added and ended, and says so for ever.

    It stands up here because what it points to lives in three rooms below: `kind` and `row`, the entry's own number.
    """

    class Kind(models.TextChoices):
        ORDER = "order", _("Orders")
        INTERACTION = "interaction", _("Contacts")
        LETTER = "letter", _("Letters")
        ANSWER = "answer", _("Answers")
        INCIDENT = "incident", _("What went wrong")
        PROMISE = "promise", _("Promises")
        MOVE = "move", _("Tier")
        GESTURE = "gesture", _("Gestures")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="pins", db_index=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    row = models.BigIntegerField(_("number"))
    reason = models.CharField(_("why"), max_length=200, blank=True)
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("pinned by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    pinned_at = models.DateTimeField(_("pinned"), db_default=Now())
    unpinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("unpinned by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    unpinned_at = models.DateTimeField(_("unpinned"), null=True, blank=True)

    class Meta:
        verbose_name = _("pin")
        verbose_name_plural = _("pins")
        ordering = ("-pinned_at",)
        constraints = (
            models.UniqueConstraint(fields=("kind", "row"), condition=Q(unpinned_at=None), name="pin_one_per_entry"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["order", "interaction", "letter", "answer", "incident", "promise", "move", "gesture"]
                ),
                name="pin_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(unpinned_at=None, unpinned_by=None)
                | Q(unpinned_at__isnull=False, unpinned_by__isnull=False),
                name="pin_ended_by_somebody",
            ),
        )
        indexes = (
            models.Index(fields=("customer", "pinned_at"), condition=Q(unpinned_at=None), name="pin_of_customer"),
        )
        triggers = (
            pgtrigger.Protect(name="pin_stays", operation=pgtrigger.Delete),
            # Whose it is may change, with everything else about a customer who was there twice.
            pgtrigger.Protect(
                name="pin_stays_what_it_is",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("kind", "row", "reason", "pinned_by", "pinned_at"),
            ),
            pgtrigger.Protect(
                name="pin_ends_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.unpinned_at IS NOT NULL AND (NEW.unpinned_at, NEW.unpinned_by_id)"
                    " IS DISTINCT FROM (OLD.unpinned_at, OLD.unpinned_by_id)"
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.row}"
