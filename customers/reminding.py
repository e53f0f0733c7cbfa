"""Letters to colleagues about promises: whose, to whom and by when. What was promised stays in the house."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from customers.models import Promise
from customers.notes import Note

if TYPE_CHECKING:
    from portal.models import User

PROMISE = "customers.promise"


def write_reminder(*, promise: Promise) -> Note:
    """Write to the owner before a promise is due."""
    return _write(promise, _("Your promise to %(name)s is due by %(due)s."))


def write_late(*, promise: Promise) -> Note:
    """Write to the owner when its time has passed."""
    return _write(promise, _("Your promise to %(name)s was due by %(due)s. They are still waiting."))


def write_handed_over(*, promise: Promise, by: "User | None") -> Note:
    """Write to the colleague whose promise it is now."""
    more = f" {_('%(by)s has handed it over.') % {'by': by.display_name}}" if by is not None else ""
    return _write(promise, _("A promise to %(name)s is yours now, due by %(due)s."), more)


def _write(promise: Promise, sentence: str, more: str = "") -> Note:
    name = promise.customer.full_name
    said = sentence % {"name": name, "due": date_format(timezone.localtime(promise.due_at), "j F, H:i")} + more
    shown = {
        "said": said,
        "link": settings.SITE_URL + reverse("promise_one", args=[promise.pk]),
        "site_name": settings.SITE_NAME,
        "language": settings.LANGUAGE_CODE,
    }
    return Note(
        subject=(_("Promised to %(name)s") % {"name": name})[:200],
        text=render_to_string("customers/promise_letter.txt", shown),
        html=render_to_string("customers/promise_letter.html", shown),
    )
