"""What serving a customer costs the house."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tiers.enums import Charge


class CostRate(models.Model):
    """What an hour on a channel costs us, or a return; managers set it. A row that is absent costs nothing."""

    what = models.CharField(_("what"), max_length=10, choices=Charge.choices, unique=True)
    price = models.DecimalField(
        _("price"), max_digits=10, decimal_places=2, help_text=_("In the house's currency: for an hour, or for each.")
    )
    most_minutes = models.PositiveSmallIntegerField(
        _("minutes at most"),
        default=60,
        help_text=_("A contact that stays open for longer is counted as this long. Not used for returns."),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("cost rate")
        verbose_name_plural = _("cost rates")
        ordering = ("what",)
        constraints = (
            models.CheckConstraint(condition=Q(what__in=Charge.values), name="costrate_what_known"),
            models.CheckConstraint(condition=Q(price__gte=0), name="costrate_not_negative"),
            models.CheckConstraint(condition=Q(most_minutes__gte=1), name="costrate_minutes_positive"),
        )

    def __str__(self) -> str:
        return self.get_what_display()
