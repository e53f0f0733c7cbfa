"""What we write about mending: to the customer, in their language, and to colleagues who should know."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from customers.models import Customer, Interaction
from customers.notes import Note
from feedback.emails import STOP_LINK, Written, about, language_of
from feedback.enums import Chased, YesNo
from feedback.models import Recovery

if TYPE_CHECKING:
    from portal.models import User

MENDED = "feedback.mended"
PUT_RIGHT = "feedback.put_right"
CHASE = "feedback.chase"
HANDED_OVER = "feedback.handed_over"
# Filled in as the letter leaves.
MENDED_LINK = "%MENDED%"


def kind_words(*, language: str) -> str:
    """Return how a letter to somebody whom we let down may begin, in their language. A colleague makes it their own."""
    with translation.override(language_of(language)):
        return _(
            "Thank you for telling us that it was not as it should have been. I am sorry about it.\n\n"
            "We have looked into it and put right what we could. If anything is still not as you wish, please "
            "answer this letter: it comes to us."
        )


def put_right_question() -> str:
    """The question, some days after."""
    return _("Did we put it right?")


def write_mended(*, customer: Customer, interaction: Interaction, words: str, by: "User") -> Written:
    """Write the personal letter: a colleague's words between a greeting and their name.

    It says that no program wrote it (RFC 3834), so whoever is away may have their mail say so.
    """
    headers = {"Auto-Submitted": "no"}
    return _write(customer, interaction, "mended_letter", {"words": words, "by": by.display_name}, headers)


def write_put_right(*, customer: Customer, interaction: Interaction) -> Written:
    """Write the letter that asks whether we put it right. Its links are placeholders."""
    parts: dict[str, object] = {
        "links": [(value, f"{MENDED_LINK}?a={value}") for value in YesNo.values],
        "stop_link": STOP_LINK,
    }
    headers = {"List-Unsubscribe": f"<{STOP_LINK}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return _write(customer, interaction, "put_right_letter", parts, headers)


def _write(
    customer: Customer, interaction: Interaction, template: str, parts: dict[str, object], headers: dict[str, str]
) -> Written:
    language = language_of(customer.language)
    with translation.override(language):
        labels = dict(YesNo.choices)
        context = parts | {
            "customer": customer,
            "about": about(channel=interaction.channel, at=interaction.opened_at, time_zone=customer.time_zone),
            "question": put_right_question(),
            "site_name": settings.SITE_NAME,
            "language": language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
        }
        if isinstance(links := parts.get("links"), list):
            context["answers"] = [(str(labels[value]), link) for value, link in links]
        return Written(
            language=language,
            subject=str(context["about"]),
            text=render_to_string(f"feedback/{template}.txt", context),
            html=render_to_string(f"feedback/{template}.html", context),
            headers=headers,
        )


def write_chase(*, recovery: Recovery, stage: Chased) -> Note:
    """Write to whoever should see that somebody mends it. The customer's own words stay in the house."""
    name, due = recovery.customer.full_name, _moment(recovery.due_at)
    sentences = {
        Chased.TOLD: _("%(name)s was not happy with us. It is yours to mend by %(due)s."),
        Chased.REMINDED: _("Amends to %(name)s are due by %(due)s."),
        Chased.LATE: _("Amends to %(name)s were due by %(due)s. They are still waiting."),
        Chased.ESCALATED: _("Amends to %(name)s were due by %(due)s, and they are not made. Please see to it."),
    }
    if stage is Chased.TOLD and recovery.times_reopened:
        sentences[stage] = _("%(name)s says that we did not put it right. Please look again by %(due)s.")
    return _note(recovery, sentences[stage] % {"name": name, "due": due})


def write_handed_over(*, recovery: Recovery, by: "User | None") -> Note:
    """Write to the colleague whose matter it is now."""
    said = _("Amends to %(name)s are yours now, due by %(due)s.") % {
        "name": recovery.customer.full_name,
        "due": _moment(recovery.due_at),
    }
    if by is not None:
        said = f"{said} {_('%(by)s has handed them over.') % {'by': by.display_name}}"
    return _note(recovery, said)


def _note(recovery: Recovery, said: str) -> Note:
    shown = {
        "said": said,
        "link": settings.SITE_URL + reverse("mending_one", args=[recovery.pk]),
        "site_name": settings.SITE_NAME,
        "language": settings.LANGUAGE_CODE,
    }
    return Note(
        subject=_("Mending: %(name)s") % {"name": recovery.customer.full_name},
        text=render_to_string("feedback/chase_letter.txt", shown),
        html=render_to_string("feedback/chase_letter.html", shown),
    )


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F, H:i")
