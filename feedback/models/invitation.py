"""Asking: invitations, their links, and each time a link was opened."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Interaction, Letter
from feedback.enums import LinkPurpose, NotAsked
from feedback.models.survey import Survey


class AskingRules(models.Model):
    """How the house asks. There is one row."""

    is_asking = models.BooleanField(_("ask customers how it was"), default=True)
    days_between = models.PositiveSmallIntegerField(
        _("days between"), default=30, help_text=_("A customer is asked at most once in this many days.")
    )
    answer_days = models.PositiveSmallIntegerField(
        _("days to answer"), default=30, help_text=_("A link works for this long.")
    )

    class Meta:
        verbose_name = _("rules for asking")
        verbose_name_plural = _("rules for asking")
        constraints = (
            models.CheckConstraint(condition=Q(pk=1), name="askingrules_one_row"),
            models.CheckConstraint(condition=Q(answer_days__gte=1), name="askingrules_answer_days_positive"),
        )

    def __str__(self) -> str:
        return str(_("Rules for asking"))


class Invitation(models.Model):
    """What was done about one closed interaction: a letter, or a reason why not. One row each, for ever."""

    interaction = models.OneToOneField(Interaction, on_delete=models.PROTECT, related_name="invitation")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invitations", db_index=False)
    letter = models.OneToOneField(Letter, null=True, blank=True, on_delete=models.PROTECT, related_name="invitation")
    # The version that the letter and the page ask with; the page of an older letter takes the one in force.
    survey = models.ForeignKey(
        Survey, verbose_name=_("survey"), null=True, blank=True, on_delete=models.PROTECT, related_name="invitations"
    )
    not_asked = models.CharField(_("why not"), max_length=12, choices=NotAsked.choices, blank=True)
    created_at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(letter__isnull=False, not_asked="") | (Q(letter=None) & ~Q(not_asked="")),
                name="invitation_letter_or_reason",
            ),
        )
        indexes = (models.Index(fields=("customer", "-created_at"), name="invitation_of_customer"),)

    def __str__(self) -> str:
        return f"{self.customer_id}, {self.created_at:%Y-%m-%d}"


class Link(models.Model):
    """A link in a letter: only the SHA-256 of its token is kept. Each sending of a letter carries links of its own."""

    token_hash = models.BinaryField(max_length=32, unique=True)
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="links")
    purpose = models.CharField(_("for"), max_length=8, choices=LinkPurpose.choices)
    minted_at = models.DateTimeField(_("made"), db_default=Now())
    expires_at = models.DateTimeField(_("works until"))

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = (models.CheckConstraint(condition=Q(purpose__in=LinkPurpose.values), name="link_purpose_known"),)

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.expires_at:%Y-%m-%d}"
