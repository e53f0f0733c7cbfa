"""What became of something owed that a colleague is about to hand over."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _


def handed_meanwhile(handings: QuerySet[Any]) -> str:
    """Say who gave it to whom last, and with which words, to somebody who has not seen it. `handings`: those steps."""
    last = handings.select_related("by", "to").order_by("-pk").first()
    if last is None or last.by is None or last.to is None:
        return _("It has another owner by now. Press again to hand it over all the same.")
    words = f": “{last.words}”" if last.words else ""
    sentence = _("%(by)s gave it to %(to)s meanwhile%(words)s. Press again to hand it over all the same.")
    return sentence % {"by": last.by.display_name, "to": last.to.display_name, "words": words}
