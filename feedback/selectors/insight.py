"""What came of asking, counted: letters that arrived, answers, and those left out, by all that can be told apart.

The tier is the one that the customer had when the contact began; the month is that of the contact, in the house's zone.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from customers.enums import LetterState
from feedback.rates import Cell, Tally
from tiers.days import end_of

# What an answer's invitation hangs on.
BESIDE = """
    JOIN customers_interaction AS interaction ON interaction.id = invitation.interaction_id
    LEFT JOIN tiers_standing AS standing
           ON standing.customer_id = invitation.customer_id AND standing.valid_from <= interaction.opened_at
          AND (standing.valid_until IS NULL OR standing.valid_until > interaction.opened_at)
"""
# The chance with which an interaction was asked about: `invitation.chance`, where invitations are drawn by lot.
_CHANCE = "coalesce(NULLIF(invitation.chance, 0), 1)"

# A filter's name → what holds of the rows that it leaves. Nought stands for “none known”.
_HOLDS = {
    "tier": "standing.tier_id IS NOT DISTINCT FROM NULLIF(%(tier)s, 0)",
    "touch_point": "interaction.touch_point_id = %(touch_point)s",
    "channel": "interaction.channel = %(channel)s",
    "agent": "interaction.agent_id IS NOT DISTINCT FROM NULLIF(%(agent)s, 0)",
    "segment": """EXISTS (SELECT FROM customers_segmentmember AS member
                          WHERE member.customer_id = invitation.customer_id AND member.segment_id = %(segment)s)""",
}


@dataclass(frozen=True, slots=True)
class Slice:
    """Which contacts are looked at: those begun from one business day to another, both included, and of one kind.

    `tier`, `touch_point`, `agent`, `segment`: primary keys; 0 for no tier, or nobody of the house. None is all.
    """

    since: date
    until: date
    tier: int | None = None
    touch_point: int | None = None
    channel: str | None = None
    agent: int | None = None
    segment: int | None = None


class Counted(NamedTuple):
    """What came of asking about contacts of one kind.

    `by`: "agent", "month" or "segment", and `key` says which (a month is "2026-03"); a customer in two segments is
    counted in both. `cell`: tier, touch point, channel. `in_trouble`: a fault of ours stood open when they came; told
    apart for colleagues alone.
    """

    by: str
    key: int | str | None
    cell: Cell
    in_trouble: bool
    tally: Tally


def conditions(chosen: Slice) -> tuple[str, dict[str, Any]]:
    """Return what holds of the contacts of a slice, in SQL, with its parameters."""
    parameters: dict[str, Any] = {
        "since": end_of(chosen.since - timedelta(days=1), settings.TIME_ZONE),
        "until": end_of(chosen.until, settings.TIME_ZONE),
    }
    holds = ["interaction.opened_at >= %(since)s AND interaction.opened_at < %(until)s"]
    for name, condition in _HOLDS.items():
        if (value := getattr(chosen, name)) is not None:
            parameters[name] = value
            holds.append(condition)
    return " AND ".join(holds), parameters


def count(chosen: Slice) -> list[Counted]:
    """Return what came of asking about a slice's contacts (1 query, in a transaction with room to count in).

    Asked is whose letter was sent (or may have been), and whoever answered. An answer that does not count is counted
    as doubtful and nowhere else.
    """
    holds, parameters = conditions(chosen)
    months = _months(chosen)
    parameters["months"] = [end_of(first - timedelta(days=1), settings.TIME_ZONE) for first in months]
    with transaction.atomic(), connection.cursor() as cursor:
        # With the room that it has by default it sorts on disk where it could count in memory.
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        cursor.execute(_COUNT.replace("{holds}", holds), parameters)
        rows = cursor.fetchall()
    names = [f"{first:%Y-%m}" for first in months]
    # Thousands of rows share a few hundred cells: each is made once.
    cells: dict[Cell, Cell] = {}
    return [
        Counted(
            row[0],
            names[row[1] - 1] if row[0] == "month" else row[1],
            cells.setdefault(row[2:5], row[2:5]),
            row[5],
            Tally._make(row[6:]),
        )
        for row in rows
    ]


def _months(chosen: Slice) -> list[date]:
    """Return the first days of a slice's months."""
    first, last = (day.year * 12 + day.month - 1 for day in (chosen.since, chosen.until))
    return [date(month // 12, month % 12 + 1, 1) for month in range(first, last + 1)]


_SUMS = """
    count(*), sum(weight),
    count(*) FILTER (WHERE enjoyed = 'yes'), count(*) FILTER (WHERE enjoyed = 'partly'),
    count(*) FILTER (WHERE enjoyed = 'no'),
    coalesce(sum(weight) FILTER (WHERE enjoyed = 'yes'), 0), coalesce(sum(weight) FILTER (WHERE enjoyed = 'partly'), 0),
    coalesce(sum(weight) FILTER (WHERE enjoyed = 'no'), 0),
    coalesce(sum(weight * weight) FILTER (WHERE enjoyed IS NOT NULL), 0), sum(doubtful)
"""
# Letters are many and long, and nearly all of them arrived: an index knows the others. Faults of ours are taken
# together by customer, once, and not looked for at each contact.
_COUNT = f"""
    WITH asked AS MATERIALIZED (
        SELECT invitation.customer_id, standing.tier_id, interaction.touch_point_id, interaction.channel,
               interaction.agent_id, width_bucket(interaction.opened_at, %(months)s::timestamptz[]) AS month,
               coalesce(trouble.times @> interaction.opened_at, false) AS in_trouble,
               said.enjoyed, coalesce(doubted.count, 0)::int AS doubtful, (1 / {_CHANCE})::float8 AS weight
        FROM feedback_invitation AS invitation
        {BESIDE}
        LEFT JOIN feedback_answer AS said ON said.invitation_id = invitation.id AND said.is_counted
        LEFT JOIN (
            SELECT invitation_id, count(*) FROM feedback_answer WHERE NOT is_counted GROUP BY invitation_id
        ) AS doubted ON doubted.invitation_id = invitation.id
        LEFT JOIN (
            SELECT id FROM customers_letter WHERE NOT state IN ('{LetterState.SENT}', '{LetterState.UNCERTAIN}')
            UNION ALL SELECT id FROM customers_letter
            WHERE state IN ('{LetterState.SENT}', '{LetterState.UNCERTAIN}') AND bounced_at IS NOT NULL
        ) AS not_arrived ON not_arrived.id = invitation.letter_id
        LEFT JOIN (
            SELECT customer_id, range_agg(tstzrange(happened_at, resolved_at)) AS times FROM customers_incident
            WHERE is_our_fault AND happened_at < %(until)s AND (resolved_at IS NULL OR resolved_at > %(since)s)
            GROUP BY customer_id
        ) AS trouble ON trouble.customer_id = invitation.customer_id
        WHERE (invitation.letter_id IS NOT NULL AND not_arrived.id IS NULL OR said.id IS NOT NULL OR doubted.count > 0)
          AND {{holds}}
    )
    SELECT CASE WHEN GROUPING(month) = 0 THEN 'month' ELSE 'agent' END,
           CASE WHEN GROUPING(month) = 0 THEN month ELSE agent_id END,
           tier_id, touch_point_id, channel, coalesce(in_trouble, false), {_SUMS}
    FROM asked
    GROUP BY GROUPING SETS ((tier_id, touch_point_id, channel, in_trouble, agent_id),
                            (tier_id, touch_point_id, channel, month))
    UNION ALL
    SELECT 'segment', member.segment_id, tier_id, touch_point_id, channel, false, {_SUMS}
    FROM asked JOIN customers_segmentmember AS member USING (customer_id)
    GROUP BY member.segment_id, tier_id, touch_point_id, channel
"""  # noqa: S608 (the words are ours)
