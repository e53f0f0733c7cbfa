"""The note that a customer's name, addresses and words were removed."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models.customer import Customer


class Erasure(models.Model):
    """Who asked that this customer be forgotten, and when that was done. Rows are only ever added."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, related_name="erasure")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, blank=True, on_delete=models.PROTECT
    )
    erased_at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        triggers = (pgtrigger.Protect(name="erasure_append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.customer_id}, {self.erased_at:%Y-%m-%d}"
