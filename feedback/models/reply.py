"""What customers said to the questions after the first."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from feedback.models.answer import Answer
from feedback.models.survey import Choice, Question

TEXT_LENGTH = 1000


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), append_only=True)
class Reply(models.Model):
    """The reply to one follow-up: a choice, a number or words, as the question wants it.

    A reply stays when the answer before it is changed and the question is no longer asked; what is asked after the
    present answer is for whoever counts to look at (`Question.after`).
    """

    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="replies")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="replies")
    choice = models.ForeignKey(Choice, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("number"), null=True, blank=True)
    text = models.TextField(_("words"), blank=True, max_length=TEXT_LENGTH)
    replied_at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering = ("answer", "question__position")
        constraints = (
            models.UniqueConstraint(fields=("answer", "question"), name="reply_once"),
            models.CheckConstraint(
                condition=Q(choice__isnull=False, number=None, text="")
                | Q(choice=None, number__isnull=False, text="")
                | (Q(choice=None, number=None) & ~Q(text="")),
                name="reply_says_one_thing",
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="reply_fits_question",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NOT EXISTS (
                        SELECT FROM feedback_question AS question
                        WHERE question.id = NEW.question_id AND CASE question.kind
                            WHEN 'choice' THEN EXISTS (
                                SELECT FROM feedback_choice
                                WHERE id = NEW.choice_id AND question_id = NEW.question_id)
                            WHEN 'scale' THEN
                                NEW.number BETWEEN CASE question.highest WHEN 10 THEN 0 ELSE 1 END
                                           AND question.highest
                            ELSE NEW.text <> '' END
                    ) THEN
                        RAISE EXCEPTION 'the reply does not fit its question'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'reply_fits_question';
                    END IF;
                    RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return self.text or str(self.number if self.number is not None else self.choice_id)
