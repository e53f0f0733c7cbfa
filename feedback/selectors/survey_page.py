"""A survey as colleagues read it: its questions in the house's language, and what is missing in the others."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.text import get_text_list
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from customers.models import TouchPoint
from feedback.enums import Enjoyed
from feedback.models import Question, QuestionTouchPoint, Survey
from feedback.wording import missing_in, say


@dataclass(frozen=True, slots=True)
class Described:
    """A question in words: what is asked, when, how it is answered, and the languages that it is not written in."""

    text: str
    when: str
    how: str
    choices: list[str]
    missing: str


def describe(survey: Survey) -> list[Described]:
    """Return the questions of a survey in words."""
    found = survey.questions.order_by("position").prefetch_related("choices", "scopes__touch_point")
    return [_describe(question) for question in found]


def thanks_in_words(survey: Survey) -> list[tuple[str, str]]:
    """Return the thank-yous that are written, each with the answer that it follows."""
    return [(str(one.label), _house(survey.thanks(one))) for one in Enjoyed if survey.thanks(one)]


def places_told_apart(survey: Survey) -> list[tuple[int, str]]:
    """Return the touch points at which a survey asks something of its own, with their names."""
    named = QuestionTouchPoint.objects.filter(question__survey=survey).values("touch_point")
    places = TouchPoint.objects.filter(pk__in=named)
    return list(places.order_by("name").values_list("pk", "name"))


def missing_languages(survey: Survey) -> str:
    """Return the languages in which something of a survey is not written, in words."""
    missing = {code for texts in _all_texts(survey) for code in missing_in(texts, _codes())}
    return _names([code for code in _codes() if code in missing])


def _describe(question: Question) -> Described:
    after = [str(one.label) for one in Enjoyed if one.value in question.after]
    when = _("After %(answers)s") % {"answers": get_text_list([f"“{one}”" for one in after], _("or"))}
    if places := [scope.touch_point.name for scope in question.scopes.all()]:
        when = _("%(when)s, at %(places)s") % {"when": when, "places": get_text_list(places, _("or"))}
    choices = list(question.choices.all())
    how = str(question.get_kind_display())
    if question.highest:
        ends = {
            "lowest": f"{question.numbers[0]} {_house(question.low_label)}".strip(),
            "highest": f"{question.highest} {_house(question.high_label)}".strip(),
        }
        how = _("From %(lowest)s to %(highest)s") % ends
    texts = [question.text, question.low_label, question.high_label, *(choice.text for choice in choices)]
    missing = {code for one in texts for code in missing_in(one, _codes())}
    return Described(
        text=_house(question.text),
        when=when,
        how=how,
        choices=[_house(choice.text) for choice in choices],
        missing=_names([code for code in _codes() if code in missing]),
    )


def _all_texts(survey: Survey) -> list[Mapping[str, str]]:
    texts: list[Mapping[str, str]] = [survey.thanks(one) for one in Enjoyed]
    for question in survey.questions.prefetch_related("choices"):
        texts += [question.text, question.low_label, question.high_label]
        texts += [choice.text for choice in question.choices.all()]
    return texts


def _house(texts: Mapping[str, str]) -> str:
    return say(texts, language=settings.LANGUAGE_CODE, house=settings.LANGUAGE_CODE).text


def _codes() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def _names(codes: list[str]) -> str:
    return get_text_list([str(get_language_info(code)["name_translated"]) for code in codes], _("and"))
