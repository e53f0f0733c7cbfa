"""Reminding, once, those who have not answered."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models.functions import Now

from feedback.emails import REMINDER
from feedback.models import AskingRules
from feedback.services.outcomes import REMIND, write_letters

_BATCH = 5_000
# A reminder that is late by more than this is not sent any more.
_CATCH_UP = timedelta(days=3)

# The same rules as for asking, and nothing that counts was said. Where the letter came back, nobody was asked yet.
_UNANSWERED = """
    SELECT known.interaction_id, known.customer_id, letter.to_address AS address, letter.language, customer.time_zone
    FROM feedback_invitation AS known
    JOIN customers_letter AS letter ON letter.id = known.letter_id
    JOIN customers_customer AS customer ON customer.id = known.customer_id
    WHERE letter.state = 'sent' AND letter.bounced_at IS NULL AND known.reminder_id IS NULL
      AND letter.sent_at <= now() - %(after)s AND letter.sent_at > now() - %(after)s - %(catch_up)s
      -- Sent after it was made, so the look is into the last weeks alone.
      AND (known.created_at > now() - %(longest)s)
      AND NOT (SELECT contact.is_mistaken FROM customers_interaction AS contact WHERE contact.id = known.interaction_id)
      AND NOT EXISTS (SELECT FROM feedback_answer AS told WHERE told.invitation_id = known.id AND told.is_counted)
      AND NOT EXISTS (
          SELECT FROM customers_incident AS incident
          WHERE incident.customer_id = known.customer_id AND incident.resolved_at IS NULL
      )
      AND NOT EXISTS (
          SELECT FROM feedback_recovery AS recovery
          WHERE recovery.customer_id = known.customer_id AND recovery.closed_at IS NULL
      )
      AND COALESCE((
          SELECT consent.is_given FROM customers_consent AS consent
          WHERE consent.customer_id = known.customer_id AND consent.purpose = 'feedback'
          ORDER BY consent.noted_at DESC, consent.id DESC LIMIT 1
      ), true)
      AND EXISTS (
          SELECT FROM customers_contactpoint AS point
          WHERE point.customer_id = known.customer_id AND point.kind = 'email' AND point.is_active
            AND point.value = letter.to_address
            AND NOT EXISTS (
                SELECT FROM customers_suppression AS suppression WHERE suppression.address = point.normalised
            )
      )
    ORDER BY letter.sent_at, known.id LIMIT %(limit)s
"""


class Reminded(NamedTuple):
    """Somebody to remind, and where."""

    interaction_id: int
    customer_id: int
    address: str
    language: str
    time_zone: str


@transaction.atomic
def remind_due(*, limit: int = _BATCH) -> int:
    """Queue a reminder for each who was asked so many days ago and has not answered; return how many.

    Each at most once, whoever calls this and how often. Nobody is reminded where the rules have no days for it.
    """
    held = AskingRules.objects.annotate(now=Now()).select_for_update(skip_locked=True, no_key=True)
    rules: Any = held.filter(is_asking=True, reminder_days__gt=0).first()
    if rules is None:
        return 0
    after = timedelta(days=rules.reminder_days)
    longest = after + _CATCH_UP + timedelta(days=rules.mending_days + 14)
    params: dict[str, Any] = {"after": after, "catch_up": _CATCH_UP, "longest": longest, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_UNANSWERED, params)
        found = [Reminded(*row) for row in cursor.fetchall()]
    if found:
        write_letters(REMIND, found, rules=rules, kind=REMINDER)
    return len(found)
