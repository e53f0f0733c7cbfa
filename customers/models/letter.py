"""Letters: one message to one customer, or to a colleague. The row is the outbox and a line in the timeline."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.enums import LetterEventKind, LetterState
from customers.models.addressed import LETTERS_NAME_CUSTOMERS
from customers.models.customer import Customer


class LetterQuerySet(models.QuerySet["Letter"]):
    """Questions about letters, by the database's clock."""

    def due(self) -> "LetterQuerySet":
        """Those that should be on their way, the longest due first."""
        return self.filter(state=LetterState.QUEUED, due_at__lte=Now()).order_by("due_at", "pk")

    def lapsed(self) -> "LetterQuerySet":
        """Those whose sender has not reported back in time."""
        return self.filter(state=LetterState.SENDING, leased_until__lt=Now())


class Letter(models.Model):
    """A letter on its way. Secrets (links that open something) are filled in as it leaves and never stored here."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # That the customer is there, triggers see to, for a set of letters at a time.
    customer = models.ForeignKey(
        Customer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="letters",
        db_index=False,
        db_constraint=False,
    )
    colleague = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("colleague"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="letters",
        db_index=False,
    )
    # What it is and for what, such as "feedback.invitation" and the interaction's number: never written twice.
    kind = models.CharField(_("kind"), max_length=40)
    subject_key = models.CharField(max_length=80)
    to_address = models.CharField(_("to"), max_length=320)
    language = models.CharField(_("language"), max_length=12, default="en")
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    headers = models.JSONField(_("headers"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=LetterState.choices, default=LetterState.QUEUED)
    due_at = models.DateTimeField(_("due"), db_default=Now())
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # The claim: who sends it now and until when the claim holds.
    lease = models.UUIDField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    # Known before it leaves, so that a bounce or a provider's log can be matched even to an uncertain letter.
    message_id = models.CharField(_("Message-ID"), max_length=200, blank=True)
    reply = models.TextField(_("what the other side said"), blank=True)
    created_at = models.DateTimeField(_("written"), db_default=Now(), editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    # When we learned that it could not be delivered after all; a sent letter stays sent, and came back.
    bounced_at = models.DateTimeField(_("came back"), null=True, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = (
            models.UniqueConstraint(fields=("kind", "subject_key"), name="letter_once_per_subject"),
            models.UniqueConstraint(fields=("message_id",), condition=~Q(message_id=""), name="letter_message_id_once"),
            models.CheckConstraint(
                condition=Q(customer__isnull=False, colleague=None) | Q(customer=None, colleague__isnull=False),
                name="letter_to_a_customer_or_a_colleague",
            ),
            models.CheckConstraint(condition=Q(state__in=LetterState.values), name="letter_state_known"),
            models.CheckConstraint(
                condition=Q(state=LetterState.SENDING, lease__isnull=False, leased_until__isnull=False)
                | (~Q(state=LetterState.SENDING) & Q(lease=None, leased_until=None)),
                name="letter_leased_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(state=LetterState.SENT, sent_at__isnull=False)
                | (~Q(state=LetterState.SENT) & Q(sent_at=None)),
                name="letter_sent_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(bounced_at=None) | ~Q(message_id=""), name="letter_came_back_after_it_left"
            ),
        )
        indexes = (
            models.Index(fields=("customer", "-created_at"), name="letter_of_customer"),
            models.Index(fields=("colleague",), condition=Q(colleague__isnull=False), name="letter_of_colleague"),
            models.Index(fields=("due_at",), condition=Q(state=LetterState.QUEUED), name="letter_due"),
            models.Index(fields=("leased_until",), condition=Q(state=LetterState.SENDING), name="letter_leased"),
            models.Index(fields=("created_at",), condition=Q(state=LetterState.UNCERTAIN), name="letter_uncertain"),
            # Few among many: whoever counts letters that arrived asks here which did not.
            models.Index(
                fields=("id",),
                condition=~Q(state__in=(LetterState.SENT, LetterState.UNCERTAIN)),
                name="letter_not_arrived",
            ),
            models.Index(fields=("id",), condition=Q(bounced_at__isnull=False), name="letter_came_back"),
        )
        triggers = LETTERS_NAME_CUSTOMERS

    def __str__(self) -> str:
        return self.subject


class LetterEvent(models.Model):
    """One thing that happened to a letter: a try, a bounce, a colleague's word. Added, never changed."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="events", db_index=False)
    kind = models.CharField(_("what"), max_length=12, choices=LetterEventKind.choices)
    happened_at = models.DateTimeField(_("when"), db_default=Now())
    # The other side's words, as they came.
    words = models.TextField(_("in whose words"), blank=True)
    # The number that a report has where it comes from: the same report twice is one event.
    source_key = models.CharField(max_length=200, blank=True)
    # Who settled it; empty where nobody did.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )

    class Meta:
        verbose_name = _("event of a letter")
        verbose_name_plural = _("events of letters")
        ordering = ("happened_at", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=LetterEventKind.values), name="letterevent_kind_known"),
            models.UniqueConstraint(
                fields=("letter", "kind"),
                condition=Q(kind__in=(LetterEventKind.BOUNCED, LetterEventKind.COMPLAINED)),
                name="letterevent_once_for_all",
            ),
            models.UniqueConstraint(
                fields=("letter", "kind", "source_key"),
                condition=~Q(source_key=""),
                name="letterevent_once_per_source",
            ),
        )
        indexes = (
            models.Index(fields=("letter", "happened_at"), name="letterevent_of_letter"),
            models.Index(fields=("by",), condition=Q(by__isnull=False), name="letterevent_by_colleague"),
        )

    def __str__(self) -> str:
        return f"{self.letter_id}: {self.get_kind_display()}"
