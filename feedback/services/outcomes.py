"""What becomes of contacts that are looked at, written in sets: letters and invitations in one statement.

A letter is queued as a row without words; it is written as it leaves (`feedback.services.leaving`).
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from feedback.emails import INVITATION
from feedback.enums import WaitsFor
from feedback.selectors.asking import Found
from feedback.services.hours import leaving_times


class Outcome(NamedTuple):
    """What becomes of one contact: a reason, a wait, or (with neither) a letter; and the chance that it had of one."""

    found: Found
    reason: str = ""
    waits_for: str = ""
    look_again_at: datetime | None = None
    chance: float | None = None

    @property
    def is_asked(self) -> bool:
        """Whether it gets a letter."""
        return not (self.reason or self.waits_for)

    @property
    def after_mending(self) -> bool:
        """Whether something was wrong, and was put right before we ask."""
        return self.found.after_mending or self.found.waited_for in (WaitsFor.INCIDENT, WaitsFor.RECOVERY)


class Looked(NamedTuple):
    """How many contacts a set had, and behind which (its closing, its number) the next one begins."""

    number: int
    last: tuple[datetime, int] | None


# Whoever waits for mending is looked at again so often.
MENDING_PAUSE = timedelta(hours=1)

_QUEUE = """
    INSERT INTO customers_letter (public_id, customer_id, kind, subject_key, to_address, language, subject, text, html,
                                  headers, state, attempts, message_id, reply, due_at)
    SELECT (%(mark)s || left(md5(%(secret)s || interaction_id), 16))::uuid, customer_id, %(kind)s, interaction_id::text,
           address, language, %(subject)s, '', '', '{{}}', 'queued', 0, '', '', COALESCE(due, now())
    FROM {asks}
    RETURNING id, subject_key::bigint AS interaction_id
"""
_FIRST = """
    WITH judged AS MATERIALIZED ({judged}),
    decided AS MATERIALIZED (
        SELECT judged.*,
               CASE
                   WHEN reason IN ('incident', 'recovery') AND %(waits_for_mending)s THEN reason
                   WHEN reason = '' AND %(has_budget)s THEN 'budget'
                   ELSE ''
               END AS waits_for,
               row_number() OVER (PARTITION BY customer_id, reason = '' ORDER BY closed_at, interaction_id) AS place
        FROM judged
    ),
    asks AS (
        SELECT decided.*, CASE WHEN zone.name IS NULL THEN %(otherwise)s::timestamptz ELSE zone.due END AS due
        FROM decided
        LEFT JOIN unnest(%(zones)s::text[], %(dues)s::timestamptz[]) AS zone (name, due) ON zone.name = time_zone
        WHERE reason = '' AND waits_for = '' AND (place = 1 OR NOT %(is_once)s)
    ),
    written AS (QUEUE),
    noted AS (
        INSERT INTO feedback_invitation (interaction_id, customer_id, letter_id, not_asked, waits_for, look_again_at,
                                         chance)
        SELECT interaction_id, customer_id, written.id,
               CASE
                   WHEN written.id IS NOT NULL OR waits_for <> '' THEN ''
                   WHEN reason = '' THEN 'too_often'
                   ELSE reason
               END,
               waits_for,
               CASE waits_for WHEN '' THEN NULL WHEN 'budget' THEN %(next_draw)s ELSE %(mending_look)s END,
               CASE WHEN written.id IS NOT NULL THEN 1 END
        FROM decided LEFT JOIN written USING (interaction_id)
    )
    SELECT count(*) OVER (), closed_at, interaction_id FROM judged ORDER BY closed_at DESC, interaction_id DESC LIMIT 1
""".replace("QUEUE", _QUEUE.format(asks="asks").replace("{}", "{{}}"))
_LETTERS = _QUEUE.format(
    asks="""
        unnest(%(interactions)s::bigint[], %(customers)s::bigint[], %(addresses)s::text[], %(languages)s::text[],
               %(dues)s::timestamptz[]) AS ask (interaction_id, customer_id, address, language, due)
    """
)
_ASKED_AGAIN = f"""
    WITH written AS ({_LETTERS})
    UPDATE feedback_invitation AS known
    SET letter_id = written.id, waits_for = '', look_again_at = NULL, settled_at = now(), chance = ask.chance,
        after_mending = ask.after_mending
    FROM written JOIN unnest(%(interactions)s::bigint[], %(chances)s::float[], %(mended)s::bool[])
        AS ask (interaction_id, chance, after_mending) USING (interaction_id)
    WHERE known.interaction_id = written.interaction_id
"""  # noqa: S608 (words of ours)
REMIND = f"""
    WITH written AS ({_LETTERS})
    UPDATE feedback_invitation AS known SET reminder_id = written.id
    FROM written WHERE known.interaction_id = written.interaction_id
"""  # noqa: S608 (words of ours)
_REST_AGAIN = """
    UPDATE feedback_invitation AS known
    SET not_asked = rest.reason, waits_for = rest.waits_for, look_again_at = rest.look_again_at,
        chance = rest.chance, after_mending = rest.after_mending,
        settled_at = CASE WHEN rest.reason <> '' THEN now() END
    FROM unnest(%(interactions)s::bigint[], %(reasons)s::text[], %(waits)s::text[], %(agains)s::timestamptz[],
                %(chances)s::float[], %(mended)s::bool[])
        AS rest (interaction_id, reason, waits_for, look_again_at, chance, after_mending)
    WHERE known.interaction_id = rest.interaction_id
"""


def write_first(*, judged: str, params: Mapping[str, Any], rules: Any) -> Looked:
    """Write what becomes of contacts that have no invitation yet, given by a query; none of it is fetched.

    Those that are mended later, and those that wait for their turn, are decided by `write_again`.
    """
    mine = {
        "kind": INVITATION,
        "subject": _subject(),
        "waits_for_mending": rules.mending_days > 0,
        "mending_look": rules.now + MENDING_PAUSE,
        "has_budget": rules.budget > 0,
        "next_draw": next_draw(rules.now),
        "is_once": rules.days_between > 0,
    }
    zones, dues, otherwise = leaving_times(rules=rules).columns()
    with connection.cursor() as cursor:
        # Compiling the statement would take longer than running it.
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(
            _FIRST.format(judged=judged),
            {**params, **mine, **_numbers(), "zones": zones, "dues": dues, "otherwise": otherwise},
        )
        found = cursor.fetchone()
    return Looked(found[0], (found[1], found[2])) if found else Looked(0, None)


def write_again(*, outcomes: Sequence[Outcome], rules: Any) -> int:
    """Write what becomes of contacts that waited; return how many wait no longer."""
    asked = [one for one in outcomes if one.is_asked]
    rest = [one for one in outcomes if not one.is_asked]
    if asked:
        more = {"chances": [one.chance for one in asked], "mended": [one.after_mending for one in asked]}
        write_letters(_ASKED_AGAIN, [one.found for one in asked], rules=rules, kind=INVITATION, more=more)
    if rest:
        params: dict[str, Any] = {
            "interactions": [one.found.interaction_id for one in rest],
            "reasons": [str(one.reason) for one in rest],
            "waits": [str(one.waits_for) for one in rest],
            "agains": [one.look_again_at for one in rest],
            "chances": [one.chance for one in rest],
            "mended": [one.after_mending for one in rest],
        }
        with connection.cursor() as cursor:
            cursor.execute(_REST_AGAIN, params)
    return sum(not one.waits_for for one in outcomes)


def write_letters(
    statement: str, asks: Sequence[Any], *, rules: Any, kind: str, more: dict[str, Any] | None = None
) -> None:
    """Run a statement that queues letters to these (with the fields of `Found` that say to whom) and notes them."""
    times = leaving_times(rules=rules)
    params: dict[str, Any] = {
        "kind": kind,
        "subject": _subject(),
        "interactions": [one.interaction_id for one in asks],
        "customers": [one.customer_id for one in asks],
        "addresses": [one.address for one in asks],
        "languages": [one.language for one in asks],
        "dues": [times.due_in(one.time_zone) for one in asks],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, params | _numbers() | (more or {}))


def next_draw(now: datetime) -> datetime:
    """Return when those that wait for their turn are drawn next: at the full hour."""
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _numbers() -> dict[str, str]:
    """Return what the public numbers of a set are made from: the first half is theirs alone, and lies together.

    One draw for all: wherever PostgreSQL was built without OpenSSL, each of its own opens a file.
    """
    return {"mark": secrets.token_hex(8), "secret": secrets.token_hex(16)}


def _subject() -> str:
    """What a letter is called until it leaves, and is written in the customer's language."""
    return _("How was it?")
