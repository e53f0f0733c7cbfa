"""What must be there before the first question is asked."""

from collections.abc import Callable
from typing import Any

from django.apps import apps as installed
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from feedback.enums import Enjoyed, QuestionKind
from feedback.models import AskingRules, Survey
from feedback.services.surveys import NewQuestion, begin_survey, publish_survey


def ensure_asking_rules() -> AskingRules:
    """Return the house's rules for asking, with the defaults where nobody has set any."""
    return AskingRules.objects.get_or_create(pk=1)[0]


@transaction.atomic
def ensure_default_survey() -> bool:
    """Publish the survey that a new house begins with, in all languages; False where there is a survey already."""
    if Survey.objects.exists():
        return False
    draft = begin_survey(name=_("How we begin"), questions=_questions())
    publish_survey(survey=draft, by=None)
    return True


def _questions() -> list[NewQuestion]:
    unhappy = (Enjoyed.PARTLY.value, Enjoyed.NO.value)
    return [
        NewQuestion(
            kind=QuestionKind.CHOICE,
            text=_everywhere(lambda: _("What made the difference?")),
            after=(Enjoyed.YES.value,),
            choices=[
                _everywhere(lambda: _("Somebody who knew me")),
                _everywhere(lambda: _("A kind word")),
                _everywhere(lambda: _("It was quick")),
                _everywhere(lambda: _("It was solved for good")),
                _everywhere(lambda: _("Something else")),
            ],
        ),
        NewQuestion(
            kind=QuestionKind.CHOICE,
            text=_everywhere(lambda: _("What should have been better?")),
            after=unhappy,
            choices=[
                _everywhere(lambda: _("The time I waited")),
                _everywhere(lambda: _("How I was spoken to")),
                _everywhere(lambda: _("Having to explain it again")),
                _everywhere(lambda: _("What was done about it")),
                _everywhere(lambda: _("What was promised and not kept")),
                _everywhere(lambda: _("Something else")),
            ],
        ),
        NewQuestion(
            kind=QuestionKind.SCALE,
            text=_everywhere(lambda: _("How much trouble was it for you?")),
            after=unhappy,
            highest=5,
            low_label=_everywhere(lambda: _("hardly any")),
            high_label=_everywhere(lambda: _("a great deal")),
        ),
    ]


def _everywhere(words: Callable[[], str]) -> dict[str, str]:
    """Return a text in each language."""
    texts = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts[language] = words()
    return texts


def after_migrating(apps: Any = installed, **kwargs: Any) -> None:
    """Answer to `post_migrate`; on the way back to nothing there is no table to fill."""
    for model, ensure in (("AskingRules", ensure_asking_rules), ("Survey", ensure_default_survey)):
        try:
            apps.get_model("feedback", model)
        except LookupError:
            continue
        ensure()
