"""What the page shows of a survey: the follow-ups and the thank-you, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import QueryDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from feedback.forms import BLANK, FOLLOW_UP
from feedback.models import Question, Reply, Survey
from feedback.public.pages import direction_of
from feedback.wording import say


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a manager's. `language` and `direction` are empty where it is in the page's own language."""

    text: str
    language: str = ""
    direction: str = ""

    @property
    def attributes(self) -> SafeString:
        """What the HTML element around it says of its language."""
        languages = [(name, value) for name, value in (("lang", self.language), ("dir", self.direction)) if value]
        return format_html_join("", ' {}="{}"', languages)


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be ticked: what is sent for it, what it says, and whether it is ticked."""

    value: str
    label: Text
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question as the page shows it. Words for `text`, options for `choice` and `scale`."""

    name: str
    kind: str
    text: Text
    options: list[Option]
    low: Text
    high: Text
    words: str = ""
    was_blank: bool = False


def text_of(texts: Mapping[str, str]) -> Text:
    """Return a text in the page's language, or, marked as what it is, in the one that there is."""
    page = get_language() or settings.LANGUAGE_CODE
    said = say(texts, language=page, house=settings.LANGUAGE_CODE)
    is_own = said.language in (page, "")
    known = said.language in dict(settings.LANGUAGES)
    return Text(said.text, "" if is_own else said.language, direction_of(said.language) if known and not is_own else "")


def thanks_of(survey: Survey | None, enjoyed: str) -> Text | None:
    """Return the survey's thank-you after an answer, or None where the page's own is meant."""
    texts = survey.thanks(enjoyed) if survey else {}
    return text_of(texts) if texts else None


def follow_ups(
    questions: Sequence[Question], replies: Mapping[int, Reply], posted: QueryDict | None = None
) -> list[FollowUp]:
    """Return the follow-ups with what was replied, or with what was posted and could not be kept."""
    return [_follow_up(question, replies.get(question.pk), posted) for question in questions]


def _follow_up(question: Question, reply: Reply | None, posted: QueryDict | None) -> FollowUp:
    name = f"{FOLLOW_UP}{question.pk}"
    chosen = _chosen(reply) if posted is None else str(posted.get(name, ""))
    labels = {str(choice.pk): text_of(choice.text) for choice in question.choices.all()} or {
        str(number): Text(str(number)) for number in question.numbers
    }
    return FollowUp(
        name=name,
        kind=question.kind,
        text=text_of(question.text),
        options=[Option(value, label, value == chosen) for value, label in labels.items()],
        low=text_of(question.low_label),
        high=text_of(question.high_label),
        words="" if labels else chosen,
        was_blank=not chosen if posted is None else name in posted.getlist(BLANK),
    )


def _chosen(reply: Reply | None) -> str:
    if reply is None:
        return ""
    known = reply.choice_id if reply.choice_id is not None else reply.number
    return reply.text if known is None else str(known)
