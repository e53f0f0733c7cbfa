"""Did we put it right? Asked once, some days after something was mended."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Letter
from feedback.enums import NotAsked, YesNo
from feedback.models.recovery import Recovery


class PutRight(models.Model):
    """What was done about asking: a letter, or a reason why not; and what the customer said."""

    recovery = models.OneToOneField(Recovery, on_delete=models.PROTECT, related_name="put_right")
    letter = models.OneToOneField(Letter, null=True, blank=True, on_delete=models.PROTECT, related_name="put_right")
    not_asked = models.CharField(_("why not"), max_length=12, choices=NotAsked.choices, blank=True)
    created_at = models.DateTimeField(_("when"), db_default=Now())
    said = models.CharField(_("did we put it right?"), max_length=3, choices=YesNo.choices, blank=True)
    words = models.TextField(_("their words"), blank=True, max_length=4000)
    said_at = models.DateTimeField(_("said"), null=True, blank=True)

    class Meta:
        verbose_name = _("did we put it right?")
        verbose_name_plural = _("did we put it right?")
        constraints = (
            models.CheckConstraint(
                condition=Q(letter__isnull=False, not_asked="") | (Q(letter=None) & ~Q(not_asked="")),
                name="putright_letter_or_reason",
            ),
            models.CheckConstraint(
                condition=Q(said="", said_at=None) | Q(said__in=YesNo.values, said_at__isnull=False),
                name="putright_said_has_a_time",
            ),
        )

    def __str__(self) -> str:
        return self.get_said_display() or str(_("no answer yet"))
