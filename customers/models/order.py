"""Orders and returns, and the currencies they come in."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models.customer import Customer
from customers.models.touching import touches


class Currency(models.Model):
    """A currency that the house takes, and what one unit is worth in the house's own."""

    code = models.CharField(_("code"), max_length=3, primary_key=True)
    rate = models.DecimalField(
        _("worth in the house's currency"), max_digits=18, decimal_places=8, help_text=_("1 for the house's own.")
    )
    updated_at = models.DateTimeField(_("since"), auto_now=True)

    class Meta:
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(condition=models.Q(code__regex="^[A-Z]{3}$"), name="currency_code_iso"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="currency_rate_positive"),
        )

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """Refuse another worth than 1 for the house's own currency: every amount would be compared wrongly.

        Raises:
            ValidationError: it is worth something else than itself.
        """
        if self.code == settings.HOUSE_CURRENCY and self.rate != 1:
            raise ValidationError({"rate": _("This is the house’s own currency. It is worth 1.")})


class Order(models.Model):
    """An order, or with a negative amount a return. Money is exact, in the order's currency and in the house's."""

    class Kind(models.TextChoices):
        PURCHASE = "purchase", _("Order")
        RETURN = "return", _("Return")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders", db_index=False)
    source = models.CharField(_("source"), max_length=40)
    external_id = models.CharField(_("number there"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    placed_at = models.DateTimeField(_("placed"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    margin = models.DecimalField(_("margin"), max_digits=14, decimal_places=2)
    is_margin_estimated = models.BooleanField(_("margin estimated"), default=False)
    currency = models.ForeignKey(Currency, verbose_name=_("currency"), on_delete=models.PROTECT, db_index=False)
    # At the currency's rate when the order was recorded: a later rate does not move old orders.
    house_amount = models.DecimalField(_("amount, house currency"), max_digits=14, decimal_places=2)
    house_margin = models.DecimalField(_("margin, house currency"), max_digits=14, decimal_places=2)
    # A return that we caused does not count against the customer's tier.
    is_our_fault = models.BooleanField(_("our fault"), default=False)
    description = models.CharField(_("what"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = (
            models.UniqueConstraint(
                fields=("source", "external_id"),
                name="order_once_per_source",
                violation_error_message=_("This order is already recorded."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="return", amount__lt=0) | models.Q(kind="purchase", amount__gte=0),
                name="order_return_is_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(is_our_fault=False) | models.Q(kind="return"), name="order_fault_only_on_return"
            ),
        )
        indexes = (
            # Covering, so that a customer's sums are read from the index alone (DESIGN section 9).
            models.Index(
                fields=("customer", "placed_at"),
                include=("house_margin", "house_amount", "kind", "is_our_fault"),
                name="order_of_customer",
            ),
            # Whoever calls has the number of an order in their hand, and not of which shop.
            models.Index(fields=("external_id",), name="order_by_number"),
        )
        triggers = touches("order")

    def __str__(self) -> str:
        return self.external_id
