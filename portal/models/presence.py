"""Who has a customer's page open just now, so that two colleagues do not work past each other."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer


class Presence(models.Model):
    """A colleague at a customer's page; the page says so again as long as it is open."""

    # The unique index begins with the customer.
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="presences", db_index=False)
    colleague = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = (models.UniqueConstraint(fields=("customer", "colleague"), name="presence_once"),)
        indexes = (models.Index(fields=("seen_at",), name="presence_oldest_first"),)

    def __str__(self) -> str:
        return f"{self.colleague_id} at {self.customer_id}"
