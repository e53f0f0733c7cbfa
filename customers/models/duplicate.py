"""Customers who may be one: how they are found, and what a colleague said of each pair."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.enums import DuplicateState
from customers.models.customer import Customer


class DuplicateQuerySet(models.QuerySet["Duplicate"]):
    """Questions about pairs."""

    def open(self) -> "DuplicateQuerySet":
        """Those of which nobody has said anything, the likeliest first."""
        return self.filter(state=DuplicateState.OPEN).order_by("-bits", "pk")

    def about(self, customer_id: int) -> "DuplicateQuerySet":
        """Those that a customer is one of."""
        return self.filter(Q(one=customer_id) | Q(other=customer_id))


class Duplicate(models.Model):
    """Two customers who may be one, with the reasons: `field:outcome`, without anything of theirs.

    Somebody's “not the same” stands until there is a reason that was not there when it was said.
    """

    one = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    bits = models.FloatField(_("how alike"), help_text=_("Ten bits: 1,024 times as likely of one person as of two."))
    reasons = ArrayField(models.CharField(max_length=40), verbose_name=_("reasons"), default=list)
    state = models.CharField(
        _("state"), max_length=9, choices=DuplicateState.choices, default=DuplicateState.OPEN, db_default="open"
    )
    found_at = models.DateTimeField(_("found"), db_default=Now(), editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = DuplicateQuerySet.as_manager()

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        constraints = (
            models.UniqueConstraint(fields=("one", "other"), name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="duplicate_pair_in_order"),
            models.CheckConstraint(condition=Q(state__in=DuplicateState.values), name="duplicate_state_known"),
            models.CheckConstraint(
                condition=Q(state=DuplicateState.OPEN, decided_at=None, decided_by=None)
                | (~Q(state=DuplicateState.OPEN) & Q(decided_at__isnull=False)),
                name="duplicate_decided_has_a_time",
            ),
        )
        indexes = (
            models.Index(fields=("other",), name="duplicate_of_other"),
            models.Index(
                fields=("-bits", "id"), condition=Q(state=DuplicateState.OPEN), name="duplicate_open_likeliest"
            ),
        )

    def __str__(self) -> str:
        return f"{self.one_id} = {self.other_id}?"


class BlockKey(models.Model):
    """A key by which a customer meets those who may be the same: a number from which nobody reads a name."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("customer", "key"), name="blockkey_once"),)
        indexes = (models.Index(fields=("key", "customer"), name="blockkey_sharing"),)

    def __str__(self) -> str:
        return str(self.customer_id)


class Unlooked(models.Model):
    """This customer is new or has changed since duplicates of them were looked for. Written by triggers alone."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="+")
    noted_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = (models.Index(fields=("noted_at",), name="unlooked_oldest_first"),)

    def __str__(self) -> str:
        return str(self.customer_id)
