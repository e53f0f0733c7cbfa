"""What customers send."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from feedback.enums import Enjoyed, QuestionKind, YesNo
from feedback.models import Question
from feedback.models.reply import TEXT_LENGTH
from feedback.services.answers import COMMENT_LENGTH

# The name of a follow-up's field is this and the question's key.
FOLLOW_UP = "q"
# Names the fields of words that were empty when the page was drawn.
BLANK = "blank"


class Words(forms.CharField):
    """Words of more than one line: a line's end is one character, as the browser counts it that sends two."""

    def to_python(self, value: Any) -> Any:
        """Return the words with line ends of one kind, before they are counted."""
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


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


class MoreForm(forms.Form):
    """What follows the first answer, all of it optional: the follow-ups, and the customer's own words.

    When it is valid, `given` holds the replies by the question's key; a question that was left out is not in it. Words
    that were there already and are emptied are taken back. A field that was empty when its page was drawn, and still
    is, says nothing: the words may have been written in another window since.
    """

    comment = Words(
        required=False,
        max_length=COMMENT_LENGTH,
        error_messages={"max_length": _("Please say it in at most %(limit_value)d characters.")},
    )

    data: QueryDict

    def __init__(self, data: QueryDict, *, questions: Sequence[Question] = ()) -> None:
        super().__init__(data)
        self.questions = questions
        for question in questions:
            self.fields[f"{FOLLOW_UP}{question.pk}"] = _follow_up(question)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        asked = {f"{FOLLOW_UP}{question.pk}" for question in self.questions}
        others = {name for name in self.data if name[:1] == FOLLOW_UP and name[1:].isdecimal()} - asked
        if others:
            raise forms.ValidationError(_("The questions have changed with your answer. Please look once more."))
        return found

    @property
    def given(self) -> dict[int, int | str]:
        """What `record_replies` takes; only of a valid form."""
        names = {question.pk: f"{FOLLOW_UP}{question.pk}" for question in self.questions}
        # Nothing ticked says nothing.
        return {
            pk: self.cleaned_data[name]
            for pk, name in names.items()
            if name in self.data and self.cleaned_data[name] is not None and not self._is_untouched(name)
        }

    @property
    def words(self) -> str | None:
        """Their words; None where nothing is said about them."""
        return None if self._is_untouched("comment") else self.cleaned_data["comment"]

    def _is_untouched(self, name: str) -> bool:
        return self.cleaned_data[name] == "" and name in self.data.getlist(BLANK)


def _follow_up(question: Question) -> forms.Field:
    if question.kind == QuestionKind.TEXT:
        return Words(
            required=False,
            max_length=TEXT_LENGTH,
            error_messages={"max_length": _("Please say it in at most %(limit_value)d characters.")},
        )
    numbers = [choice.pk for choice in question.choices.all()] if question.kind == QuestionKind.CHOICE else []
    return forms.TypedChoiceField(
        required=False,
        choices=[(str(number), str(number)) for number in numbers or question.numbers],
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": _("Please choose one of the answers.")},
    )


class PutRightForm(forms.Form):
    """Whether we put it right, in a press and in words."""

    said = forms.ChoiceField(
        choices=YesNo.choices,
        error_messages={
            "required": _("Please choose one of the answers."),
            "invalid_choice": _("Please choose one of the answers."),
        },
    )
    words = Words(
        required=False,
        max_length=COMMENT_LENGTH,
        error_messages={"max_length": _("Please say it in at most %(limit_value)d characters.")},
    )
    # Only our button sends it: what posts a link's address alone says nothing.
    confirm = forms.CharField(error_messages={"required": _("Please press the button to send your answer.")})
