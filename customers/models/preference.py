"""What a customer likes, and how we know."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.enums import Provenance, SpecialCategory
from customers.models.customer import Customer
from customers.models.interaction import TouchPoint

# Whoever notes consents locks the customer, too: a yes cannot be taken back between this look and the end.
_NEEDS_CONSENT = pgtrigger.Trigger(
    name="preference_special_needs_consent",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    condition=pgtrigger.Condition("NEW.category <> '' AND NEW.retired_at IS NULL"),
    func="""
        PERFORM FROM customers_customer WHERE id = NEW.customer_id FOR NO KEY UPDATE;
        IF NOT COALESCE((
            SELECT is_given FROM customers_consent WHERE customer_id = NEW.customer_id AND purpose = 'special'
            ORDER BY noted_at DESC, id DESC LIMIT 1
        ), FALSE) THEN
            RAISE EXCEPTION 'preference_special_needs_consent: the customer has not agreed that this is kept'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'preference_special_needs_consent';
        END IF;
        RETURN NEW;
    """,
)


class PreferenceQuerySet(models.QuerySet["Preference"]):
    """Questions about preferences."""

    def live(self) -> "PreferenceQuerySet":
        """Those that still hold, faded or not."""
        return self.filter(retired_at=None)

    def visible(self, *, private: bool, special: bool) -> "PreferenceQuerySet":
        """Those that a reader may see: `private` ones, and those of a `special` category, for some alone."""
        found = self if private else self.filter(is_private=False)
        return found if special else found.filter(category="")


@pghistory.track(append_only=True)
class Preference(models.Model):
    """One thing worth remembering about how this customer likes to be served."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="preferences")
    text = models.CharField(_("what"), max_length=300)
    provenance = models.CharField(
        _("how we know"), max_length=12, choices=Provenance.choices, default=Provenance.STATED
    )
    is_ask_first = models.BooleanField(_("ask first"), default=False)
    is_private = models.BooleanField(_("private"), default=False, db_default=False)
    category = models.CharField(
        _("sensitive"), max_length=10, choices=SpecialCategory.choices, blank=True, default="", db_default=""
    )
    interaction = models.ForeignKey(
        "customers.Interaction", null=True, blank=True, on_delete=models.SET_NULL, related_name="preferences"
    )
    touch_point = models.ForeignKey(
        TouchPoint, verbose_name=_("where"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    noted_at = models.DateTimeField(_("noted"), db_default=Now())
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    retired_at = models.DateTimeField(_("no longer so since"), null=True, blank=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        permissions = (("view_special", "May see preferences of special categories, such as health"),)
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "text"),
                condition=models.Q(retired_at=None),
                name="preference_noted_once",
                violation_error_message=_("We already know that about them."),
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="preference_says_something"),
            models.CheckConstraint(
                condition=models.Q(category__in=["", *SpecialCategory.values]), name="preference_category_known"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at=None) | models.Q(provenance=Provenance.CONFIRMED),
                name="preference_confirmed_says_so",
            ),
        )
        triggers = (_NEEDS_CONSENT,)

    def __str__(self) -> str:
        return self.text
