"""What a phone system, or a mailbox, tells a desk: somebody is on the line for this colleague, now."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.enums import Channel, ContactKind, MatchOutcome
from customers.models import Customer, TouchPoint

# Heard by every web process; the words of a notification are read in portal.pops.signs.
CHANNEL = "regulars_pops"
_RINGS = f"PERFORM pg_notify('{CHANNEL}', COALESCE(NEW.agent_id, OLD.agent_id)::text); RETURN NULL;"


class PopQuerySet(models.QuerySet["Pop"]):
    """Questions about pops."""

    def standing(self) -> "PopQuerySet":
        """Those that nobody answered or dismissed, and that have not ended."""
        return self.filter(opened_at=None, dismissed_at=None, ended_at=None)


class Pop(models.Model):
    """One call, or message, for one colleague. It stands on their desk until they answer it or dismiss it.

    The same call may ring at several desks: it is one pop at each, however often it is sent.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("agent"), on_delete=models.CASCADE, related_name="pops", db_index=False
    )
    source = models.CharField(_("source"), max_length=40)
    external_id = models.CharField(_("number there"), max_length=80)
    kind = models.CharField(_("by"), max_length=10, choices=ContactKind.choices)
    value = models.CharField(_("as given"), max_length=320)
    normalised = models.CharField(_("as compared"), max_length=320)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    touch_point = models.ForeignKey(
        TouchPoint, verbose_name=_("touch point"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    waited = models.DurationField(_("kept waiting"), null=True, blank=True)
    # What the house made of it as it arrived; `customer` is also who it turned out to be.
    match = models.CharField(_("match"), max_length=10, choices=MatchOutcome.choices)
    found = models.PositiveSmallIntegerField(_("how many it may be"), default=0, db_default=0)
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), null=True, blank=True, on_delete=models.PROTECT, related_name="pops"
    )
    created_at = models.DateTimeField(_("arrived"), db_default=Now(), editable=False)
    opened_at = models.DateTimeField(_("answered"), null=True, blank=True)
    dismissed_at = models.DateTimeField(_("dismissed"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended by itself"), null=True, blank=True)

    objects = PopQuerySet.as_manager()

    class Meta:
        verbose_name = _("pop")
        verbose_name_plural = _("pops")
        constraints = (
            models.UniqueConstraint(fields=("source", "external_id", "agent"), name="pop_once_per_call_and_agent"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[ContactKind.PHONE, ContactKind.EMAIL]), name="pop_by_phone_or_email"
            ),
            models.CheckConstraint(condition=models.Q(match__in=MatchOutcome.values), name="pop_match_known"),
            models.CheckConstraint(
                condition=~models.Q(match=MatchOutcome.KNOWN) | models.Q(customer__isnull=False),
                name="pop_certain_of_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(opened_at=None, dismissed_at=None)
                | models.Q(opened_at=None, ended_at=None)
                | models.Q(dismissed_at=None, ended_at=None),
                name="pop_ends_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("agent", "-created_at"),
                name="pop_standing",
                condition=models.Q(opened_at=None, dismissed_at=None, ended_at=None),
            ),
            # Who called last from this number.
            models.Index(
                fields=("normalised", "customer"), name="pop_answered", condition=models.Q(opened_at__isnull=False)
            ),
            models.Index(fields=("created_at",), name="pop_by_age"),
        )
        triggers = (
            pgtrigger.Trigger(
                name="pop_rings",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_RINGS,
            ),
        )

    def __str__(self) -> str:
        # Without the number: a name is shown to people who may not see it.
        return f"{self.source} {self.external_id}"

    @property
    def is_standing(self) -> bool:
        """Whether it still waits for its colleague."""
        return self.opened_at is None and self.dismissed_at is None and self.ended_at is None
