"""A re-tiering, and the ranges of customers that it is done in."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tiers.enums import RunKind, RunState
from tiers.models.references import kept_while_named
from tiers.models.scheme import Scheme
from tiers.models.value import ValueFit


class Run(models.Model):
    """One re-tiering: which scheme, as of which day, and how far it is.

    `cutoffs`: what the bars by share came to on the whole population, by the key of the bar; frozen in the run, so that
    it can be resumed and repeated. Not yet known (null) while everybody is being measured.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=RunKind.choices)
    scheme = models.ForeignKey(Scheme, verbose_name=_("scheme"), on_delete=models.PROTECT, related_name="runs")
    as_of = models.DateField(_("as of"), help_text=_("Measures count orders up to the end of this day."))
    # From when the moves hold: now, or the end of the day for a day that has passed.
    effective_at = models.DateTimeField(_("moves hold from"))
    state = models.CharField(_("state"), max_length=10, choices=RunState.choices, default=RunState.ACTIVE)
    cutoffs = models.JSONField(_("cut-offs"), null=True, blank=True, default=dict)
    value_fit = models.ForeignKey(
        ValueFit, verbose_name=_("fit of predicted value"), null=True, blank=True, on_delete=models.PROTECT
    )
    digest = models.CharField(
        _("mark of the rules"),
        max_length=64,
        blank=True,
        default="",
        help_text=_("Of everything that decides besides the facts. With another mark everybody is looked at."),
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked for by"), null=True, blank=True, on_delete=models.SET_NULL
    )
    told_at = models.DateTimeField(_("managers told"), null=True, blank=True)
    customers = models.PositiveIntegerField(_("customers"), default=0)
    moves = models.PositiveIntegerField(_("moves"), default=0)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("state",),
                condition=Q(state=RunState.ACTIVE) & ~Q(kind=RunKind.TOUCHED),
                name="run_one_active",
                violation_error_message=_("A re-tiering is under way already."),
            ),
            models.CheckConstraint(
                condition=Q(state=RunState.ACTIVE, ended_at=None)
                | (~Q(state=RunState.ACTIVE) & Q(ended_at__isnull=False)),
                name="run_ended_has_a_time",
            ),
        )
        indexes = (
            models.Index(
                fields=("ended_at",),
                condition=Q(state=RunState.FINISHED, told_at=None, moves__gt=0) & ~Q(kind=RunKind.TOUCHED),
                name="run_to_tell",
            ),
        )
        triggers = (kept_while_named("run", [("tiers_move", "run_id")]),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.as_of:%Y-%m-%d}"


class Shard(models.Model):
    """A range of customers, done in one transaction or not at all."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="shards")
    first_id = models.BigIntegerField(_("from"))
    last_id = models.BigIntegerField(_("to"))
    customers = models.PositiveIntegerField(_("customers"), default=0)
    moves = models.PositiveIntegerField(_("moves"), default=0)
    measured_at = models.DateTimeField(_("measured"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("shard")
        verbose_name_plural = _("shards")
        constraints = (
            models.UniqueConstraint(fields=("run", "first_id"), name="shard_once"),
            models.CheckConstraint(condition=Q(last_id__gte=F("first_id")), name="shard_range_in_order"),
        )
        indexes = (models.Index(fields=("run",), condition=Q(done_at=None), name="shard_open"),)

    def __str__(self) -> str:
        return f"{self.first_id}–{self.last_id}"
