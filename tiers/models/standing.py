"""The tier that a customer has, and each change of it."""

from datetime import datetime

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from tiers.enums import Reason
from tiers.models.references import names_what_is_there, never_changes, still_names_what_is_there
from tiers.models.run import Run
from tiers.models.scheme import Tier


class Move(models.Model):
    """A change of standing, with the numbers it was decided on. Rows are only ever added."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="moves", db_index=False, db_constraint=False
    )
    run = models.ForeignKey(
        Run,
        verbose_name=_("run"),
        on_delete=models.PROTECT,
        related_name="moved",
        db_index=False,
        db_constraint=False,
    )
    from_tier = models.ForeignKey(
        Tier,
        verbose_name=_("from"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    to_tier = models.ForeignKey(
        Tier,
        verbose_name=_("to"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    numbers = ArrayField(
        models.BigIntegerField(),
        verbose_name=_("numbers"),
        default=list,
        help_text=_("The measures as they were, in the engine's order and units."),
    )
    moved_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("move")
        verbose_name_plural = _("moves")
        ordering = ("-moved_at",)
        constraints = (
            models.UniqueConstraint(fields=("customer", "run"), name="move_once_per_run"),
            models.CheckConstraint(
                condition=Q(from_tier=None) | ~Q(from_tier=F("to_tier")), name="move_goes_somewhere"
            ),
        )
        indexes = (BrinIndex(fields=("run",), name="move_of_run", pages_per_range=32, autosummarize=True),)
        triggers = (
            pgtrigger.Protect(name="move_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            names_what_is_there(
                "move", [("run_id", "tiers_run"), ("from_tier_id", "tiers_tier"), ("to_tier_id", "tiers_tier")]
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_tier} → {self.to_tier}"


class StandingQuerySet(models.QuerySet["Standing"]):
    """Questions about standings."""

    def present(self) -> "StandingQuerySet":
        """Those that hold now."""
        return self.filter(valid_until=None)

    def at(self, moment: datetime) -> "StandingQuerySet":
        """Those that held at a moment."""
        return self.filter(Q(valid_until=None) | Q(valid_until__gt=moment), valid_from__lte=moment)


# Of a moment, whole: the database keeps no smaller part of a second.
_MICROSECONDS = "extract(epoch FROM %(expressions)s AT TIME ZONE 'UTC') * 1000000"


def _point(moment: str, height: str) -> Func:
    """Return a point: across, whose it is; up, the height of a moment."""
    return Func(F("customer"), Func(F(moment), template=height), function="point")


class Standing(models.Model):
    """The tier a customer has, for a period. The open period is the present; periods cannot overlap.

    That the past periods keep apart is an exclusion constraint; that the present one is one, a unique index; that it
    begins where the past has ended, a trigger. (One exclusion constraint over both costs a first run of a million
    customers a minute and a half.)

    The constraint sees a period as an upright line in a plane, from its first microsecond to its last. It could see two
    ranges, of one number and of two moments; but where they go in such an index takes the database three times as long
    to find. Its condition holds for all that have ended, and only for them (`standing_ends_after_it_began`); it is put
    so that no plan takes this index for a way to a customer's past, which would be to read it from end to end.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="standings", db_index=False, db_constraint=False
    )
    tier = models.ForeignKey(
        Tier,
        verbose_name=_("tier"),
        on_delete=models.PROTECT,
        related_name="standings",
        db_index=False,
        db_constraint=False,
    )
    earned_tier = models.ForeignKey(
        Tier,
        verbose_name=_("earned by the numbers"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        help_text=_("What the numbers alone would give; hold and grace may keep the customer higher."),
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    valid_from = models.DateTimeField(_("since"))
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    held_until = models.DateField(_("held until"), null=True, blank=True)
    below_since = models.DateField(_("below the bar since"), null=True, blank=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        constraints = (
            ExclusionConstraint(
                name="standing_periods_apart",
                index_type="gist",
                condition=Q(valid_until__gt=F("valid_from")),
                expressions=(
                    (
                        Func(
                            _point("valid_from", _MICROSECONDS),
                            _point("valid_until", f"{_MICROSECONDS} - 1"),
                            function="box",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ),
            ),
            models.UniqueConstraint(fields=("customer",), condition=Q(valid_until=None), name="standing_one_present"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name="standing_ends_after_it_began"
            ),
        )
        indexes = (
            models.Index(
                fields=("customer", "valid_from"), condition=Q(valid_until__isnull=False), name="standing_past"
            ),
        )
        triggers = (
            names_what_is_there(
                "standing",
                [("tier_id", "tiers_tier"), ("earned_tier_id", "tiers_tier")],
                more="""
                    -- Most who come have no past: one look at the first past from the lowest of them on tells. It is in
                    -- the order of an index, and OFFSET 0 keeps the search one probe of an index for each row, so that
                    -- neither reads the whole table, whatever size that had when they were planned.
                    IF (
                        SELECT customer_id FROM tiers_standing
                        WHERE valid_until IS NOT NULL AND customer_id >= (SELECT min(named) FROM unnest(ids) AS named)
                        ORDER BY customer_id, valid_from LIMIT 1
                    ) <= (
                        SELECT max(named) FROM unnest(ids) AS named
                    ) AND EXISTS (
                        SELECT FROM new_rows AS fresh
                        WHERE fresh.valid_until IS NULL AND EXISTS (
                            SELECT FROM tiers_standing AS past
                            WHERE past.customer_id = fresh.customer_id AND past.valid_until IS NOT NULL
                              AND past.valid_until > fresh.valid_from OFFSET 0
                        ) OR fresh.valid_until IS NOT NULL AND EXISTS (
                            SELECT FROM tiers_standing AS present
                            WHERE present.customer_id = fresh.customer_id AND present.valid_until IS NULL
                              AND present.valid_from < fresh.valid_until OFFSET 0
                        )
                    ) THEN
                        RAISE EXCEPTION 'the present standing begins before the past ones have ended'
                            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'standing_present_after_past';
                    END IF;
                """,
            ),
            still_names_what_is_there("standing", [("earned_tier_id", "tiers_tier")]),
            never_changes("standing", "customer", "tier", "valid_from"),
            pgtrigger.Protect(
                name="standing_past_is_fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.valid_until IS NOT NULL"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.tier}"
