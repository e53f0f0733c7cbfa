"""What is known about a press at the moment when it is judged."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, models
from django.db.models import Q

from customers.models import Letter
from customers.selectors.prepared import fetch_prepared
from customers.tokens import hash_of
from feedback.enums import LinkPurpose, Outcome
from feedback.evidence import Press, Seen, Standing
from feedback.models import Invitation, Link, Visit
from feedback.selectors.answers import CHANGEABLE_FOR

_Row = TypeVar("_Row", bound=models.Model)

# So many of the newest visits of each link are looked at: who opens a link a million times slows nobody down.
VISITS_READ = 200


@dataclass(frozen=True, slots=True)
class Evidence:
    """The database's time, when the letter left, the openings of its links, and the answer that counts by now.

    `given` is the press that the counted answer comes from, where that is known; `gather_evidence` reads it.
    """

    at: datetime
    left_at: datetime
    visits: list[Seen]
    answer_id: int | None
    standing: Standing | None
    given: Press | None = None


# The link with what a press needs to know of its invitation, and the answer that counts; a row for each opening, or
# one without. By hand, because this is the one query that every press waits for. Each link's visits are looked up by
# themselves, so that the index serves them even in a house so new that the planner knows no figures of it.
_EVIDENCE = """
    SELECT link.id, link.purpose, link.minted_at, link.invitation_id,
           invitation.customer_id, invitation.interaction_id, invitation.letter_id,
           (SELECT sent_at FROM customers_letter WHERE id = invitation.letter_id),
           statement_timestamp(), answer.id, answer.enjoyed, answer.answered_at > statement_timestamp() - %(day)s,
           seen.visited_at, seen.hint, seen.fingerprint, seen.method, seen.is_decoy, seen.is_again
    FROM feedback_link AS link
    JOIN feedback_invitation AS invitation ON invitation.id = link.invitation_id
    LEFT JOIN feedback_answer AS answer ON answer.invitation_id = link.invitation_id AND answer.is_counted
    LEFT JOIN LATERAL (
        SELECT visit.* FROM feedback_link AS sister
        CROSS JOIN LATERAL (
            SELECT visited_at, hint, fingerprint, method, is_decoy, is_again FROM feedback_visit
            WHERE link_id = sister.id AND method IN ('GET', 'HEAD')
            ORDER BY visited_at DESC LIMIT %(most)s
        ) AS visit
        WHERE sister.invitation_id = link.invitation_id AND sister.purpose IN ('answer', 'decoy')
    ) AS seen ON true
"""
_BY_TOKEN = _EVIDENCE + "WHERE link.token_hash = %(hash)s AND purpose = %(for)s AND expires_at > statement_timestamp()"
_BY_LINK = _EVIDENCE + "WHERE link.id = %(link)s"


def find_pressed(*, token: str) -> tuple[Link, Evidence] | None:
    """Return the link to answer by and what speaks about a press of it, in one query.

    None as `find_link` says it: alike for a token that is unknown, expired, for something else, or none. Of the link
    and its invitation no more is read than a press needs; whoever wants more of them finds them by `find_link`.
    """
    rows = _rows(_BY_TOKEN, {"hash": hash_of(token), "for": LinkPurpose.ANSWER.value})
    if not rows:
        return None
    link_id, purpose, minted_at, invitation_id, customer_id, interaction_id, letter_id, sent_at = rows[0][:8]
    link = _partly(Link, id=link_id, purpose=purpose, minted_at=minted_at, invitation_id=invitation_id)
    link.invitation = _partly(
        Invitation, id=invitation_id, customer_id=customer_id, interaction_id=interaction_id, letter_id=letter_id
    )
    return link, _evidence(rows, _left_at(minted_at, sent_at))


def gather_evidence(*, link: Link) -> Evidence:
    """Read all that speaks about a press of a link, and, where an answer counts, about the press that it came from."""
    rows = _rows(_BY_LINK, {"link": link.pk})
    evidence = _evidence(rows, _left_at(link.minted_at, rows[0][7]))
    if evidence.standing is None:
        return evidence
    presses = Visit.objects.filter(link__invitation=link.invitation_id, outcome__in=(Outcome.COUNTED, Outcome.CHANGED))
    given = presses.order_by("-visited_at", "-pk").values_list("visited_at", "hint", "fingerprint").first()
    if given is None:
        return evidence
    standing = replace(evidence.standing, fingerprint=given[2])
    return replace(evidence, standing=standing, given=Press(*given))


def openings(*, invitation_id: int, purpose: LinkPurpose) -> list[Seen]:
    """Return the newest openings of an invitation's links for one purpose."""
    opened = Visit.objects.filter(
        Q(method__in=("GET", "HEAD")) | Q(is_again=True), link__invitation=invitation_id, link__purpose=purpose
    ).order_by("-visited_at")
    columns = ("visited_at", "hint", "fingerprint", "method", "is_decoy", "is_again")
    return [Seen(*row) for row in opened.values_list(*columns)[:VISITS_READ]]


def left_at(link: Link, letter: Letter | None = None) -> datetime:
    """When the letter with this link left: links are made moments before, and a later sending has links of its own.

    `letter`: the one with the link, where that is not the invitation's.
    """
    letter = letter or link.invitation.letter
    return _left_at(link.minted_at, letter.sent_at if letter else None)


def _left_at(minted_at: datetime, sent_at: datetime | None) -> datetime:
    return sent_at if sent_at and minted_at <= sent_at <= minted_at + settings.LETTER_LEASE else minted_at


def _partly(model: type[_Row], **known: Any) -> _Row:
    """Make a row of which so much is known; Django reads the rest when somebody asks for it."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in known]
    return model.from_db(connection.alias, names, [known[name] for name in names])


def _rows(sql: str, which: dict[str, Any]) -> list[tuple[Any, ...]]:
    return fetch_prepared(sql, which | {"day": CHANGEABLE_FOR, "most": VISITS_READ})


def _evidence(rows: list[tuple[Any, ...]], left: datetime) -> Evidence:
    at, answer_id, enjoyed, can_change = rows[0][8:12]
    return Evidence(
        at=at,
        left_at=left,
        visits=[Seen(*row[12:]) for row in rows if row[12]],
        answer_id=answer_id,
        standing=Standing(enjoyed, "", can_change) if answer_id else None,
    )
