"""What we put them through, as it weighs now, and the manager's rules by which it fades."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from customers.enums import Provenance
from customers.models import SpeakingRules
from customers.noise import Weights
from feedback.enums import RecoveryState
from portal.contact.parts.part import Part, Row
from portal.models import User

# Of each kind, the newest so many are looked at, and the worst of them come along: the cost stays the same whatever
# the history. Who has had more trouble than this hears the gravest word already.
_NEWEST, _MOST = 60, 12


@dataclass
class TroubleRow(Row):
    """An incident of ours, open or mended."""

    pk: int
    kind: str
    text: str
    severity: int
    interaction_id: int | None
    happened_at: datetime
    resolved_at: datetime | None


@dataclass
class LateRow(Row):
    """A promise overdue, given up, or kept late."""

    pk: int
    text: str
    due_at: datetime
    kept_at: datetime | None
    broken_at: datetime | None


@dataclass
class WaitRow(Row):
    """A wait, in seconds, before a contact. `is_reached`: a colleague took it."""

    pk: int
    seconds: float
    is_reached: bool
    opened_at: datetime
    closed_at: datetime | None

    @property
    def length(self) -> timedelta:
        return timedelta(seconds=self.seconds)


@dataclass
class LowRow(Row):
    """A low answer, and what came of it."""

    enjoyed: str
    comment: str
    answered_at: datetime
    state: str | None
    mended_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state in (RecoveryState.OPEN, RecoveryState.CONTACTED)


@dataclass
class Troubles:
    """All that went wrong, by kind."""

    incidents: list[TroubleRow] = field(default_factory=list)
    promises: list[LateRow] = field(default_factory=list)
    waits: list[WaitRow] = field(default_factory=list)
    answers: list[LowRow] = field(default_factory=list)


@dataclass(frozen=True)
class Rules:
    """The manager's rules: weights of trouble with their half-life, and half-lives of what we know, in days."""

    weights: Weights
    fading: dict[str, float]


# Written out, not built from querysets: building and compiling these on every request would take longer than PostgreSQL
# does. Each reads the customer's newest rows from the index that has them in order, and of those the worst.
_OUR_INCIDENTS = f"""ARRAY(
    SELECT json_build_object('pk', id, 'kind', kind, 'text', text, 'severity', severity,
        'interaction_id', interaction_id, 'happened_at', happened_at, 'resolved_at', resolved_at)
    FROM (SELECT * FROM customers_incident WHERE customer_id = customers_customer.id
        ORDER BY happened_at DESC LIMIT {_NEWEST}) AS newest
    WHERE is_our_fault ORDER BY severity DESC, happened_at DESC LIMIT {_MOST})"""  # noqa: S608 (names of ours)
_LATE_PROMISES = f"""ARRAY(
    SELECT json_build_object('pk', id, 'text', text, 'due_at', due_at, 'kept_at', kept_at, 'broken_at', broken_at)
    FROM (SELECT * FROM customers_promise WHERE customer_id = customers_customer.id
        ORDER BY made_at DESC LIMIT {_NEWEST}) AS newest
    WHERE NOT is_mistaken
        AND (broken_at IS NOT NULL OR kept_at > due_at OR (kept_at IS NULL AND due_at < statement_timestamp()))
    ORDER BY due_at DESC LIMIT {_MOST})"""  # noqa: S608 (names of ours)
_NEWEST_CONTACTS = f"""(
    SELECT id, agent_id, waited, opened_at, closed_at FROM customers_interaction
    WHERE customer_id = customers_customer.id AND NOT is_mistaken
    ORDER BY opened_at DESC LIMIT {_NEWEST}) AS newest"""  # noqa: S608 (names of ours)
_WAITS = f"""ARRAY(
    SELECT json_build_object('pk', id, 'seconds', extract(epoch FROM waited), 'is_reached', agent_id IS NOT NULL,
        'opened_at', opened_at, 'closed_at', closed_at)
    FROM {_NEWEST_CONTACTS} WHERE waited > interval '0' ORDER BY waited DESC LIMIT {_MOST})"""  # noqa: S608 (names of ours)
_LOW_ANSWERS = f"""ARRAY(
    SELECT json_build_object('enjoyed', answer.enjoyed, 'comment', answer.comment, 'answered_at', answer.answered_at,
        'state', recovery.state, 'mended_at', recovery.closed_at)
    FROM {_NEWEST_CONTACTS}
    JOIN feedback_invitation AS invitation ON invitation.interaction_id = newest.id
    JOIN feedback_answer AS answer ON answer.invitation_id = invitation.id AND answer.is_counted
        AND answer.enjoyed IN ('no', 'partly')
    LEFT JOIN feedback_recovery AS recovery ON recovery.answer_id = answer.id
    ORDER BY answer.answered_at DESC LIMIT {_MOST})"""  # noqa: S608 (names of ours)
_NONE = "'[]'::json"


def _ask(user: User) -> RawSQL:
    waits = _WAITS if user.has_perm("customers.view_interaction") else _NONE
    answers = _LOW_ANSWERS if user.has_perm("feedback.view_answer") else _NONE
    parts = f"'incidents', {_OUR_INCIDENTS}, 'promises', {_LATE_PROMISES}, 'waits', {waits}, 'answers', {answers}"
    return RawSQL(f"json_build_object({parts})", (), output_field=JSONField())  # noqa: S611 (words of ours)


def _read(told: dict[str, Any], user: User) -> Troubles:
    return Troubles(
        incidents=TroubleRow.read(told["incidents"], user),
        promises=LateRow.read(told["promises"], user),
        waits=WaitRow.read(told["waits"], user),
        answers=LowRow.read(told["answers"], user),
    )


_RULES = (
    *("half_life_days", "slight", "real", "serious", "promise", "promise_late_hours", "unhappy", "wait"),
    *("wait_minutes", "stated_days", "observed_days", "confirmed_days"),
)


def _ask_rules(_user: User) -> RawSQL:
    row = "(SELECT to_json(rules) FROM customers_speakingrules AS rules)"
    return RawSQL(row, (), output_field=JSONField())  # noqa: S611 (words of ours)


def read_rules(row: dict[str, Any] | None, _user: Any = None) -> Rules:
    """Return the rules from the row, or the defaults where there is none."""
    told = row or {name: getattr(SpeakingRules(), name) for name in _RULES}
    said = {name: float(told[name]) for name in _RULES}
    return Rules(
        weights=Weights(
            half_life_days=said["half_life_days"],
            incidents=(said["slight"], said["real"], said["serious"]),
            promise=said["promise"],
            late_hours=said["promise_late_hours"],
            unhappy=said["unhappy"],
            wait=said["wait"],
            wait_minutes=said["wait_minutes"],
        ),
        fading={
            Provenance.STATED: said["stated_days"],
            Provenance.OBSERVED: said["observed_days"],
            Provenance.CONFIRMED: said["confirmed_days"],
        },
    )


TROUBLES = Part("troubles", _ask, _read)
RULES = Part("rules", _ask_rules, read_rules)
