"""How the house mends: its rules, and who looks after a tier in person."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tiers.models import Tier


class MendingRules(models.Model):
    """How the house mends. There is one row."""

    includes_partly = models.BooleanField(
        _("“in part” opens one too"), default=False, help_text=_("A plain no always does, and so does a plea for help.")
    )
    remind_hours = models.PositiveSmallIntegerField(
        _("remind, hours before"), default=4, help_text=_("Working hours before it is due; 0 does not remind.")
    )
    escalate_hours = models.PositiveSmallIntegerField(
        _("take further up, hours after"), default=4, help_text=_("Working hours after it was due.")
    )
    ask_days = models.PositiveSmallIntegerField(
        _("ask whether we put it right, days after"),
        default=7,
        validators=[MaxValueValidator(90)],
        help_text=_("Days after it was mended; 0 does not ask."),
    )

    class Meta:
        verbose_name = _("rules for mending")
        verbose_name_plural = _("rules for mending")
        constraints = (
            models.CheckConstraint(condition=Q(pk=1), name="mendingrules_one_row"),
            models.CheckConstraint(condition=Q(ask_days__lte=90), name="mendingrules_ask_within_90_days"),
        )

    def __str__(self) -> str:
        return str(_("Rules for mending"))


class NamedOwner(models.Model):
    """The person who mends what went wrong for a tier's customers, whoever served them."""

    tier = models.OneToOneField(Tier, verbose_name=_("tier"), on_delete=models.CASCADE, related_name="named_owner")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("looked after by"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("named person")
        verbose_name_plural = _("named persons")

    def __str__(self) -> str:
        return f"{self.tier}: {self.owner}"
