"""Whom to ask, and whom not now."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from customers.enums import ConsentPurpose
from customers.models import Consent, Incident
from feedback.enums import NotAsked
from feedback.models import AskingRules, Invitation, Recovery

# A contact that is older is not asked about any more: a day or two of silence of ours is caught up, no more.
FRESH_FOR = timedelta(days=3)
# Older ones are not even looked at; between the two the record says "too long ago".
LOOKED_AT_FOR = timedelta(days=7)


class Found(NamedTuple):
    """One contact that is looked at: what stands in the way of asking about it ("" for nothing), and where to write.

    `is_over`: it has waited for as long as it may. `waited_for` and `after_mending` are what its invitation says of it,
    nothing for one that is looked at for the first time. `tier` is the number of the customer's present one, or 0.
    """

    interaction_id: int
    customer_id: int
    closed_at: datetime
    channel: str
    touch_point_id: int
    tier: int
    language: str
    time_zone: str
    address: str
    reason: str
    is_over: bool
    waited_for: str
    after_mending: bool

    @property
    def stratum(self) -> tuple[int, int, str]:
        """What is heard if they are asked: a tier, a touch point and a channel."""
        return self.tier, self.touch_point_id, self.channel


_CONTACT = """contact.id, contact.customer_id, contact.closed_at, contact.channel, contact.touch_point_id,
           contact.closed_itself, contact.is_mistaken"""
_NEW = """
    SELECT {contact}, '' AS waited_for, false AS after_mending, false AS is_over,
           contact.closed_at <= now() - %(fresh)s AS is_late
    FROM customers_interaction AS contact
    WHERE contact.closed_at > now() - %(looked)s AND contact.closed_at >= %(after_at)s
      AND (contact.closed_at, contact.id) > (%(after_at)s, %(after_id)s)
      AND (%(ids)s::bigint[] IS NULL OR contact.id = ANY(%(ids)s)) {in_lane}
      AND NOT EXISTS (SELECT FROM feedback_invitation AS known WHERE known.interaction_id = contact.id OFFSET 0)
    ORDER BY contact.closed_at, contact.id LIMIT %(limit)s
"""
# Written as a case, for which the planner expects every second row: for an equation, one in two hundred.
_IN_LANE = "AND CASE WHEN contact.customer_id %% %(lanes)s = %(lane)s THEN true END"
# Of several that waited, the last contact is the one they remember.
_WAITING = """
    SELECT {contact}, known.waits_for AS waited_for, known.after_mending,
           contact.closed_at <= now() - CASE
               WHEN known.waits_for <> 'budget' THEN %(mending)s
               WHEN known.after_mending THEN %(mending)s + %(fresh)s
               ELSE %(fresh)s
           END AS is_over,
           false AS is_late
    FROM feedback_invitation AS known JOIN customers_interaction AS contact ON contact.id = known.interaction_id
    WHERE known.waits_for <> '' AND known.look_again_at <= now()
    ORDER BY contact.closed_at DESC, contact.id DESC LIMIT %(limit)s
"""
_TIER = """COALESCE((
               SELECT standing.tier_id FROM tiers_standing AS standing
               WHERE standing.customer_id = contact.customer_id AND standing.valid_until IS NULL
           ), 0)"""
# The first that holds is the reason. Each is a look into one index, and OFFSET 0 keeps it so however many there are.
_JUDGED = """
    WITH looked_at AS MATERIALIZED ({picked})
    SELECT contact.id AS interaction_id, contact.customer_id, contact.closed_at, contact.channel,
           contact.touch_point_id,
           {tier} AS tier,
           customer.language, customer.time_zone, COALESCE(point.value, '') AS address,
           CASE
               WHEN contact.is_mistaken THEN 'mistaken'
               WHEN contact.is_late THEN 'too_late'
               WHEN contact.closed_itself AND NOT %(asks_if_closed_itself)s THEN 'by_itself'
               WHEN contact.channel = ANY(%(channels)s) THEN 'channel'
               WHEN contact.touch_point_id = ANY(%(touch_points)s) THEN 'touch_point'
               WHEN NOT COALESCE((
                   SELECT consent.is_given FROM customers_consent AS consent
                   WHERE consent.customer_id = contact.customer_id AND consent.purpose = 'feedback'
                   ORDER BY consent.noted_at DESC, consent.id DESC LIMIT 1
               ), true) THEN 'no_consent'
               WHEN point.value IS NULL THEN CASE
                   WHEN EXISTS (
                       SELECT FROM customers_contactpoint AS any_point
                       WHERE any_point.customer_id = contact.customer_id AND any_point.kind = 'email'
                         AND any_point.is_active
                       OFFSET 0
                   ) THEN 'suppressed'
                   ELSE 'no_address'
               END
               WHEN EXISTS (
                   SELECT FROM customers_incident AS incident
                   WHERE incident.customer_id = contact.customer_id AND incident.resolved_at IS NULL
                   OFFSET 0
               ) THEN 'incident'
               WHEN EXISTS (
                   SELECT FROM feedback_recovery AS recovery
                   WHERE recovery.customer_id = contact.customer_id AND recovery.closed_at IS NULL
                   OFFSET 0
               ) THEN 'recovery'
               WHEN %(between)s > INTERVAL '0' AND EXISTS (
                   SELECT FROM feedback_invitation AS earlier JOIN customers_letter AS letter
                       ON letter.id = earlier.letter_id
                   WHERE earlier.customer_id = contact.customer_id
                     AND COALESCE(earlier.settled_at, earlier.created_at) > now() - %(between)s - %(kept)s
                     AND (
                         -- Put off, a letter leaves up to weeks later: they were asked then, or soon are.
                         GREATEST(COALESCE(earlier.settled_at, earlier.created_at), letter.sent_at)
                             > now() - %(between)s
                         OR (letter.state IN ('queued', 'sending') AND letter.reply <> '')
                     )
                     AND letter.state NOT IN ('suppressed', 'refused') AND letter.bounced_at IS NULL
                   OFFSET 0
               ) THEN 'too_often'
               ELSE ''
           END AS reason,
           contact.is_over, contact.waited_for, contact.after_mending
    FROM looked_at AS contact
    JOIN customers_customer AS customer ON customer.id = contact.customer_id
    LEFT JOIN LATERAL (
        SELECT point.value FROM customers_contactpoint AS point
        WHERE point.customer_id = contact.customer_id AND point.kind = 'email' AND point.is_active
          AND NOT EXISTS (
              SELECT FROM customers_suppression AS suppression WHERE suppression.address = point.normalised OFFSET 0
          )
        ORDER BY point.is_preferred DESC, point.id LIMIT 1
    ) AS point ON true
"""


def judged_new(
    *,
    rules: AskingRules,
    limit: int,
    after: tuple[datetime, int] | None = None,
    interaction_ids: Collection[int] | None = None,
    lane: tuple[int, int] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Return a query, with its parameters, of closed contacts that nobody has looked at, the longest closed first.

    Its columns are the fields of `Found`: whoever deals with thousands at once does so without fetching them.
    `after`: go on behind this one, by its closing and its number. `interaction_ids`: of these alone. `lane`: how many
    lanes there are, and which one, by the customer's number.
    """
    more = {
        "after_at": after[0] if after else "-infinity",
        "after_id": after[1] if after else 0,
        "ids": None if interaction_ids is None else list(interaction_ids),
        "looked": LOOKED_AT_FOR,
    }
    if lane:
        more |= {"lanes": lane[0], "lane": lane[1]}
    picked = _NEW.format(contact=_CONTACT, in_lane=_IN_LANE if lane else "")
    # The tier matters to a draw alone, and nobody is drawn at the first look.
    return _JUDGED.format(picked=picked, tier="0"), _params(rules, limit) | more


def look_again(*, rules: AskingRules, limit: int) -> list[Found]:
    """Return contacts that waited and are to be looked at again by now, the last closed first."""
    params = _params(rules, limit) | {"mending": timedelta(days=rules.mending_days)}
    with connection.cursor() as cursor:
        cursor.execute(
            _JUDGED.format(picked=_WAITING.format(contact=_CONTACT), tier=_TIER)
            + " ORDER BY closed_at DESC, interaction_id DESC",
            params,
        )
        return [Found(*row) for row in cursor.fetchall()]


def _params(rules: AskingRules, limit: int) -> dict[str, Any]:
    return {
        "limit": limit,
        "fresh": FRESH_FOR,
        "between": timedelta(days=rules.days_between),
        # For so long a letter may be kept back (`is_too_late`).
        "kept": LOOKED_AT_FOR + timedelta(days=rules.mending_days),
        "asks_if_closed_itself": rules.asks_if_closed_itself,
        "channels": rules.channels_left_out,
        "touch_points": list(rules.touch_points_left_out.values_list("pk", flat=True)),
    }


def heard_lately(*, days: int = 60) -> dict[tuple[int, int, str], float]:
    """Return when each tier, touch point and channel was last asked about, in seconds since 1970."""
    params: dict[str, Any] = {"since": timedelta(days=days)}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT COALESCE(standing.tier_id, 0), contact.touch_point_id, contact.channel,
                   extract(epoch FROM max(COALESCE(known.settled_at, known.created_at)))::float
            FROM feedback_invitation AS known
            JOIN customers_interaction AS contact ON contact.id = known.interaction_id
            LEFT JOIN tiers_standing AS standing
                ON standing.customer_id = known.customer_id AND standing.valid_until IS NULL
            WHERE known.letter_id IS NOT NULL
              AND (known.created_at > now() - %(since)s OR known.settled_at > now() - %(since)s)
            GROUP BY 1, 2, 3
            """,
            params,
        )
        return {(tier, touch_point, channel): at for tier, touch_point, channel, at in cursor.fetchall()}


def count_asked(*, since: datetime) -> int:
    """Return about how many contacts a letter was written since a moment."""
    asked = Invitation.objects.filter(letter__isnull=False)
    return asked.filter(Q(settled_at=None, created_at__gte=since) | Q(settled_at__gte=since)).count()


def why_not_now(*, invitation: Invitation) -> NotAsked | None:
    """Return why a letter that is written should not leave (yet), or None. Its age is another matter."""
    customer = Q(customer=invitation.customer_id)
    if invitation.interaction.is_mistaken:
        return NotAsked.MISTAKEN
    if _is_unwilling(invitation.customer_id):
        return NotAsked.NO_CONSENT
    if Incident.objects.open().filter(customer).exists():
        return NotAsked.INCIDENT
    if Recovery.objects.open().filter(customer).exists():
        return NotAsked.RECOVERY
    return None


def is_too_late(*, invitation: Invitation, mending_days: int) -> bool:
    """Return whether the contact is too long ago for a letter to leave, even with what it waited for mending."""
    limit = LOOKED_AT_FOR + (timedelta(days=mending_days) if invitation.after_mending else timedelta())
    return Invitation.objects.filter(pk=invitation.pk, interaction__closed_at__lte=Now() - limit).exists()


def _is_unwilling(customer_id: int) -> bool:
    """Whether their newest word about being asked is no."""
    words = Consent.objects.filter(customer=customer_id, purpose=ConsentPurpose.FEEDBACK)
    return words.order_by("-noted_at", "-pk").values_list("is_given", flat=True).first() is False
