"""Segments: groups of customers who have something in common, and who is in them."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.enums import SegmentKind
from customers.models.customer import Customer


class Segment(models.Model):
    """A group of customers, by one of five kinds of likeness. One out of use keeps its members."""

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=14, choices=SegmentKind.choices)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=SegmentKind.values), name="segment_kind_known"),
            models.CheckConstraint(condition=~models.Q(name=""), name="segment_has_a_name"),
        )

    def __str__(self) -> str:
        return self.name


class SegmentMember(models.Model):
    """This customer is in this segment, as the source that said so first has it."""

    # The unique index begins with the customer.
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    segment = models.ForeignKey(
        Segment, verbose_name=_("segment"), on_delete=models.CASCADE, related_name="members", db_index=False
    )
    source = models.CharField(_("source"), max_length=40, default="house")
    added_at = models.DateTimeField(_("since"), db_default=Now())

    class Meta:
        verbose_name = _("member of a segment")
        verbose_name_plural = _("members of segments")
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "segment"),
                name="segmentmember_once",
                violation_error_message=_("They are in this segment already."),
            ),
        )
        indexes = (models.Index(fields=("segment", "customer"), name="segmentmember_of_segment"),)

    def __str__(self) -> str:
        return f"{self.customer_id} {self.segment_id}"
