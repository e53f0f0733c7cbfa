"""The letter to managers about what a re-tiering moved. It tells no money: letters leave the house."""

from collections.abc import Sequence

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.notes import Note
from tiers.models import Move, Run
from tiers.selectors.progress import Moved

SUMMARY = "tiers.run_summary"


def write_summary(*, run: Run, moved: Sequence[Moved], notable: Sequence[Move]) -> Note:
    """Write what a finished run moved and why, with a link to its page."""
    number = number_format(run.moves, force_grouping=True)
    names = {"count": number, "day": date_format(run.as_of, "j F Y")}
    said = ngettext(
        "%(count)s customer moved as of %(day)s",
        "%(count)s customers moved as of %(day)s",
        run.moves,
    )
    shown = {
        "about": said % names,
        "run": run,
        "moved": moved,
        "notable": [(move, _address("contact", move.customer.public_id)) for move in notable],
        "link": _address("admin:tiers_run_change", run.pk),
        "site_name": settings.SITE_NAME,
        "language": settings.LANGUAGE_CODE,
    }
    return Note(
        subject=_("Tiers: %(about)s") % {"about": said % names},
        text=render_to_string("tiers/run_letter.txt", shown),
        html=render_to_string("tiers/run_letter.html", shown),
    )


def _address(name: str, key: object) -> str:
    return settings.SITE_URL + reverse(name, args=[key])
