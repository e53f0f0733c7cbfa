"""What one customer is to another."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least, Now
from django.utils.translation import gettext_lazy as _

from customers.enums import SYMMETRIC, RelationKind
from customers.models.customer import Customer


class RelationshipQuerySet(models.QuerySet["Relationship"]):
    """Questions about relationships."""

    def open(self) -> "RelationshipQuerySet":
        """Those that hold, between customers who are there."""
        return self.filter(ended_at=None, customer__merged_into=None, other__merged_into=None)

    def about(self, customer_id: int) -> "RelationshipQuerySet":
        """Those that a customer stands in, on either side."""
        return self.filter(Q(customer=customer_id) | Q(other=customer_id))


@pghistory.track(append_only=True)
class Relationship(models.Model):
    """`customer` is this to `other`: lives in one household with them, or is their assistant.

    `may_act`: the customer may arrange things for the other; of those that hold both ways, each for the other.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="relationships", db_index=False)
    other = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="related", db_index=False)
    kind = models.CharField(_("what they are"), max_length=9, choices=RelationKind.choices)
    may_act = models.BooleanField(_("may arrange things for them"), default=False, db_default=False)
    source = models.CharField(
        _("how we know"), max_length=120, blank=True, default="", db_default="", help_text=_("Who said so, and how.")
    )
    since = models.DateField(_("since"), null=True, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    noted_at = models.DateTimeField(_("noted"), db_default=Now())
    ended_at = models.DateTimeField(_("no longer so since"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("relationship")
        verbose_name_plural = _("relationships")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=RelationKind.values), name="relationship_kind_known"),
            models.CheckConstraint(
                condition=~Q(customer=F("other")),
                name="relationship_of_two",
                violation_error_message=_("Nobody is this to themselves."),
            ),
            models.UniqueConstraint(
                fields=("customer", "other", "kind"),
                condition=Q(ended_at=None),
                name="relationship_open_once",
                violation_error_message=_("That is noted already."),
            ),
            # Whichever way round it was written down, so that a merging may give a side of it to somebody else.
            models.UniqueConstraint(
                Least("customer", "other"),
                Greatest("customer", "other"),
                "kind",
                condition=Q(ended_at=None, kind__in=SYMMETRIC),
                name="relationship_both_ways_once",
                violation_error_message=_("That is noted already."),
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("noted_at")), name="relationship_ended_after_noting"
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None) | Q(ended_at__isnull=False), name="relationship_ended_by_wants_a_time"
            ),
        )
        indexes = (
            models.Index(fields=("customer",), name="relationship_of_customer"),
            models.Index(fields=("other",), name="relationship_of_other"),
        )

    def __str__(self) -> str:
        return f"{self.customer_id} → {self.other_id}: {self.get_kind_display()}"
