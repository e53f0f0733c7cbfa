"""Tiers, and the versions of the rules that lead to them."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tiers.enums import Measure, Rule, SchemeState, Shape


class Tier(models.Model):
    """How closely a customer is looked after. Rank 1 is where everybody begins."""

    rank = models.PositiveSmallIntegerField(_("rank"), unique=True)
    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=60)
    shape = models.CharField(_("mark"), max_length=10, choices=Shape.choices)
    recovery_hours = models.PositiveSmallIntegerField(
        _("hours to mend"), default=48, help_text=_("How soon an unhappy answer must have been dealt with.")
    )

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ("rank",)
        constraints = (
            models.CheckConstraint(condition=Q(rank__gte=1), name="tier_rank_from_one"),
            models.CheckConstraint(condition=Q(recovery_hours__gte=1), name="tier_recovery_hours_positive"),
        )

    def __str__(self) -> str:
        return self.name


class Perk(models.Model):
    """Something that a tier is entitled to, in words that an agent can say aloud."""

    tier = models.ForeignKey(Tier, on_delete=models.CASCADE, related_name="perks")
    text = models.CharField(_("what"), max_length=160)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("perk")
        verbose_name_plural = _("perks")
        ordering = ("tier", "position", "pk")
        constraints = (models.UniqueConstraint(fields=("tier", "text"), name="perk_once_per_tier"),)

    def __str__(self) -> str:
        return self.text


class Scheme(models.Model):
    """A version of the rules. Once published it never changes; the database refuses."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(_("state"), max_length=10, choices=SchemeState.choices, default=SchemeState.DRAFT)
    hold_days = models.PositiveSmallIntegerField(
        _("days held after moving up"), default=90, help_text=_("Nobody moves down again before then.")
    )
    grace_days = models.PositiveSmallIntegerField(
        _("days of grace"), default=30, help_text=_("How long somebody may be below the bar before they move down.")
    )
    created_at = models.DateTimeField(_("written"), db_default=Now(), editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, editable=False
    )
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("scheme")
        verbose_name_plural = _("schemes")
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(
                fields=("state",),
                condition=Q(state=SchemeState.PUBLISHED),
                name="scheme_one_published",
                violation_error_message=_("Another scheme is published. It retires when this one is published."),
            ),
            models.CheckConstraint(
                condition=Q(state=SchemeState.DRAFT, published_at=None, retired_at=None)
                | Q(state=SchemeState.PUBLISHED, published_at__isnull=False, retired_at=None)
                # Spelt out, because a comparison with NULL would pass.
                | Q(
                    state=SchemeState.RETIRED,
                    published_at__isnull=False,
                    retired_at__isnull=False,
                    retired_at__gte=F("published_at"),
                ),
                name="scheme_times_fit_state",
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="scheme_published_is_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state <> 'draft'"),
                func="""
                    -- It may retire, and the colleague who published it may leave.
                    IF TG_OP = 'UPDATE'
                       AND to_jsonb(OLD) - '{state,retired_at,published_by_id}'::text[]
                           = to_jsonb(NEW) - '{state,retired_at,published_by_id}'::text[]
                       AND (NEW.published_by_id IS NULL OR NEW.published_by_id = OLD.published_by_id)
                       AND ((OLD.state, OLD.retired_at) IS NOT DISTINCT FROM (NEW.state, NEW.retired_at)
                            OR (OLD.state = 'published' AND NEW.state = 'retired')) THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a published scheme cannot be changed'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'scheme_published_is_fixed';
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"


class Bar(models.Model):
    """What one measure must reach to enter a tier, or to stay in it. A tier without bars is open to all."""

    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, related_name="bars")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="bars")
    rule = models.CharField(_("rule"), max_length=5, choices=Rule.choices)
    measure = models.CharField(_("measure"), max_length=10, choices=Measure.choices)
    value = models.DecimalField(_("bar"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("bar")
        verbose_name_plural = _("bars")
        ordering = ("tier__rank", "rule", "measure")
        constraints = (
            models.UniqueConstraint(fields=("scheme", "tier", "rule", "measure"), name="bar_once"),
            models.CheckConstraint(condition=Q(measure__in=Measure.values), name="bar_measure_known"),
            models.CheckConstraint(condition=Q(rule__in=Rule.values), name="bar_rule_known"),
        )
        triggers = (
            pgtrigger.Trigger(
                name="bar_of_published_is_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    -- The lock: a scheme is not published while somebody is writing one of its bars.
                    IF EXISTS (
                        WITH locked AS (
                            SELECT state FROM tiers_scheme
                            WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.scheme_id END,
                                         CASE WHEN TG_OP <> 'DELETE' THEN NEW.scheme_id END)
                            FOR SHARE
                        )
                        SELECT FROM locked WHERE state <> 'draft'
                    ) THEN
                        RAISE EXCEPTION 'the bars of a published scheme cannot be changed'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'bar_of_published_is_fixed';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_rule_display()} {self.tier}: {self.get_measure_display()} {self.value}"
