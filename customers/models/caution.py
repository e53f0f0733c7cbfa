"""What is better not said to a customer, or not done."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models.customer import Customer


@pghistory.track(append_only=True)
class Caution(models.Model):
    """One thing not to say or do: “Do not mention the wedding”. A private one is read by few."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="cautions")
    text = models.CharField(_("what not to say or do"), max_length=300)
    reason = models.CharField(_("why"), max_length=300, blank=True, default="", db_default="")
    is_private = models.BooleanField(_("private"), default=False, db_default=False)
    interaction = models.ForeignKey(
        "customers.Interaction", null=True, blank=True, on_delete=models.SET_NULL, related_name="cautions"
    )
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    noted_at = models.DateTimeField(_("noted"), db_default=Now())
    retired_at = models.DateTimeField(_("no longer so since"), null=True, blank=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("do-not-say note")
        verbose_name_plural = _("do-not-say notes")
        permissions = (("view_private", "May see private preferences and do-not-say notes"),)
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "text"),
                condition=models.Q(retired_at=None),
                name="caution_noted_once",
                violation_error_message=_("That is noted already."),
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="caution_says_something"),
            models.CheckConstraint(
                condition=models.Q(retired_at=None) | models.Q(retired_at__gte=models.F("noted_at")),
                name="caution_retired_after_noting",
            ),
        )

    def __str__(self) -> str:
        return self.text
