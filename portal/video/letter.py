"""The letter with the link to a call by video, in the customer's language."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from customers.emails import Sample
from customers.models import Customer
from customers.zones import zone_of
from feedback.emails import Written, language_of
from tiers.services.rooms import token_of

VIDEO = "portal.video"
# Filled in as the letter leaves (portal.video.inviting).
VIDEO_LINK = "%VIDEO%"


def link_of(name: str) -> str:
    """Return the address of the link to the room of this name."""
    return settings.SITE_URL + reverse("video", args=[token_of(name)])


def until(at: datetime, time_zone: str) -> str:
    """Write until when the link works, by the customer's clock: “16:30 on 22 November”."""
    there = at.astimezone(zone_of(time_zone))
    day = formats.date_format(there, pgettext("a day within a sentence", "j F"))
    return _("%(time)s on %(day)s") % {"time": formats.date_format(there, "H:i"), "day": day}


def write_video(*, customer: Customer, expires_at: datetime, by: str) -> Written:
    """Write the letter; its link is a placeholder. `by`: the colleague who waits there."""
    language = language_of(customer.language)
    with translation.override(language):
        context = {
            "name": customer.address_as,
            "by": by,
            "until": until(expires_at, customer.time_zone),
            "link": VIDEO_LINK,
            "subject": _("Your video call with us"),
            "site_name": settings.SITE_NAME,
            "language": language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
        }
        return Written(
            language=language,
            subject=str(context["subject"]),
            text=render_to_string("video/letter.txt", context),
            html=render_to_string("video/letter.html", context),
            headers={},
        )


def sample_video(language: str) -> Sample:
    """Write a sample of it."""
    customer, by = Customer(full_name="Customer 1", language=language), get_user_model()(display_name="Colleague 1")
    found = write_video(customer=customer, expires_at=timezone.now() + timedelta(hours=4), by=by.display_name)
    return Sample(found.language, found.subject, found.text, found.html, found.headers)
