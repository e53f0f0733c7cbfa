"""Asking: what was done about each closed interaction, and the links that went out."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Interaction, Letter
from feedback.enums import LinkPurpose, NotAsked, WaitsFor
from feedback.models.naming import NAMES_WHAT_IS_THERE
from feedback.models.survey import Survey


class Invitation(models.Model):
    """What is done about one closed interaction: a letter, a reason why not, or for now a wait for one of the two.

    One row each, for ever. A row that waits is looked at again, and ends in a letter or a reason.
    """

    # That these three are there, and the customer's own, triggers see to, for a set of rows at a time.
    interaction = models.OneToOneField(
        Interaction, on_delete=models.PROTECT, related_name="invitation", db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="invitations", db_index=False, db_constraint=False
    )
    letter = models.OneToOneField(
        Letter, null=True, blank=True, on_delete=models.PROTECT, related_name="invitation", db_constraint=False
    )
    # A second letter, once, to somebody who did not answer the first.
    reminder = models.ForeignKey(
        Letter,
        verbose_name=_("reminder"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reminded",
        db_index=False,
    )
    # The version that the letter and the page ask with, set as the letter leaves; the page of an older letter takes
    # the one in force.
    survey = models.ForeignKey(
        Survey,
        verbose_name=_("survey"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="invitations",
        db_index=False,
    )
    not_asked = models.CharField(_("why not"), max_length=12, choices=NotAsked.choices, blank=True)
    waits_for = models.CharField(
        _("waits for"), max_length=12, choices=WaitsFor.choices, blank=True, default="", db_default=""
    )
    look_again_at = models.DateTimeField(_("looked at again"), null=True, blank=True)
    # Empty where it did not wait: then `created_at` is the time.
    settled_at = models.DateTimeField(_("settled after waiting"), null=True, blank=True)
    after_mending = models.BooleanField(
        _("after mending"),
        default=False,
        db_default=False,
        help_text=_("Something was wrong for the customer, and was put right before we asked."),
    )
    chance = models.FloatField(
        _("chance"),
        null=True,
        blank=True,
        help_text=_(
            "The share of contacts like this one that was chosen, 0 to 1. An answer speaks for 1 ÷ chance of them."
        ),
    )
    created_at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(letter__isnull=False, not_asked="", waits_for="", look_again_at=None)
                | (Q(letter=None, waits_for="", look_again_at=None) & ~Q(not_asked=""))
                | (
                    Q(letter=None, not_asked="", look_again_at__isnull=False, settled_at=None)
                    & Q(waits_for__in=WaitsFor.values)
                ),
                name="invitation_letter_reason_or_wait",
            ),
            # Partial, so that rows without a reminder cost nothing.
            models.UniqueConstraint(
                fields=("reminder",), condition=Q(reminder__isnull=False), name="invitation_reminder_of_one"
            ),
            models.CheckConstraint(
                condition=Q(reminder=None) | Q(letter__isnull=False), name="invitation_reminder_follows_letter"
            ),
            models.CheckConstraint(
                condition=Q(chance=None) | Q(chance__gte=0, chance__lte=1), name="invitation_chance_is_a_share"
            ),
        )
        indexes = (
            # With the letter, so that the few that were asked are found however many contacts nobody asked about.
            models.Index(fields=("customer", "letter"), name="invitation_of_customer_asked"),
            models.Index(fields=("survey",), condition=Q(survey__isnull=False), name="invitation_with_survey"),
            models.Index(fields=("look_again_at",), condition=~Q(waits_for=""), name="invitation_waiting"),
            models.Index(fields=("settled_at",), condition=Q(settled_at__isnull=False), name="invitation_settled"),
            # Rows are added in the order of their times: the index is a few pages whatever their number.
            BrinIndex(fields=("created_at",), name="invitation_by_day", pages_per_range=32, autosummarize=True),
        )
        triggers = NAMES_WHAT_IS_THERE

    def __str__(self) -> str:
        return f"{self.customer_id}, {self.created_at:%Y-%m-%d}"


class Link(models.Model):
    """A link in a letter: only the SHA-256 of its token is kept. Each sending of a letter carries links of its own."""

    token_hash = models.BinaryField(max_length=32, unique=True)
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="links")
    purpose = models.CharField(_("for"), max_length=8, choices=LinkPurpose.choices)
    # Which mending it asks about: one contact may have had several.
    put_right = models.ForeignKey(
        "feedback.PutRight", null=True, blank=True, on_delete=models.CASCADE, related_name="links", db_index=False
    )
    minted_at = models.DateTimeField(_("made"), db_default=Now())
    expires_at = models.DateTimeField(_("works until"))

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = (models.CheckConstraint(condition=Q(purpose__in=LinkPurpose.values), name="link_purpose_known"),)

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.expires_at:%Y-%m-%d}"
