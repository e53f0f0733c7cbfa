"""The letter that confirms a gesture to the customer, in their language."""

from enum import Enum
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from customers.models import Customer
from feedback.emails import Written, language_of
from feedback.models import GestureKind
from feedback.wording import say

if TYPE_CHECKING:
    from portal.models import User

GESTURE = "feedback.gesture"


class Reply(Enum):
    """What became of a letter that was wanted."""

    WRITTEN = "written"
    NOT_FOR_THIS_KIND = "not_for_this_kind"
    NO_ADDRESS = "no_address"
    NO_CONSENT = "no_consent"


def write_gesture(*, customer: Customer, kind: GestureKind, by: "User") -> Written:
    """Write the letter: the kind's sentence between a greeting and the colleague's name.

    The sentence is the one of the customer's language, else of the house's own, which then the letter is in, too.
    """
    said = say(kind.words, language=language_of(customer.language), house=settings.LANGUAGE_CODE)
    with translation.override(said.language):
        context = {
            "name": customer.address_as,
            "words": said.text,
            "by": by.display_name,
            "subject": _("Something for you"),
            "site_name": settings.SITE_NAME,
            "language": said.language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
        }
        return Written(
            language=said.language,
            subject=str(context["subject"]),
            text=render_to_string("feedback/gesture_letter.txt", context),
            html=render_to_string("feedback/gesture_letter.html", context),
            headers={},
        )
