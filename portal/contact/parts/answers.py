"""What they said last time."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from feedback.enums import Enjoyed
from feedback.models import Answer
from portal.contact.parts.part import Part, Row, Told
from portal.models import User


@dataclass
class AnswerRow(Row):
    """The last answer that counts."""

    enjoyed: str
    comment: str
    answered_at: datetime

    @property
    def answer_word(self) -> str:
        return str(Enjoyed(self.enjoyed).label)


def _ask(user: User) -> ArraySubquery:
    rows = Answer.objects.filter(is_counted=True) if user.has_perm("feedback.view_answer") else Answer.objects.none()
    return ArraySubquery(
        rows.filter(invitation__customer=OuterRef("pk"))
        .order_by("-answered_at")
        .values(json=Told(enjoyed="enjoyed", comment="comment", answered_at="answered_at"))[:1]
    )


ANSWERS = Part("answers", _ask, AnswerRow.read)
