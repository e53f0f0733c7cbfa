"""What customers said."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import BooleanField, ExpressionWrapper, Q, Value
from django.db.models.functions import Coalesce, Now, NullIf

from feedback.models import Answer, Invitation

# For so long an answer may be changed, and a comment added; then it stands.
CHANGEABLE_FOR = timedelta(hours=24)
# The language of the page on which the comment was written, "" where not known.
WRITTEN_IN = Coalesce(NullIf("language", Value("")), "invitation__letter__language", Value(""))


@dataclass(frozen=True, slots=True)
class Told:
    """The answer that stands, and whether it may still be changed."""

    answer: Answer
    can_change: bool


def standing_answer(*, invitation: Invitation) -> Told | None:
    """Return the answer that counts, by the database's clock, or None; doubtful ones do not stand."""
    can_change = ExpressionWrapper(Q(answered_at__gt=Now() - CHANGEABLE_FOR), output_field=BooleanField())
    counted = Answer.objects.filter(invitation=invitation, is_counted=True).annotate(can_change=can_change).first()
    return Told(counted, counted.can_change) if counted else None
