"""Who the customer is, what they allow, and the words they are found by."""

import uuid
from typing import TYPE_CHECKING, ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from customers.enums import Capacity, ConsentPurpose
from customers.models.addressed import CUSTOMER_STAYS_FOR_LETTERS
from customers.models.looking import looks_anew
from customers.models.person import Person
from customers.models.touching import touches_when_added
from customers.zones import UNSAID

if TYPE_CHECKING:
    from portal.models import User


def most_spoken() -> str:
    """Return the language of whoever has told none."""
    return settings.CUSTOMER_LANGUAGE


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Questions about customers."""

    def visible_to(self, user: "User") -> "CustomerQuerySet":
        """Customers that this colleague may see. Fetching is the access check: the rest do not exist for them.

        One who was merged into another is that other one: `selectors.merged.survivor` leads there.
        """
        return self.present() if user.has_perm("customers.view_customer") else self.none()

    def present(self) -> "CustomerQuerySet":
        """Those who have not been merged into another."""
        return self.filter(merged_into=None)


@pghistory.track(append_only=True)
class Customer(models.Model):
    """A person, or a firm, that the house serves."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.CharField(_("source"), max_length=40, default="house", help_text=_("The system that knows them."))
    external_id = models.CharField(_("number there"), max_length=80, null=True, blank=True)
    full_name = models.CharField(_("name"), max_length=200)
    given_name = models.CharField(_("given name"), max_length=100, blank=True)
    family_name = models.CharField(_("family name"), max_length=100, blank=True)
    known_as = models.CharField(_("to be called"), max_length=100, blank=True, help_text=_("“Ms Okafor”"))
    say_as = models.CharField(_("how to say it"), max_length=100, blank=True, help_text=_("“oh-KAH-for”"))
    pronouns = models.CharField(_("pronouns"), max_length=40, blank=True)
    language = models.CharField(
        _("language"), max_length=12, default=most_spoken, help_text=_("A code such as en or fr.")
    )
    country = models.CharField(
        _("country"), max_length=2, blank=True, validators=[RegexValidator("^[A-Z]{2}$")], help_text=_("GB, FR, …")
    )
    city = models.CharField(_("city"), max_length=100, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default=UNSAID)
    customer_since = models.DateField(_("with us since"), null=True, blank=True)
    created_at = models.DateTimeField(_("added"), db_default=Now(), editable=False)
    # A duplicate keeps its row, so that its old links and numbers lead to whom it is; what it had is the other one's.
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("is the same as"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="absorbed",
        db_index=False,
    )

    # One person may be several customers, one in each role. Most are one, and have no row there.
    person = models.ForeignKey(
        Person,
        verbose_name=_("one of the roles of"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="selves",
        db_index=False,
    )
    capacity = models.CharField(
        _("role"), max_length=7, choices=Capacity.choices, default=Capacity.PRIVATE, db_default=Capacity.PRIVATE.value
    )
    firm = models.CharField(_("buys for"), max_length=200, blank=True, default="", db_default="")

    objects = CustomerQuerySet.as_manager()

    # The fields that hold names: what search looks at.
    NAMES: ClassVar = ("full_name", "given_name", "family_name", "known_as")

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        permissions = (
            ("view_money", "May see the amounts of orders"),
            ("view_margin", "May see margin"),
            ("view_contact_points", "May see phones and addresses in clear"),
            ("erase_customer", "May forget a customer for good"),
            ("merge_customer", "May merge two customers who are one, and undo it"),
            ("tell_apart_customer", "May say that two customers are not the same"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("source", "external_id"),
                name="customer_once_per_source",
                violation_error_message=_("This customer number is already known from that source."),
            ),
            models.CheckConstraint(condition=~models.Q(full_name=""), name="customer_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(country="") | models.Q(country__regex="^[A-Z]{2}$"), name="customer_country_iso"
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | ~models.Q(merged_into=models.F("id")),
                name="customer_not_merged_into_itself",
            ),
            models.CheckConstraint(condition=models.Q(capacity__in=Capacity.values), name="customer_capacity_known"),
            models.CheckConstraint(
                condition=(models.Q(capacity=Capacity.FIRM) & ~models.Q(firm=""))
                | (~models.Q(capacity=Capacity.FIRM) & models.Q(firm="")),
                name="customer_firm_where_they_buy_for_one",
                violation_error_message=_("Name the firm where they buy for one, and there alone."),
            ),
            # Which also finds the selves of a person.
            models.UniqueConstraint(
                models.F("person"),
                models.F("capacity"),
                Lower("firm"),
                condition=models.Q(person__isnull=False),
                name="customer_one_self_per_role",
                violation_error_message=_("This person is here in that role already."),
            ),
            # Who was merged is whom they were merged into, and has no role of their own.
            models.CheckConstraint(
                condition=models.Q(person=None) | models.Q(merged_into=None), name="customer_self_is_not_merged"
            ),
        )
        # Search knows the number but not the source.
        indexes = (
            models.Index(fields=("external_id",), name="customer_by_number"),
            models.Index(
                fields=("merged_into",), condition=models.Q(merged_into__isnull=False), name="customer_merged"
            ),
        )
        triggers = (touches_when_added("customer", "id"), CUSTOMER_STAYS_FOR_LETTERS, *looks_anew("customer", "id"))

    def __str__(self) -> str:
        return self.full_name

    @property
    def names(self) -> list[str]:
        """All names we know them by; empty ones left out."""
        return [name for name in (getattr(self, field) for field in self.NAMES) if name]

    @property
    def address_as(self) -> str:
        """How to address them: what they asked for, or their name."""
        return self.known_as or self.full_name


class NameWord(models.Model):
    """One word of a customer's names, folded (no accents, lower case), for search by beginnings."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="name_words")
    word = models.CharField(max_length=100)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("customer", "word"), name="nameword_once"),)
        indexes = (
            models.Index(
                fields=("word", "customer"), name="nameword_beginning", opclasses=("text_pattern_ops", "int8_ops")
            ),
        )

    def __str__(self) -> str:
        return self.word


# A no to what is sensitive lets go of it at once, by whatever door the no came in.
_NO_RETIRES = pgtrigger.Trigger(
    name="consent_no_retires_special",
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    condition=pgtrigger.Condition("NEW.purpose = 'special' AND NOT NEW.is_given"),
    func="""
        PERFORM FROM customers_customer WHERE id = NEW.customer_id FOR NO KEY UPDATE;
        UPDATE customers_preference SET retired_at = GREATEST(noted_at, clock_timestamp())
        WHERE customer_id = NEW.customer_id AND category <> '' AND retired_at IS NULL
        AND NOT COALESCE((
            SELECT is_given FROM customers_consent WHERE customer_id = NEW.customer_id AND purpose = 'special'
            ORDER BY noted_at DESC, id DESC LIMIT 1
        ), FALSE);
        RETURN NULL;
    """,
)


class Consent(models.Model):
    """A yes or a no of the customer to one purpose. The newest stands; older ones are kept."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=20, choices=ConsentPurpose.choices)
    is_given = models.BooleanField(_("given"))
    source = models.CharField(_("how we know"), max_length=120, blank=True)
    noted_at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = (models.Index(fields=("customer", "purpose", "-noted_at"), name="consent_newest"),)
        triggers = (pgtrigger.Protect(name="consent_append_only", operation=pgtrigger.Update), _NO_RETIRES)

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.is_given}"
