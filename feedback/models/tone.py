"""How comments sound, told by a program: a hint beside the words, in no number."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from feedback.enums import Tone
from feedback.models.answer import Answer


class CommentTone(models.Model):
    """How the comment of an answer sounds. It goes when the words change (a trigger on answers sees to it)."""

    answer = models.OneToOneField(Answer, primary_key=True, on_delete=models.CASCADE, related_name="tone")
    tone = models.CharField(_("sounds"), max_length=12, choices=Tone.choices)
    told_by = models.CharField(_("told by"), max_length=40, help_text=_("The program, with its version."))
    told_at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("tone of a comment")
        verbose_name_plural = _("tones of comments")
        constraints = (
            models.CheckConstraint(condition=Q(tone__in=Tone.values), name="commenttone_known"),
            models.CheckConstraint(condition=~Q(told_by=""), name="commenttone_says_by_what"),
        )

    def __str__(self) -> str:
        return self.get_tone_display()
