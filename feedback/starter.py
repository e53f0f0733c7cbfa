"""What must be there before the first question is asked."""

from collections.abc import Callable
from typing import Any

from django.apps import apps as installed
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from customers.enums import IncidentKind
from feedback.enums import Enjoyed, QuestionKind
from feedback.models import AskingRules, Cause, MendingRules, Survey
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


def ensure_mending_rules() -> MendingRules:
    """Return the house's rules for mending, with the defaults where nobody has set any."""
    return MendingRules.objects.get_or_create(pk=1)[0]


def _causes() -> list[tuple[str, IncidentKind, list[str]]]:
    """The tree to begin with: a name, the incidents that count with it, and what is part of it."""
    return [
        (
            _("Courtesy"),
            IncidentKind.COURTESY,
            [_("Was not listened to"), _("A curt word"), _("Not recognised")],
        ),
        (_("Mix-up"), IncidentKind.MIX_UP, [_("Wrong thing sent"), _("Wrong person or address")]),
        (_("Transaction error"), IncidentKind.WRONG_BILL, [_("Wrong amount"), _("Refund not made")]),
        (_("Digital fault"), IncidentKind.DIGITAL, [_("Could not sign in"), _("Could not pay")]),
        (_("Late"), IncidentKind.LATE, [_("Parcel came late"), _("Nobody rang back")]),
        (_("Broken"), IncidentKind.BROKEN, [_("Broken on the way"), _("Broken when it left us")]),
        (_("Waiting"), IncidentKind.WAITING, [_("Kept on hold"), _("Had to say it again")]),
        (_("Not as described"), IncidentKind.RETURNED, []),
        (_("Something else"), IncidentKind.OTHER, []),
    ]


@transaction.atomic
def ensure_causes() -> bool:
    """Plant the tree of causes where there is none; return whether there was none. What managers made stays."""
    if Cause.objects.exists():
        return False
    for name, kind, parts in _causes():
        top = Cause.objects.create(name=name, incident_kind=kind)
        Cause.objects.bulk_create(Cause(parent=top, name=part) for part in parts)
    return True


def after_migrating(apps: Any = installed, **kwargs: Any) -> None:
    """Answer to `post_migrate`; on the way back there may be no table to fill."""
    for name, ensure in (
        ("AskingRules", ensure_asking_rules),
        ("MendingRules", ensure_mending_rules),
        ("Cause", ensure_causes),
        ("Survey", ensure_default_survey),
    ):
        try:
            apps.get_model("feedback", name)
        except LookupError:
            continue
        ensure()
