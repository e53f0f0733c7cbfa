"""What a colleague writes on the board."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.enums import Anybody
from feedback.amends import kind_words
from feedback.enums import RecoveryState
from feedback.forms import Words
from feedback.models import Recovery
from feedback.services.recoveries import LETTER_LENGTH
from portal.forms import HouseForm, Places


class HandOverForm(HouseForm):
    """Somebody else looks after it from now on."""

    name = "hand-over"
    to = forms.ChoiceField(label=_("To whom?"), error_messages={"required": _("Please choose a colleague.")})
    words = forms.CharField(label=_("A word for them"), max_length=300, required=False)
    # Whose it was when the form was drawn: what a colleague decided meanwhile is not undone unseen.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, people: Places, owner_id: int | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.initial["seen"] = str(owner_id or "")
        self.offer("to", people, unchosen=_("Please choose"))

    @property
    def held_by(self) -> int | Anybody | None:
        """The owner whom the colleague saw; anybody, where the form does not say."""
        seen = self.data.get("seen")
        if seen == "":
            return None
        return int(seen) if seen and seen.isdecimal() else Anybody.ANYBODY

    def look_again(self, owner_id: int | None) -> None:
        """After a refusal: whoever presses again has seen whose it is now."""
        self.data = {**self.data.dict(), "seen": str(owner_id or "")}  # type: ignore[attr-defined]


def what_they_wrote(recovery: Recovery, form: HouseForm) -> str:
    """Say by whom and how a recovery was closed meanwhile; nothing where that is what the form says, too."""
    recovery.refresh_from_db()
    told = form.cleaned_data
    if recovery.what_was_done == " ".join(told["what_was_done"].split()) and recovery.state == told["state"]:
        return ""
    by = recovery.closed_by.display_name if recovery.closed_by else gettext("The house")
    sentence = gettext("%(name)s closed it meanwhile: “%(words)s”.")
    return sentence % {"name": by, "words": recovery.what_was_done}


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
    letter = Words(
        label=_("A letter to them, in your words"),
        required=False,
        max_length=LETTER_LENGTH,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("A greeting and your name are added. Leave it empty to send none."),
    )

    def __init__(self, data: Any = None, *, causes: Places, language: str = "", **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.offer("cause", causes, unchosen=_("Please choose"))
        self.initial.setdefault("letter", kind_words(language=language))
