"""Which forms were sent, so that one whose answer was lost is not saved twice when it is sent again."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Press(models.Model):
    """One form that was saved, by the key that it was drawn with.

    `digest`: a keyed digest of what it said; nobody can read the words out of it. `outcome`: which blocks of the page
    it changed, which form begins afresh, and where the focus goes.
    """

    colleague = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("colleague"),
        db_index=False,
    )
    key = models.UUIDField(_("key"))
    digest = models.BinaryField(_("digest"), max_length=32)
    outcome = models.JSONField(_("outcome"), db_default=models.Value({}, output_field=models.JSONField()))
    pressed_at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("press")
        verbose_name_plural = _("presses")
        constraints = (models.UniqueConstraint(fields=("colleague", "key"), name="press_once"),)
        indexes = (models.Index(fields=("pressed_at",), name="press_oldest_first"),)

    def __str__(self) -> str:
        return f"{self.key} by {self.colleague_id}"
