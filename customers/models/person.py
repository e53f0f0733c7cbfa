"""One human being who is a customer in several roles."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Person(models.Model):
    """What holds the selves of one person together: each is a customer with orders, value and tier of its own.

    It says nothing of anybody. A person without selves is left behind where two turned out to be one.
    """

    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("person with several roles")
        verbose_name_plural = _("people with several roles")

    def __str__(self) -> str:
        return str(self.pk)
