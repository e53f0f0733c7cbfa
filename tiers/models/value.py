"""Versions of the models behind predicted value."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tiers.enums import ValueModel


class ValueFit(models.Model):
    """One fit of the models of predicted value, with all that it said. Rows are only ever added."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    fitted_at = models.DateTimeField(_("fitted"), db_default=Now(), editable=False)
    fitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked for by"), null=True, blank=True, on_delete=models.SET_NULL
    )
    model = models.CharField(_("model of purchases"), max_length=10, choices=ValueModel.choices)
    # The orders that it was fitted on; no first day where there were none.
    first_day = models.DateField(_("first day"), null=True, blank=True)
    last_day = models.DateField(_("last day"))
    horizon_days = models.PositiveIntegerField(_("days ahead"), help_text=_("How far the predictions look."))
    customers = models.PositiveIntegerField(_("customers"))
    log_likelihood = models.FloatField(_("log-likelihood"), null=True, blank=True)
    parameters = models.JSONField(_("parameters"), help_text=_("As `Fit.as_json` writes them: weeks, and whole money."))
    warnings = models.JSONField(_("warnings"), default=list, blank=True)
    calibration = models.JSONField(_("calibration"), default=dict, blank=True)

    class Meta:
        verbose_name = _("fit of predicted value")
        verbose_name_plural = _("fits of predicted value")
        ordering = ("-version",)
        constraints = (
            models.CheckConstraint(condition=Q(version__gte=1), name="valuefit_version_from_one"),
            models.CheckConstraint(condition=Q(model__in=ValueModel.values), name="valuefit_model_known"),
            models.CheckConstraint(condition=Q(horizon_days__gte=1), name="valuefit_horizon_positive"),
            models.CheckConstraint(
                condition=Q(first_day=None) | Q(first_day__lte=F("last_day")), name="valuefit_window_in_order"
            ),
            models.CheckConstraint(
                condition=Q(model=ValueModel.NONE, log_likelihood=None)
                | (~Q(model=ValueModel.NONE) & Q(log_likelihood__isnull=False, first_day__isnull=False)),
                name="valuefit_likelihood_of_a_model",
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="valuefit_append_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    -- Only the colleague who asked for it may leave.
                    IF TG_OP = 'UPDATE' AND NEW.fitted_by_id IS NULL
                       AND to_jsonb(OLD) - 'fitted_by_id' = to_jsonb(NEW) - 'fitted_by_id' THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a fit of predicted value cannot be changed'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'valuefit_append_only';
                """,
            ),
        )

    def __str__(self) -> str:
        return _("version %(version)d, %(day)s") % {"version": self.version, "day": self.last_day.isoformat()}
