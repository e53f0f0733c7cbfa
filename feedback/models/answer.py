"""Listening: visits as evidence, and answers."""

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from feedback.enums import Conflict, Doubt, Enjoyed, Outcome
from feedback.models.invitation import Invitation, Link


class Visit(models.Model):
    """One opening or pressing of a link. Rows are only ever added: neither changed nor taken away."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="visits", db_index=False)
    visited_at = models.DateTimeField(_("when"), db_default=Now())
    # By the database's clock; unknown for visits from before this was kept.
    after_letter = models.DurationField(_("after the letter left"), null=True, blank=True)
    method = models.CharField(_("method"), max_length=8)
    hint = models.CharField(_("answer in the link"), max_length=8, choices=Enjoyed.choices, blank=True)
    # A keyed digest of the browser's name and the coarse network, 64 bits: tells two visitors apart within one
    # invitation and cannot be turned back into an address.
    fingerprint = models.CharField(_("visitor"), max_length=16, blank=True)
    is_decoy = models.BooleanField(_("a link that people cannot see"), default=False, db_default=False)
    is_again = models.BooleanField(_("asked once more"), default=False, db_default=False)
    has_button = models.BooleanField(_("by our button"), default=False, db_default=False)
    outcome = models.CharField(
        _("what became of it"), max_length=12, choices=Outcome.choices, blank=True, default="", db_default=""
    )
    doubts = ArrayField(
        models.CharField(max_length=12, choices=Doubt.choices), verbose_name=_("doubts"), default=list, blank=True
    )

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ("visited_at",)
        constraints = (
            models.CheckConstraint(condition=Q(outcome="") | Q(outcome__in=Outcome.values), name="visit_outcome_known"),
            models.CheckConstraint(
                condition=Q(outcome="") | (Q(method="POST", has_button=True, is_decoy=False) & ~Q(hint="")),
                name="visit_outcome_of_a_press",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.DOUBTFUL, doubts__len__gt=0)
                | (~Q(outcome=Outcome.DOUBTFUL) & Q(doubts__len=0)),
                name="visit_doubtful_says_why",
            ),
        )
        indexes = (models.Index(fields=("link", "visited_at"), name="visit_of_link"),)
        triggers = (
            pgtrigger.Protect(name="visit_append_only", operation=pgtrigger.Update),
            pgtrigger.Protect(name="visit_stays", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.method} {self.visited_at:%Y-%m-%d %H:%M:%S}"


class AnswerQuerySet(models.QuerySet["Answer"]):
    """Questions about answers."""

    def with_state(self) -> "AnswerQuerySet":
        """Add `is_disputed`: whether an answer of the same invitation conflicts with it."""
        rivals = Answer.objects.filter(invitation=OuterRef("invitation")).exclude(conflict="")
        return self.annotate(is_disputed=Q(is_counted=True) & Exists(rivals))


@pghistory.track(append_only=True)
class Answer(models.Model):
    """What the customer said.

    At most one counts. A doubtful one is kept and shown, and stands in nobody's way; one that conflicts with the one
    that counts is kept beside it, and replaces nothing.
    """

    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="answers")
    enjoyed = models.CharField(_("answer"), max_length=8, choices=Enjoyed.choices)
    comment = models.TextField(_("comment"), blank=True, max_length=4000)
    language = models.CharField(
        _("language"),
        max_length=35,
        blank=True,
        default="",
        db_default="",
        help_text=_("Of the page that the comment was written on; empty: of the letter."),
    )
    doubts = ArrayField(
        models.CharField(max_length=12, choices=Doubt.choices), verbose_name=_("doubts"), default=list, blank=True
    )
    is_counted = models.BooleanField(_("counted"), default=True)
    conflict = models.CharField(
        _("conflict"), max_length=12, choices=Conflict.choices, blank=True, default="", db_default=""
    )
    answered_at = models.DateTimeField(_("when"), db_default=Now())

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ("-answered_at",)
        permissions = (
            ("view_insight", "May see what we hear: rates, answers, comments"),
            ("view_all_agents", "May see every colleague's rate, not just their own team's"),
            ("export_insight", "May take answers home as a file"),
        )
        constraints = (
            models.UniqueConstraint(fields=("invitation",), condition=Q(is_counted=True), name="answer_one_counted"),
            models.CheckConstraint(condition=Q(enjoyed__in=Enjoyed.values), name="answer_known"),
            models.CheckConstraint(
                condition=Q(is_counted=True, doubts__len=0, conflict="")
                | Q(is_counted=False, doubts__len__gt=0, conflict="")
                | (Q(is_counted=False, doubts__len=0) & ~Q(conflict="")),
                name="answer_counted_doubtful_or_conflicting",
            ),
            models.CheckConstraint(
                condition=Q(conflict="") | Q(conflict__in=Conflict.values), name="answer_conflict_known"
            ),
        )
        indexes = (
            models.Index(fields=("-answered_at", "-id"), name="answer_newest"),
            models.Index(fields=("invitation",), condition=Q(is_counted=False), name="answer_left_out"),
            # Comments by their words: as they stand, and by the stems of English.
            GinIndex(SearchVector("comment", config="simple"), name="answer_words", condition=~Q(comment="")),
            GinIndex(SearchVector("comment", config="english"), name="answer_english", condition=~Q(comment="")),
        )
        triggers = (
            pgtrigger.Trigger(
                name="answer_tone_goes_with_words",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("comment"),
                condition=pgtrigger.Condition("OLD.comment IS DISTINCT FROM NEW.comment"),
                func="DELETE FROM feedback_commenttone WHERE answer_id = NEW.id; RETURN NULL;",
            ),
        )

    def __str__(self) -> str:
        return self.get_enjoyed_display()
