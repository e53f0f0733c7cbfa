"""Ratings: numbers about a customer that the business knows and the house cannot work out."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.enums import RatingKind
from customers.models.customer import Customer
from customers.models.touching import touches

LOWEST, HIGHEST = 0, 100


@pghistory.track(append_only=True)
class Rating(models.Model):
    """What the business says of a customer's influence or advocacy, from 0 to 100. The newest day stands."""

    # Protected, as orders are: a rating that went with its customer would leave a touch for somebody who is gone.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="ratings", db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=RatingKind.choices)
    value = models.SmallIntegerField(_("value"), help_text=_("0 to 100."))
    source = models.CharField(_("source"), max_length=40)
    as_of = models.DateField(_("as of"))

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "kind"),
                name="rating_once_per_kind",
                violation_error_message=_("This number about them is already recorded."),
            ),
            models.CheckConstraint(condition=models.Q(kind__in=RatingKind.values), name="rating_kind_known"),
            models.CheckConstraint(
                condition=models.Q(value__gte=LOWEST, value__lte=HIGHEST), name="rating_between_0_and_100"
            ),
        )
        triggers = touches("rating")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value}"
