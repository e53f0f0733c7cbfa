"""What is known about a press at the moment when it is judged."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from feedback.evidence import Press, Seen, Standing
from feedback.models import Link
from feedback.selectors.answers import CHANGEABLE_FOR

# So many of the newest visits are looked at: a machine that opens a link a million times slows nobody down.
VISITS_READ = 200


@dataclass(frozen=True, slots=True)
class Evidence:
    """The database's time, when the letter left, the openings of its links, and the answer that counts by now.

    `given` is the press that the counted answer comes from, where that is known.
    """

    at: datetime
    left_at: datetime
    visits: list[Seen]
    answer_id: int | None
    standing: Standing | None
    given: Press | None


# One row for each opening, the answer that counts beside it; one row with no opening where there is none.
_EVIDENCE = """
    SELECT statement_timestamp(), answer.id, answer.enjoyed, answer.answered_at > statement_timestamp() - %(day)s,
           given.visited_at, given.hint, given.fingerprint,
           seen.visited_at, seen.hint, seen.fingerprint, seen.method, seen.is_decoy, seen.is_again
    FROM (SELECT array_agg(id) AS links FROM feedback_link WHERE invitation_id = %(invitation)s) AS ours
    LEFT JOIN feedback_answer AS answer ON answer.invitation_id = %(invitation)s AND answer.is_counted
    LEFT JOIN LATERAL (
        SELECT visited_at, hint, fingerprint FROM feedback_visit
        WHERE answer.id IS NOT NULL AND link_id = ANY(ours.links) AND outcome IN ('counted', 'changed')
        ORDER BY visited_at DESC LIMIT 1
    ) AS given ON true
    LEFT JOIN LATERAL (
        SELECT visited_at, hint, fingerprint, method, is_decoy, is_again FROM feedback_visit
        WHERE link_id = ANY(ours.links) AND method IN ('GET', 'HEAD')
        ORDER BY visited_at DESC LIMIT %(most)s
    ) AS seen ON true
"""


def gather_evidence(*, link: Link) -> Evidence:
    """Read all that speaks about a press of a link, in one query."""
    wanted = {"invitation": link.invitation_id, "day": CHANGEABLE_FOR, "most": VISITS_READ}
    with connection.cursor() as cursor:
        cursor.execute(_EVIDENCE, wanted)
        rows = cursor.fetchall()
    at, answer_id, enjoyed, can_change, given_at, given_hint, given_by = rows[0][:7]
    given = Press(given_at, given_hint, given_by) if given_at else None
    return Evidence(
        at=at,
        left_at=left_at(link),
        visits=[Seen(*row[7:]) for row in rows if row[7]],
        answer_id=answer_id,
        standing=Standing(enjoyed, given.fingerprint if given else "", can_change) if answer_id else None,
        given=given,
    )


def left_at(link: Link) -> datetime:
    """When the letter with this link left: links are made moments before, and a later sending has links of its own."""
    letter = link.invitation.letter
    sent_at = letter.sent_at if letter else None
    if sent_at and link.minted_at <= sent_at <= link.minted_at + settings.LETTER_LEASE:
        return sent_at
    return link.minted_at
