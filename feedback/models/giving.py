"""What may be given: the catalogue of gestures, and how much of it without asking."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models import TouchPoint
from feedback.enums import Confirming
from feedback.models.cause import Cause
from tiers.models import Tier


class GestureKind(models.Model):
    """Something that we may do for a customer. Money is in the house's currency.

    `words` is a sentence for the customer's letter, by language: `{"en": "…", "de": "…"}`. Tiers, causes and touch
    points: none means all of them.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    words = models.JSONField(
        _("in words for the customer"),
        default=dict,
        blank=True,
        help_text=_("A whole sentence for the letter that confirms it, such as “We have sent you flowers.”"),
    )
    confirming = models.CharField(
        _("confirmed by"), max_length=10, choices=Confirming.choices, default=Confirming.NEVER
    )
    usual_cost = models.DecimalField(_("usual cost"), max_digits=14, decimal_places=2)
    highest_cost = models.DecimalField(_("highest cost"), max_digits=14, decimal_places=2)
    tiers = models.ManyToManyField(
        Tier, verbose_name=_("tiers"), blank=True, related_name="gesture_kinds", help_text=_("None: for every tier.")
    )
    causes = models.ManyToManyField(
        Cause,
        verbose_name=_("causes"),
        blank=True,
        related_name="gesture_kinds",
        help_text=_("None: whatever it came from, also where nothing went wrong."),
    )
    touch_points = models.ManyToManyField(
        TouchPoint, verbose_name=_("touch points"), blank=True, related_name="+", help_text=_("None: at all of them.")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("kind of gesture")
        verbose_name_plural = _("kinds of gestures")
        ordering = ("position", "name")
        constraints = (
            models.CheckConstraint(condition=~Q(name=""), name="gesturekind_has_a_name"),
            models.CheckConstraint(condition=Q(confirming__in=Confirming.values), name="gesturekind_confirming_known"),
            models.CheckConstraint(
                condition=Q(confirming=Confirming.NEVER) | ~Q(words={}),
                name="gesturekind_letter_has_words",
                violation_error_message=_("The letter needs a sentence. Write one, or choose no letter."),
            ),
            models.CheckConstraint(
                condition=Q(usual_cost__gte=0, highest_cost__gte=F("usual_cost")),
                name="gesturekind_costs_in_order",
                violation_error_message=_("The highest cost cannot be below the usual one, nor a cost below zero."),
            ),
        )

    def __str__(self) -> str:
        return self.name


class GivingAllowance(models.Model):
    """How much may be given without asking, in the house's currency: by a role or a person, to a tier, or in all.

    A person's own amount goes before their role's. With none of the three it is the whole house's month.
    """

    role = models.CharField(_("role"), max_length=20, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("colleague"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("Their own amount goes before their role's."),
    )
    tier = models.ForeignKey(
        Tier,
        verbose_name=_("tier"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("What all colleagues together may give to customers of this tier."),
    )
    per_gesture = models.DecimalField(
        _("for one gesture"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("For a role or a colleague. What costs more, a lead is asked."),
    )
    per_month = models.DecimalField(_("in a month"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("amount to give")
        verbose_name_plural = _("amounts to give")
        ordering = ("role", "person", "tier")
        constraints = (
            models.CheckConstraint(
                condition=(~Q(role="") & Q(person=None, tier=None))
                | Q(role="", person__isnull=False, tier=None)
                | Q(role="", person=None),
                name="givingallowance_for_one",
                violation_error_message=_("Choose a role, a colleague or a tier; with none it is for the whole house."),
            ),
            models.CheckConstraint(
                condition=Q(role="", person=None, per_gesture=None)
                | ((~Q(role="") | Q(person__isnull=False)) & Q(per_gesture__isnull=False)),
                name="givingallowance_gesture_by_whom",
                violation_error_message=_("Say how much for one gesture for a role or a colleague, and only for them."),
            ),
            models.CheckConstraint(
                condition=(Q(per_gesture=None) | Q(per_gesture__gte=0)) & Q(per_month__gte=0),
                name="givingallowance_not_negative",
                violation_error_message=_("An amount cannot be below zero."),
            ),
            models.UniqueConstraint(
                fields=("role", "person", "tier"),
                name="givingallowance_once",
                nulls_distinct=False,
                violation_error_message=_("There is an amount for them already."),
            ),
        )

    def __str__(self) -> str:
        return str(self.role or self.person or self.tier or _("The whole house"))
