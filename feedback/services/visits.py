"""Evidence: each time a link is opened or pressed, a row."""

from feedback.enums import Enjoyed
from feedback.models import Link, Visit


def note_visit(*, link: Link, method: str, hint: str = "", fingerprint: str = "") -> Visit:
    """Keep a visit, with the database's time. A hint that is no answer is not kept."""
    return Visit.objects.create(
        link=link, method=method[:8], hint=hint if hint in Enjoyed.values else "", fingerprint=fingerprint
    )
