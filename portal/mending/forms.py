"""What a colleague writes on the board."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.amends import kind_words
from feedback.enums import RecoveryState
from feedback.services.recoveries import LETTER_LENGTH
from portal.forms import HouseForm, Places


class HandOverForm(HouseForm):
    """Somebody else looks after it from now on."""

    name = "hand-over"
    to = forms.ChoiceField(label=_("To whom?"), error_messages={"required": _("Please choose a colleague.")})
    words = forms.CharField(label=_("A word for them"), max_length=300, required=False)

    def __init__(self, data: Any = None, *, people: Places, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", _("Please choose")), *people]


class MendForm(HouseForm):
    """A recovery ends, well or not: by its cause, with what was done, and with a word to the customer."""

    cause = forms.ChoiceField(
        label=_("What did it come from?"), error_messages={"required": _("Please choose what it came from.")}
    )
    what_was_done = forms.CharField(label=_("What was done for them?"), max_length=500)
    state = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(state.value, state.label) for state in (RecoveryState.MENDED, RecoveryState.NOT_MENDED)],
        widget=forms.RadioSelect,
        initial=RecoveryState.MENDED,
    )
    letter = forms.CharField(
        label=_("A letter to them, in your words"),
        required=False,
        max_length=LETTER_LENGTH,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("A greeting and your name are added. Leave it empty to send none."),
    )

    def __init__(self, data: Any = None, *, causes: Places, language: str = "", **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["cause"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", _("Please choose")), *causes]
        self.initial.setdefault("letter", kind_words(language=language))

    def clean_letter(self) -> str:
        """A browser sends line breaks of its own kind."""
        return str(self.cleaned_data["letter"]).replace("\r\n", "\n").strip()
