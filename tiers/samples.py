"""Samples of what we write to colleagues, for whoever wants to see it first."""

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from customers.emails import Sample
from tiers.emails import write_summary
from tiers.enums import Reason
from tiers.models import Run
from tiers.selectors.progress import Moved


def sample_summary(language: str) -> Sample:
    """Write the letter about what a re-tiering moved, with numbers that nobody counted."""
    with translation.override(language):
        run = Run(pk=0, as_of=timezone.localdate(), moves=42)
        moved = [
            Moved(from_tier=_("A tier"), to_tier=_("A higher tier"), reason=Reason.PROMOTED, count=30),
            Moved(from_tier=None, to_tier=_("A tier"), reason=Reason.FIRST, count=12),
        ]
        written = write_summary(run=run, moved=moved, notable=[])
    return Sample(language, written.subject, written.text, written.html, {})
