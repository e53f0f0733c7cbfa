"""A colleague: signs in by email, and may do what the role says."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from portal.roles import Role, permissions_of


class UserManager(BaseUserManager["User"]):
    """Makes users; there are no user names, only addresses."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user whose address is normalised and whose password is hashed."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an administrator (what `manage.py createsuperuser` calls)."""
        fields.setdefault("role", Role.ADMINISTRATOR)
        return self.create_user(email, password, **fields)


class User(AbstractBaseUser):
    """Somebody who signs in, or a program that calls the API with a token."""

    email = models.EmailField(_("email"), unique=True)
    display_name = models.CharField(_("name"), max_length=120, help_text=_("As customers and colleagues know them."))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.AGENT)
    lead = models.ForeignKey(
        "self",
        verbose_name=_("lead"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="team",
        help_text=_("Who looks after what this person's customers were unhappy with."),
    )
    has_keys = models.BooleanField(_("single-key shortcuts"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        verbose_name = _("colleague")
        verbose_name_plural = _("colleagues")
        ordering = ("display_name",)
        permissions = (("use_desk", "May use the desk"), ("use_admin", "May use the admin"))
        constraints = (
            models.UniqueConstraint(Lower("email"), name="user_email_once_whatever_case"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known"),
        )

    def __str__(self) -> str:
        return self.display_name or self.email

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name.split(" ")[0] if self.display_name else self.email

    @property
    def is_staff(self) -> bool:
        """Whether the admin lets them in."""
        return self.has_perm("portal.use_admin")

    @property
    def is_superuser(self) -> bool:
        """Nobody stands above the map of roles."""
        return False

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Return whether the role grants `app.codename`; inactive users have nothing."""
        return self.is_active and perm in permissions_of(self.role)

    def has_perms(self, perm_list: list[str], obj: models.Model | None = None) -> bool:
        return all(self.has_perm(perm) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Return whether the role grants anything in the app."""
        return self.is_active and any(perm.startswith(f"{app_label}.") for perm in permissions_of(self.role))
