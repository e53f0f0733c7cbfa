"""Surveys and their questions for tests."""

from typing import Any

from customers.models import TouchPoint
from feedback.enums import QuestionKind
from feedback.models import Survey
from feedback.services.surveys import NewQuestion, begin_survey, publish_survey


def choice(text: str = "Which?", *choices: str, **more: Any) -> NewQuestion:
    """A question with two choices, or these, in English."""
    some = choices or ("One", "Two")
    return NewQuestion(kind=QuestionKind.CHOICE, text={"en": text}, choices=[{"en": one} for one in some], **more)


def scale(text: str = "How much?", highest: int = 5, **more: Any) -> NewQuestion:
    """A scale in English."""
    return NewQuestion(kind=QuestionKind.SCALE, text={"en": text}, highest=highest, **more)


def words(text: str = "What else?", **more: Any) -> NewQuestion:
    """A question for words in English."""
    return NewQuestion(kind=QuestionKind.TEXT, text={"en": text}, **more)


def make_survey(*questions: NewQuestion, at: tuple[TouchPoint, ...] = (), **more: Any) -> Survey:
    """A draft, for all touch points or for these."""
    more.setdefault("name", "Questions")
    return begin_survey(is_for_all=not at, touch_points=[one.pk for one in at], questions=questions, **more)


def publish(*questions: NewQuestion, at: tuple[TouchPoint, ...] = (), **more: Any) -> Survey:
    """A published survey, for all touch points or for these."""
    return publish_survey(survey=make_survey(*questions, at=at, **more), by=None)
