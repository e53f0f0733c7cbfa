"""Who looked at which customer, when, and through which door. Rows are only ever added."""

import pgtrigger
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Reading(models.Model):
    """One look at one customer's page or record."""

    class Door(models.TextChoices):
        CONTACT_VIEW = "contact_view", _("Contact view")
        API = "api", _("API")
        ADMIN = "admin", _("Admin")
        EXPORT = "export", _("Export")
        INSIGHT = "insight", _("What we hear")

    # Numbers, not foreign keys: the trail outlives the rows that it speaks of, and costs no look-up to write.
    user_id = models.BigIntegerField(_("colleague"))
    customer_id = models.BigIntegerField(_("customer"))
    door = models.CharField(_("through"), max_length=20, choices=Door.choices)
    read_at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        ordering = ("-read_at",)
        indexes = (
            models.Index(fields=("customer_id", "-read_at"), name="reading_of_customer"),
            models.Index(fields=("user_id", "-read_at"), name="reading_by_user"),
        )
        triggers = (pgtrigger.Protect(name="reading_append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.user_id} → {self.customer_id}"
