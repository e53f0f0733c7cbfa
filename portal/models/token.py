"""A key for a program: kept as a hash, limited to scopes, and ending on a day."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.texts import tidy

PREFIX = "reg_"


class Scope(models.TextChoices):
    """What a token may be used for; its owner's role still has to grant it."""

    READ = "read", _("Read customers")
    ORDERS = "orders", _("Record orders")
    INTERACTIONS = "interactions", _("Open and close interactions")
    OVERRIDES = "overrides", _("Set and end overrides")
    POPS = "pops", _("Tell a desk who is on the line")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Questions about tokens."""

    def live(self) -> "ApiTokenQuerySet":
        """Tokens that are neither expired nor revoked, by the database's clock."""
        return self.filter(expires_at__gt=Now(), revoked_at=None, user__is_active=True)


class ApiToken(models.Model):
    """A token of the API. The key itself is shown once, when it is made."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("acts as"), on_delete=models.CASCADE)
    name = models.CharField(_("name"), max_length=120, help_text=_("Which program uses it."))
    key_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    hint = models.CharField(_("begins with"), max_length=12, editable=False)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices), verbose_name=_("scopes"))
    created_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("ends"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=Scope.values) & models.Q(scopes__len__gt=0),
                name="apitoken_scopes_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @staticmethod
    def hash_of(key: str) -> bytes:
        """Return the SHA-256 of a key. Keys carry 256 random bits, so a slow hash would add nothing."""
        return hashlib.sha256(key.encode()).digest()

    @classmethod
    def issue(cls, *, user: Any, name: str, scopes: list[str], expires_at: datetime) -> tuple["ApiToken", str]:
        """Make a token and return it with its key, which cannot be shown again.

        Raises:
            ValidationError: it has no name, or one that does not hold.
        """
        key = PREFIX + secrets.token_urlsafe(32)
        try:
            name = tidy(name)
        except ValueError as error:
            raise ValidationError({"name": gettext(str(error))}) from None
        token = cls(user=user, name=name, key_hash=cls.hash_of(key), hint=key[:8], scopes=scopes, expires_at=expires_at)
        token.clean_fields()
        token.save()
        return token, key
