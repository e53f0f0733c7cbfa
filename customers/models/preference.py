"""What a customer likes, and how we know."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.enums import Provenance
from customers.models.customer import Customer


@pghistory.track(append_only=True)
class Preference(models.Model):
    """One thing worth remembering about how this customer likes to be served."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="preferences")
    text = models.CharField(_("what"), max_length=300)
    provenance = models.CharField(
        _("how we know"), max_length=12, choices=Provenance.choices, default=Provenance.STATED
    )
    is_ask_first = models.BooleanField(_("ask first"), default=False)
    interaction = models.ForeignKey(
        "customers.Interaction", null=True, blank=True, on_delete=models.SET_NULL, related_name="preferences"
    )
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    noted_at = models.DateTimeField(_("noted"), db_default=Now())
    retired_at = models.DateTimeField(_("no longer so since"), null=True, blank=True)

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "text"),
                condition=models.Q(retired_at=None),
                name="preference_noted_once",
                violation_error_message=_("We already know that about them."),
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="preference_says_something"),
        )

    def __str__(self) -> str:
        return self.text
