"""Phones, email addresses and handles."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models.functions import Now, Reverse
from django.utils.translation import gettext_lazy as _

from customers.enums import ContactKind, SuppressionReason
from customers.models.customer import Customer
from customers.models.looking import looks_anew


@pghistory.track(append_only=True)
class ContactPoint(models.Model):
    """One way to reach a customer. Two people may share a line, so the same number may stand with several customers."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(_("kind"), max_length=10, choices=ContactKind.choices)
    value = models.CharField(_("as written"), max_length=320)
    # E.164 for a phone (with ";ext=" where there is one), the compared form for an address.
    normalised = models.CharField(_("as compared"), max_length=320)
    # A b-tree on reversed digits finds a phone by its tail, which is that of the line, before any extension.
    tail = models.GeneratedField(
        expression=Reverse(
            models.Func(models.F("normalised"), models.Value(";"), models.Value(1), function="split_part")
        ),
        output_field=models.CharField(max_length=320),
        db_persist=True,
    )
    label = models.CharField(_("label"), max_length=40, blank=True, help_text=_("“work”, “mobile”"))
    is_preferred = models.BooleanField(_("preferred"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("added"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "kind", "normalised"),
                condition=models.Q(is_active=True),
                name="contactpoint_once_while_active",
                violation_error_message=_("This customer already has that number or address."),
            ),
            models.UniqueConstraint(
                fields=("customer", "kind"),
                condition=models.Q(is_active=True, is_preferred=True),
                name="contactpoint_one_preferred",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=ContactKind.PHONE)
                | models.Q(normalised__regex=r"^\+[1-9][0-9]{3,14}(;ext=[0-9]{1,20})?$"),
                name="contactpoint_phone_is_e164",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=ContactKind.EMAIL) | models.Q(normalised__regex=r"^[^@\s]+@[^@\s]+$"),
                name="contactpoint_email_is_address",
            ),
        )
        indexes = (
            models.Index(
                fields=("normalised", "kind"),
                name="contactpoint_exact",
                condition=models.Q(is_active=True),
                opclasses=("text_pattern_ops", "text_ops"),
            ),
            # A number no longer in use may still say who calls; there are few.
            models.Index(
                fields=("normalised", "kind"),
                name="contactpoint_retired",
                condition=models.Q(is_active=False),
                opclasses=("text_pattern_ops", "text_ops"),
            ),
            models.Index(
                fields=("tail",),
                name="contactpoint_phone_tail",
                condition=models.Q(is_active=True, kind=ContactKind.PHONE),
                opclasses=("text_pattern_ops",),
            ),
        )
        triggers = looks_anew("contactpoint", "customer_id")

    def __str__(self) -> str:
        return self.value


class Suppression(models.Model):
    """An address that gets no more letters from us, whoever it belongs to."""

    address = models.CharField(_("address"), max_length=320, unique=True)
    reason = models.CharField(_("reason"), max_length=20, choices=SuppressionReason.choices)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        permissions = (("lift_suppression", "May enter suppressed addresses by hand, and have them written to again"),)

    def __str__(self) -> str:
        # Without the address: a name is shown to people who may not see it.
        return f"{self.pk}: {self.get_reason_display()}"


class LiftedSuppression(models.Model):
    """An address that got no letters for a while, and who said why it may get them again. Added, never changed."""

    address = models.CharField(_("address"), max_length=320)
    reason = models.CharField(_("reason"), max_length=20, choices=SuppressionReason.choices)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    suppressed_at = models.DateTimeField(_("from"))
    lifted_at = models.DateTimeField(_("until"), db_default=Now(), editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("lifted by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    why = models.CharField(_("why"), max_length=500)

    class Meta:
        verbose_name = _("address that gets letters again")
        verbose_name_plural = _("addresses that get letters again")
        ordering = ("-lifted_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=~models.Q(why=""), name="liftedsuppression_says_why"),
            models.CheckConstraint(
                condition=models.Q(suppressed_at__lte=models.F("lifted_at")), name="liftedsuppression_after_it_began"
            ),
        )
        indexes = (models.Index(fields=("address",), name="liftedsuppression_of_address"),)

    def __str__(self) -> str:
        return f"{self.pk}: {self.get_reason_display()}"
