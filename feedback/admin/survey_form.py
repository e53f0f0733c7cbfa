"""The form in which a manager writes a survey: a card to a question, the other languages behind a fold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from unfold.widgets import BASE_CLASSES, CHECKBOX_CLASSES, SELECT_CLASSES

from customers.models import TouchPoint
from feedback.enums import Enjoyed, QuestionKind
from feedback.models import Question, Survey
from feedback.models.survey import MOST_QUESTIONS
from feedback.services.surveys import NewQuestion

_BOX = " ".join((*BASE_CLASSES, "px-3", "py-2", "w-full"))
# The browser's own arrow stands in the place of unfold's, which needs a box of its own around it.
_CHOICE = " ".join(name for name in SELECT_CLASSES if name != "appearance-none")
_TEXTS = ("text", "choices", "low", "high")


@dataclass(frozen=True, slots=True)
class InLanguage:
    """The fields of one language, by what they are for."""

    code: str
    name: str
    fields: dict[str, forms.BoundField]


@dataclass(frozen=True, slots=True)
class Card:
    """One of the four places for a question. The house's own language stands first."""

    place: int
    kind: forms.BoundField
    after: forms.BoundField
    touch_points: forms.BoundField
    highest: forms.BoundField
    house: InLanguage
    others: list[InLanguage]
    is_wrong: bool


class _Ticks(forms.CheckboxSelectMultiple):
    """Boxes to tick, as the admin draws them."""

    def __init__(self) -> None:
        super().__init__(attrs={"class": " ".join(CHECKBOX_CLASSES)})


class SurveyForm(forms.Form):
    """A draft. `touch_points` are those that can be chosen; when it is valid, `written` is what was written."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, widget=forms.TextInput(attrs={"class": _BOX}))
    is_for_all = forms.TypedChoiceField(
        label=gettext_lazy("Asked about contacts at"),
        choices=(
            ("yes", gettext_lazy("all touch points that have no survey of their own")),
            ("no", gettext_lazy("these touch points:")),
        ),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    names_agent = forms.BooleanField(
        label=gettext_lazy("Name the colleague in the letter and on the page"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": " ".join(CHECKBOX_CLASSES)}),
    )

    def __init__(self, data: Any = None, *, touch_points: Sequence[TouchPoint], survey: Survey | None = None) -> None:
        super().__init__(data)
        self.questions: list[NewQuestion] = []
        self.at = [(str(one.pk), one.name) for one in touch_points]
        self.fields["touch_points"] = self._some_touch_points()
        for place in range(1, MOST_QUESTIONS + 1):
            self._add_question(place)
        for enjoyed in Enjoyed:
            for code, name in _languages():
                self.fields[f"thanks-{enjoyed}-{code}"] = _text(enjoyed.label, code, name, rows=2)
        self.initial = _initial(survey)

    def _some_touch_points(self) -> forms.Field:
        return forms.TypedMultipleChoiceField(
            label=_("Touch points"), choices=self.at, coerce=int, required=False, widget=_Ticks()
        )

    def _add_question(self, place: int) -> None:
        self.fields[f"{place}-kind"] = forms.ChoiceField(
            label=_("How it is answered"),
            choices=[("", _("No question here")), *QuestionKind.choices],
            required=False,
            widget=forms.Select(attrs={"class": _CHOICE}),
        )
        self.fields[f"{place}-after"] = forms.MultipleChoiceField(
            label=_("Asked after"), choices=Enjoyed.choices, required=False, widget=_Ticks()
        )
        self.fields[f"{place}-at"] = self._some_touch_points()
        self.fields[f"{place}-highest"] = forms.TypedChoiceField(
            label=_("Scale"),
            choices=((5, _("from 1 to 5")), (10, _("from 0 to 10"))),
            coerce=int,
            empty_value=None,
            required=False,
            widget=forms.Select(attrs={"class": _CHOICE}),
        )
        labels = {
            "text": _("Question"),
            "choices": _("Answers, one to a line"),
            "low": _("The lowest number means"),
            "high": _("The highest number means"),
        }
        for part in _TEXTS:
            for code, name in _languages():
                rows = {"text": 1, "choices": 5}.get(part, 1)
                self.fields[f"{place}-{part}-{code}"] = _text(labels[part], code, name, rows=rows)

    # --- reading what was written ----------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not self.errors:
            self.questions = [new for place in range(1, MOST_QUESTIONS + 1) for new in self._question(place, found)]
        return found

    def _question(self, place: int, found: dict[str, Any]) -> Iterator[NewQuestion]:
        kind = found[f"{place}-kind"]
        texts = {part: self._texts(f"{place}-{part}") for part in _TEXTS}
        if not kind:
            if texts["text"]:
                self.add_error(f"{place}-kind", _("Choose how it is answered, or empty the question."))
            return
        after = found[f"{place}-after"]
        if not after:
            # It takes the field out of `found`.
            self.add_error(f"{place}-after", _("Tick at least one answer after which it is asked."))
        yield NewQuestion(
            kind=kind,
            text=texts["text"],
            after=after,
            touch_points=found[f"{place}-at"],
            choices=self._choices(place, texts["choices"]) if kind == QuestionKind.CHOICE else (),
            highest=(found[f"{place}-highest"] or 5) if kind == QuestionKind.SCALE else None,
            low_label=texts["low"],
            high_label=texts["high"],
        )

    def _choices(self, place: int, texts: dict[str, str]) -> list[dict[str, str]]:
        """Return the answers by language from a list of lines in each; every list is as long as the house's own."""
        lines = {code: [line.strip() for line in text.splitlines() if line.strip()] for code, text in texts.items()}
        house = lines.get(settings.LANGUAGE_CODE, [])
        for code, some in lines.items():
            if len(some) != len(house):
                self.add_error(
                    f"{place}-choices-{code}",
                    _("%(many)d lines here and %(house)d in the house’s language: write them in the same order.")
                    % {"many": len(some), "house": len(house)},
                )
        return [
            {code: some[number] for code, some in lines.items() if number < len(some)} for number in range(len(house))
        ]

    def _texts(self, name: str) -> dict[str, str]:
        texts = {code: self.cleaned_data.get(f"{name}-{code}", "").strip() for code, _name in _languages()}
        return {code: text for code, text in texts.items() if text}

    @property
    def written(self) -> dict[str, Any]:
        """What `write_survey` takes; only of a valid form."""
        return {name: self.cleaned_data[name] for name in ("name", "is_for_all", "touch_points", "names_agent")} | {
            "thanks": {enjoyed: self._texts(f"thanks-{enjoyed}") for enjoyed in Enjoyed.values},
            "questions": self.questions,
        }

    # --- as the page shows it --------------------------------------------------------------------

    def cards(self) -> list[Card]:
        """Return the four places with their fields."""
        return [self._card(place) for place in range(1, MOST_QUESTIONS + 1)]

    def _card(self, place: int) -> Card:
        house, *others = [
            InLanguage(code, name, {part: self[f"{place}-{part}-{code}"] for part in _TEXTS})
            for code, name in _languages()
        ]
        return Card(
            place=place,
            kind=self[f"{place}-kind"],
            after=self[f"{place}-after"],
            touch_points=self[f"{place}-at"],
            highest=self[f"{place}-highest"],
            house=house,
            others=others,
            is_wrong=any(name.startswith(f"{place}-") for name in self.errors),
        )

    def thanks(self) -> list[InLanguage]:
        """Return the thank-yous by language, each by the answer's label."""
        return [
            InLanguage(code, name, {str(one.label): self[f"thanks-{one}-{code}"] for one in Enjoyed})
            for code, name in _languages()
        ]


def _languages() -> list[tuple[str, str]]:
    """Return codes and names, the house's own first."""
    house = settings.LANGUAGE_CODE
    ordered = sorted((code for code, _name in settings.LANGUAGES), key=lambda code: code != house)
    return [(code, str(get_language_info(code)["name_translated"])) for code in ordered]


def _text(label: Any, code: str, language: str, *, rows: int) -> forms.CharField:
    attrs = {
        "class": _BOX,
        "lang": code,
        "dir": "rtl" if get_language_info(code)["bidi"] else "ltr",
        "aria-label": f"{label} ({language})",
    }
    widget = forms.TextInput(attrs=attrs) if rows == 1 else forms.Textarea(attrs={**attrs, "rows": rows})
    return forms.CharField(label=str(label), required=False, max_length=1000 if rows > 1 else 200, widget=widget)


def _initial(survey: Survey | None) -> dict[str, Any]:
    blank = {f"{place}-after": list(Enjoyed.values) for place in range(1, MOST_QUESTIONS + 1)}
    if survey is None:
        return {**blank, "is_for_all": "yes"}
    found: dict[str, Any] = {
        **blank,
        "name": survey.name,
        "is_for_all": "yes" if survey.is_for_all else "no",
        "touch_points": [str(scope.touch_point_id) for scope in survey.scopes.all()],
        "names_agent": survey.names_agent,
    }
    for enjoyed in Enjoyed.values:
        found |= {f"thanks-{enjoyed}-{code}": text for code, text in survey.thanks(enjoyed).items()}
    for question in survey.questions.order_by("position").prefetch_related("choices", "scopes"):
        found |= _of_question(question)
    return found


def _of_question(question: Question) -> dict[str, Any]:
    place = question.position
    found: dict[str, Any] = {
        f"{place}-kind": question.kind,
        f"{place}-after": question.after,
        f"{place}-at": [str(scope.touch_point_id) for scope in question.scopes.all()],
        f"{place}-highest": question.highest or 5,
    }
    parts = (("text", question.text), ("low", question.low_label), ("high", question.high_label))
    for part, texts in parts:
        found |= {f"{place}-{part}-{code}": text for code, text in texts.items()}
    choices = list(question.choices.all())
    for code, _name in _languages():
        lines = [choice.text.get(code, "") for choice in choices]
        found[f"{place}-choices-{code}"] = "\n".join(line for line in lines if line)
    return found
