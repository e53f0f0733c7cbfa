"""Evidence: each time a link is opened or pressed, a row."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, Value
from django.db.models.functions import Now

from feedback.enums import ANSWERS, LinkPurpose
from feedback.models import Link, Visit
from feedback.selectors.evidence import left_at


def note_visit(
    *,
    link: Link,
    method: str,
    hint: str = "",
    fingerprint: str = "",
    is_again: bool = False,
    has_button: bool = False,
    outcome: str = "",
    doubts: Sequence[str] = (),
    at: datetime | None = None,
    left: datetime | None = None,
) -> Visit:
    """Keep a visit, at the database's time unless it was asked for it before. A hint that is no answer is not kept.

    `is_again` is for the page that asks once more with no answer chosen; `outcome` and `doubts` are for presses.
    `left`: when the letter left, where that was read before.
    """
    when = Value(at, output_field=DateTimeField()) if at else Now()
    after: ExpressionWrapper = ExpressionWrapper(
        when - Value(left or left_at(link), output_field=DateTimeField()), output_field=DurationField()
    )
    return Visit.objects.create(
        link=link,
        visited_at=when,
        after_letter=after,
        method=method[:8],
        hint=hint if hint in ANSWERS else "",
        fingerprint=fingerprint,
        is_decoy=link.purpose == LinkPurpose.DECOY,
        is_again=is_again,
        has_button=has_button,
        outcome=outcome,
        doubts=list(doubts),
    )
