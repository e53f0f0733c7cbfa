"""What must be there before the first question is asked."""

from typing import Any

from django.apps import apps as installed

from feedback.models import AskingRules


def ensure_asking_rules() -> AskingRules:
    """Return the house's rules for asking, with the defaults where nobody has set any."""
    return AskingRules.objects.get_or_create(pk=1)[0]


def after_migrating(apps: Any = installed, **kwargs: Any) -> None:
    """Answer to `post_migrate`; on the way back to nothing there is no table to fill."""
    try:
        apps.get_model("feedback", "AskingRules")
    except LookupError:
        return
    ensure_asking_rules()
