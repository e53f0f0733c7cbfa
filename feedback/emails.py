"""What we write to customers about an interaction, in their language."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from customers.enums import Channel
from customers.models import Customer, Interaction
from customers.zones import zone_of
from feedback.enums import Enjoyed
from feedback.models import Survey

INVITATION = "feedback.invitation"
REMINDER = "feedback.reminder"
# Filled in as the letter leaves (feedback.services.links).
ANSWER_LINK = "%ANSWER%"
STOP_LINK = "%STOP%"
# In the HTML alone, where nobody sees it: who opens it is a program.
DECOY_LINK = "%DECOY%"


@dataclass(frozen=True, slots=True)
class Written:
    """The parts of a letter, ready to be queued."""

    language: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]


def lead_question() -> str:
    """The one question. Its wording can be translated, not replaced."""
    return _("Did you enjoy your personal service experience with us?")


def language_of(code: str) -> str:
    """Return the language to write in: the customer's where the house speaks it, else that of most of its customers."""
    spoken = dict(settings.LANGUAGES)
    # Some systems write pt_BR.
    code = code.lower().replace("_", "-")
    for wanted in (code, code.partition("-")[0]):
        if wanted in spoken:
            return wanted
    return settings.CUSTOMER_LANGUAGE


def about(*, channel: str, at: datetime, time_zone: str) -> str:
    """Name an interaction as the customer remembers it: “About your call on 18 November”."""
    day = formats.date_format(at.astimezone(zone_of(time_zone)), pgettext("a day within a sentence", "j F"))
    sentences = {
        Channel.PHONE: _("About your call on %(day)s"),
        Channel.CHAT: _("About our chat on %(day)s"),
        Channel.EMAIL: _("About your email of %(day)s"),
        Channel.VISIT: _("About your visit on %(day)s"),
        Channel.VIDEO: _("About our video call on %(day)s"),
        Channel.WEB: _("About your visit to our website on %(day)s"),
    }
    return sentences[Channel(channel)] % {"day": day}


def served_by(agent: str) -> str:
    """Say who looked after the customer; nothing where nobody is named."""
    return _("You were in touch with %(agent)s.") % {"agent": agent} if agent else ""


def write_invitation(
    *,
    customer: Customer,
    interaction: Interaction,
    language: str | None = None,
    is_reminder: bool = False,
    is_after_mending: bool = False,
    survey: Survey | None = None,
) -> Written:
    """Write the letter that asks how it was, in a language of the house's (the customer's own by default).

    Its links are placeholders. The colleague is named only where the survey says so.
    """
    spoken = language_of(language or customer.language)
    agent = interaction.agent.display_name if survey and survey.names_agent and interaction.agent else ""
    with translation.override(spoken):
        sentence = about(channel=interaction.channel, at=interaction.opened_at, time_zone=customer.time_zone)
    return render_invitation(
        language=spoken,
        name=customer.address_as,
        about_it=sentence,
        agent=agent,
        is_reminder=is_reminder,
        is_after_mending=is_after_mending,
    )


def render_invitation(
    *,
    language: str,
    name: str,
    about_it: str,
    agent: str = "",
    is_reminder: bool = False,
    is_after_mending: bool = False,
) -> Written:
    """Render the letter from the few parts that differ; `about_it` is what `about` says, in the letter's language."""
    with translation.override(language):
        context = {
            "name": name,
            "about": about_it,
            "served_by": served_by(agent),
            "is_reminder": is_reminder,
            "is_after_mending": is_after_mending,
            "question": lead_question(),
            "answers": [(label, f"{ANSWER_LINK}?a={value}") for value, label in Enjoyed.choices],
            "stop_link": STOP_LINK,
            "decoy_link": DECOY_LINK,
            "site_name": settings.SITE_NAME,
            "language": language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
        }
        return Written(
            language=language,
            subject=_("%(about)s: a reminder") % {"about": about_it} if is_reminder else about_it,
            text=render_to_string("feedback/letter.txt", context),
            html=render_to_string("feedback/letter.html", context),
            # RFC 8058: one URI, and the header that says that a POST there is enough.
            headers={
                "List-Unsubscribe": f"<{STOP_LINK}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )
