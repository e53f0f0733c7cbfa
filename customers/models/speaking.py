"""The rules by which what weighs on a customer, and what we know of them, fades with time."""

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

LONGEST = 3650
HEAVIEST = Decimal(20)
_DAYS = [MinValueValidator(1), MaxValueValidator(LONGEST)]
_WEIGHT = [MinValueValidator(0), MaxValueValidator(HEAVIEST)]


def _days(name: Any, default: int, help_text: Any = "") -> "models.PositiveSmallIntegerField[int, int]":
    return models.PositiveSmallIntegerField(
        name, default=default, db_default=default, validators=_DAYS, help_text=help_text
    )


def _weight(name: Any, default: str, help_text: Any = "") -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(
        name,
        max_digits=4,
        decimal_places=1,
        default=Decimal(default),
        db_default=Decimal(default),
        validators=_WEIGHT,
        help_text=help_text,
    )


class SpeakingRules(models.Model):
    """How trouble and preferences fade. There is one row. Days are days of 24 hours, weights have no unit."""

    half_life_days = _days(
        _("trouble weighs half after, days"), 30, _("And a quarter after twice as many. What is put right fades, too.")
    )
    slight = _weight(_("a slight incident"), "1")
    real = _weight(_("a real incident"), "2")
    serious = _weight(_("a serious incident"), "4")
    promise = _weight(
        _("a broken promise"), "3", _("The same while it is overdue. Kept late it weighs its part of this.")
    )
    promise_late_hours = models.PositiveSmallIntegerField(
        _("kept so late is as bad as broken, hours"),
        default=48,
        db_default=48,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 365)],
        help_text=_("A promise kept after half of these hours weighs half."),
    )
    unhappy = _weight(_("an answer “no”"), "3", _("“In part” weighs half of it."))
    wait = _weight(_("a long wait"), "2")
    wait_minutes = models.PositiveSmallIntegerField(
        _("a wait is long from, minutes"),
        default=5,
        db_default=5,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 60)],
        help_text=_("A wait of so many minutes weighs a quarter, one of four times as many and more weighs all."),
    )
    stated_days = _days(_("what they said fades by half in, days"), 365)
    observed_days = _days(_("what was noticed once, days"), 60)
    confirmed_days = _days(
        _("what was confirmed, days"),
        730,
        _("After these days the page asks “Still so?”. After twice as many it folds the preference away."),
    )

    class Meta:
        verbose_name = _("rules for before you speak")
        verbose_name_plural = _("rules for before you speak")
        constraints = (
            models.CheckConstraint(condition=Q(pk=1), name="speakingrules_one_row"),
            models.CheckConstraint(
                condition=Q(half_life_days__range=(1, LONGEST)),
                name="speakingrules_half_life_positive",
            ),
            models.CheckConstraint(
                condition=Q(slight__gte=0, slight__lte=F("real"))
                & Q(real__lte=F("serious"), serious__lte=HEAVIEST)
                & Q(promise__range=(0, HEAVIEST), unhappy__range=(0, HEAVIEST), wait__range=(0, HEAVIEST)),
                name="speakingrules_weights_in_order",
                violation_error_message=_("What is worse must not weigh less: slight, real, serious."),
            ),
            models.CheckConstraint(
                condition=Q(promise_late_hours__gte=1, wait_minutes__gte=1),
                name="speakingrules_measures_positive",
            ),
            models.CheckConstraint(
                condition=Q(
                    stated_days__range=(1, LONGEST),
                    observed_days__range=(1, LONGEST),
                    confirmed_days__range=(1, LONGEST),
                ),
                name="speakingrules_fading_positive",
            ),
        )

    def __str__(self) -> str:
        return str(_("Rules for before you speak"))
