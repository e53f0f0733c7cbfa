"""Perks that were made use of: what tells a perk that nobody has told the customer of."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Interaction
from tiers.models.scheme import Perk


class PerkUse(models.Model):
    """One use of a perk by a customer. The perk may go; that it was used stays, in its words of then."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="perk_uses", db_index=False)
    perk = models.ForeignKey(Perk, null=True, on_delete=models.SET_NULL, related_name="uses")
    what = models.CharField(_("what"), max_length=160)
    interaction = models.ForeignKey(Interaction, null=True, on_delete=models.PROTECT, related_name="perk_uses")
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    used_at = models.DateTimeField(_("used"), db_default=Now())

    class Meta:
        verbose_name = _("use of a perk")
        verbose_name_plural = _("uses of perks")
        constraints = (
            models.UniqueConstraint(fields=("interaction", "perk"), name="perkuse_once_per_contact"),
            models.CheckConstraint(condition=~models.Q(what=""), name="perkuse_says_what"),
        )
        indexes = (models.Index(fields=("customer", "-used_at"), name="perkuse_of_customer"),)

    def __str__(self) -> str:
        return self.what
