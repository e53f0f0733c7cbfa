"""What a scheme would do to everybody, worked out and kept for a month. Nothing of the customers' own is written."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from tiers.enums import PreviewState, Reason
from tiers.models.scheme import Scheme, Tier
from tiers.models.value import ValueFit


class PreviewQuerySet(models.QuerySet["Preview"]):
    """Questions about previews."""

    def under_way(self) -> "PreviewQuerySet":
        """Those that are waiting or being worked on."""
        return self.filter(state__in=PreviewState.under_way())


class Preview(models.Model):
    """A scheme put to everybody as of a day, without writing anything about them.

    `digest`: the mark of the rules when it began; a scheme with another mark has been edited since. `cutoffs`: what the
    bars by share came to, null while everybody is being measured. `results`: all that is told, once it is finished.
    """

    scheme = models.ForeignKey(Scheme, verbose_name=_("scheme"), on_delete=models.CASCADE, related_name="previews")
    as_of = models.DateField(_("as of"))
    digest = models.CharField(max_length=64, editable=False)
    value_fit = models.ForeignKey(
        ValueFit, verbose_name=_("fit of predicted value"), null=True, blank=True, on_delete=models.PROTECT
    )
    state = models.CharField(
        _("state"), max_length=10, choices=PreviewState.choices, default=PreviewState.QUEUED, editable=False
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked for by"), null=True, blank=True, on_delete=models.SET_NULL
    )
    customers = models.PositiveIntegerField(_("customers"), default=0)
    cutoffs = models.JSONField(_("cut-offs"), null=True, blank=True)
    results = models.JSONField(_("results"), null=True, blank=True)
    failure = models.CharField(_("what went wrong"), max_length=300, blank=True)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = PreviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("preview")
        verbose_name_plural = _("previews")
        ordering = ("-pk",)
        permissions = (("export_preview", "May export who would move"),)
        constraints = (
            models.UniqueConstraint(
                fields=("scheme",),
                condition=Q(state__in=PreviewState.under_way()),
                name="preview_one_under_way",
                violation_error_message=_("A preview of this scheme is under way already."),
            ),
            models.CheckConstraint(condition=Q(state__in=PreviewState.values), name="preview_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=PreviewState.under_way(), ended_at=None)
                | (~Q(state__in=PreviewState.under_way()) & Q(ended_at__isnull=False)),
                name="preview_ended_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=PreviewState.FINISHED) | Q(results__isnull=False, cutoffs__isnull=False),
                name="preview_finished_has_results",
            ),
            models.CheckConstraint(
                condition=Q(state=PreviewState.FAILED) & ~Q(failure="") | ~Q(state=PreviewState.FAILED) & Q(failure=""),
                name="preview_failed_says_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.scheme}, {self.as_of:%Y-%m-%d}"

    @property
    def is_under_way(self) -> bool:
        """Whether it is waiting or being worked on."""
        return self.state in PreviewState.under_way()


class PreviewShard(models.Model):
    """A range of customers, measured and decided in a transaction each or not at all.

    `measured`: the measures that bars by share are on, one array of little-endian int64 after the other, in the order
    of `engine.MEASURES`; emptied once the cut-offs are known. `tally`: as `previewing.Tally` has it.
    """

    preview = models.ForeignKey(Preview, on_delete=models.CASCADE, related_name="shards", db_index=False)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    customers = models.PositiveIntegerField(default=0)
    measured = models.BinaryField(null=True)
    tally = models.JSONField(null=True)
    measured_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("preview", "first_id"), name="previewshard_once"),
            models.CheckConstraint(condition=Q(last_id__gte=F("first_id")), name="previewshard_range_in_order"),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(tally__isnull=False, measured_at__isnull=False),
                name="previewshard_done_has_a_tally",
            ),
        )

    def __str__(self) -> str:
        return f"{self.first_id}–{self.last_id}"


class PreviewMove(models.Model):
    """A customer who would move: one row for each, written by the thousand."""

    preview = models.ForeignKey(Preview, on_delete=models.CASCADE, related_name="moved", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    from_tier = models.ForeignKey(
        Tier, verbose_name=_("from"), null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    to_tier = models.ForeignKey(Tier, verbose_name=_("to"), on_delete=models.CASCADE, related_name="+", db_index=False)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)

    class Meta:
        constraints = (
            # The customer first: when one goes, the rows that name them are found.
            models.UniqueConstraint(fields=("customer", "preview"), name="previewmove_once"),
            models.CheckConstraint(
                condition=Q(from_tier=None) | ~Q(from_tier=F("to_tier")), name="previewmove_goes_somewhere"
            ),
        )
        indexes = (models.Index(fields=("preview", "customer"), name="previewmove_of_preview"),)

    def __str__(self) -> str:
        return f"{self.from_tier} → {self.to_tier}"
