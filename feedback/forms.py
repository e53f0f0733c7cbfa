"""What customers send."""

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.enums import Enjoyed
from feedback.services.answers import COMMENT_LENGTH


class AnswerForm(forms.Form):
    """One of the answers, and the press that confirms it."""

    enjoyed = forms.ChoiceField(
        choices=Enjoyed.choices,
        error_messages={
            "required": _("Please choose one of the answers."),
            "invalid_choice": _("Please choose one of the answers."),
        },
    )
    # Only our button sends it: what posts a link's address alone says nothing.
    confirm = forms.CharField(error_messages={"required": _("Please press the button to send your answer.")})


class CommentForm(forms.Form):
    """The customer's own words."""

    comment = forms.CharField(
        required=False,
        max_length=COMMENT_LENGTH,
        error_messages={"max_length": _("Please say it in at most %(limit_value)d characters.")},
    )
