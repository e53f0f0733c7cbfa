"""What has been learned of hints: counts of a kind in a situation, kept by triggers beside the facts."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.models.hint_kinds import HintKind, Situation


class HintArm(models.Model):
    """How often a kind of hint was shown in a situation, and what was said of it.

    `manage.py hints --rebuild` counts it again from `HintShown` and `HintPress`.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=HintKind.choices)
    situation = models.CharField(_("situation"), max_length=24, choices=Situation.choices)
    shown = models.PositiveIntegerField(_("shown"))
    used = models.PositiveIntegerField(_("used"), db_default=0)
    not_relevant = models.PositiveIntegerField(_("not relevant"), db_default=0)
    wrong = models.PositiveIntegerField(_("wrong"), db_default=0)

    class Meta:
        verbose_name = _("what was learned of hints")
        verbose_name_plural = _("what was learned of hints")
        constraints = (
            models.UniqueConstraint(fields=("kind", "situation"), name="hintarm_once"),
            models.CheckConstraint(
                condition=Q(shown__gte=F("used") + F("not_relevant") + F("wrong")), name="hintarm_pressed_were_shown"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}, {self.situation}"
