"""Cards from outside: what another system of the house knows of a customer, and what it said last."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from portal.outside.addresses import REFERENCE, read_template
from portal.roles import Role


class Reference(models.TextChoices):
    """By which number the other system knows a customer."""

    EXTERNAL = "external", _("their number in the system that knows them")
    PUBLIC = "public", _("our own number")


class Shows(models.TextChoices):
    """What stands on a card, and so who may see it."""

    OPEN = "open", _("nothing delicate")
    MONEY = "money", _("money: for those who see amounts")
    MARGIN = "margin", _("margins: for those who see margins")
    PRIVATE = "private", _("private things: for those who see what is private")


# What a card shows → the permission that it takes.
NEEDS = {
    Shows.MONEY: "customers.view_money",
    Shows.MARGIN: "customers.view_margin",
    Shows.PRIVATE: "customers.view_private",
}


@pghistory.track(append_only=True)
class OutsideSource(models.Model):
    """Another system of the house that is asked about the customer whom somebody has on the line.

    Its secret is never here: `secret` names a variable of the environment, OUTSIDE_SECRET_<name>.
    """

    name = models.CharField(_("name"), max_length=60, unique=True, help_text=_("Stands above the card: “Parcels”."))
    url = models.CharField(
        _("address"),
        max_length=500,
        help_text=_("With {reference} in the place of the customer's number: https://erp.example/card/{reference}"),
    )
    reference = models.CharField(_("number"), max_length=10, choices=Reference.choices, default=Reference.EXTERNAL)
    known_from = models.CharField(
        _("for customers from"),
        max_length=40,
        blank=True,
        help_text=_("Only for customers whose number comes from this source; for all, where it is empty."),
    )
    header = models.CharField(
        _("header for the secret"),
        max_length=60,
        blank=True,
        validators=[RegexValidator(r"^[A-Za-z][A-Za-z0-9-]*\Z", _("Letters, digits and hyphens, please."))],
        help_text=_("For instance Authorization."),
    )
    secret = models.CharField(
        _("name of the secret"),
        max_length=40,
        blank=True,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9_]*\Z", _("Capitals, digits and underscores, please."))],
        help_text=_("PARCELS stands for the environment's OUTSIDE_SECRET_PARCELS. The secret itself is not kept here."),
    )
    shows = models.CharField(_("what it shows"), max_length=8, choices=Shows.choices, default=Shows.OPEN)
    roles = ArrayField(
        models.CharField(max_length=20, choices=Role.choices),
        verbose_name=_("for"),
        default=list,
        blank=True,
        help_text=_("For everybody at the desk, where none is chosen."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("card from outside")
        verbose_name_plural = _("cards from outside")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=Q(url__contains=REFERENCE), name="outsidesource_asks_about_somebody"),
            models.CheckConstraint(
                condition=Q(header="", secret="") | ~(Q(header="") | Q(secret="")),
                name="outsidesource_secret_has_header",
                violation_error_message=_("A secret needs a header, and a header a secret."),
            ),
            models.CheckConstraint(condition=Q(shows__in=Shows.values), name="outsidesource_shows_known"),
            models.CheckConstraint(condition=Q(reference__in=Reference.values), name="outsidesource_reference_known"),
            models.CheckConstraint(condition=Q(roles__contained_by=Role.values), name="outsidesource_roles_known"),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse an address that could not be asked."""
        try:
            read_template(self.url)
        except ValueError as error:
            raise ValidationError({"url": str(error)}) from None


class OutsideCard(models.Model):
    """What a source said of a customer when it last answered."""

    # The unique index begins with the customer.
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="outside_cards", db_index=False)
    source = models.ForeignKey(OutsideSource, on_delete=models.CASCADE, related_name="cards")
    body = models.JSONField(_("card"))
    fetched_at = models.DateTimeField(_("as of"), db_default=Now())

    class Meta:
        verbose_name = _("card as it was last")
        verbose_name_plural = _("cards as they were last")
        constraints = (models.UniqueConstraint(fields=("customer", "source"), name="outsidecard_once"),)

    def __str__(self) -> str:
        return f"{self.source_id} on {self.customer_id}"
