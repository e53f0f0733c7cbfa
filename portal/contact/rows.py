"""What the contact view knows about one customer, as plain values. Times are aware datetimes."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from customers.enums import Channel, ContactKind, IncidentKind, Provenance, Severity
from feedback.enums import Enjoyed, RecoveryState
from tiers.selectors.overrides import badge

if TYPE_CHECKING:
    from customers.models import Customer
    from portal.contact.forms import HouseForm
    from tiers.selectors.standings import Explained


def moment(value: str | datetime | None) -> datetime | None:
    """Return the time that PostgreSQL wrote into JSON."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


class Row:
    """A row that came out of PostgreSQL as JSON; fields that end in `_at` become times."""

    @classmethod
    def read(cls, rows: list[dict[str, Any]]) -> list[Any]:
        return [cls(**{key: moment(v) if key.endswith("_at") else v for key, v in row.items()}) for row in rows]


@dataclass
class PointRow(Row):
    """A contact point; `value` is empty where this colleague may not see it."""

    pk: int
    kind: str
    value: str
    label: str
    is_preferred: bool

    @property
    def kind_word(self) -> str:
        return str(ContactKind(self.kind).label)


@dataclass
class PreferenceRow(Row):
    """What they like, and how we know."""

    pk: int
    text: str
    provenance: str
    is_ask_first: bool
    noted_at: datetime
    by: str | None

    @property
    def provenance_word(self) -> str:
        return str(Provenance(self.provenance).label)


@dataclass
class PromiseRow(Row):
    """An open promise."""

    pk: int
    text: str
    due_at: datetime
    made_at: datetime
    owner: str | None
    place: str | None

    def is_late(self, now: datetime) -> bool:
        return self.due_at < now


@dataclass
class IncidentRow(Row):
    """Something that went wrong: open, or of the last thirty days."""

    pk: int
    kind: str
    text: str
    severity: int
    place: str
    is_our_fault: bool
    happened_at: datetime
    resolved_at: datetime | None
    resolution: str
    form: "HouseForm | None" = None

    @property
    def kind_word(self) -> str:
        return str(IncidentKind(self.kind).label)

    @property
    def severity_word(self) -> str:
        return str(Severity(self.severity).label)


@dataclass
class RecoveryRow(Row):
    """An open recovery, with the answer that opened it."""

    pk: int
    state: str
    due_at: datetime
    opened_at: datetime
    owner_id: int | None
    agent_id: int | None
    owner: str | None
    enjoyed: str
    comment: str
    is_mine_to_mend: bool = False
    form: "HouseForm | None" = None

    @property
    def is_contacted(self) -> bool:
        return self.state == RecoveryState.CONTACTED

    @property
    def sentence(self) -> str:
        if self.enjoyed == Enjoyed.PARTLY:
            return _("They enjoyed our service only in part.")
        if self.enjoyed == Enjoyed.YES:
            return _("They ask for help.")
        return _("They did not enjoy our service.")

    @property
    def title(self) -> str:
        if self.enjoyed == Enjoyed.PARTLY:
            return _("Make good what was missing")
        if self.enjoyed == Enjoyed.YES:
            return _("Help them")
        return _("Make amends")


@dataclass
class TalkRow(Row):
    """The open interaction of this colleague with this customer."""

    pk: int
    channel: str
    subject: str
    place: str
    opened_at: datetime

    @property
    def channel_word(self) -> str:
        return str(Channel(self.channel).label)


@dataclass
class AnswerRow(Row):
    """The last answer that counts."""

    enjoyed: str
    comment: str
    answered_at: datetime

    @property
    def answer_word(self) -> str:
        return str(Enjoyed(self.enjoyed).label)


@dataclass
class OverrideRow(Row):
    """What a colleague decided about the tier against the numbers. `ends_on`: its last day, as PostgreSQL wrote it."""

    pk: int
    kind: str
    tier: str
    ends_on: str | None
    owner: str
    reason: str

    @property
    def sentence(self) -> str:
        return badge(
            kind=self.kind,
            tier=self.tier,
            owner=self.owner,
            reason=self.reason,
            ends_on=date.fromisoformat(self.ends_on) if self.ends_on else None,
            today=timezone.localdate(),
        )


@dataclass
class Contact:
    """Everything on the page but the timeline."""

    customer: "Customer"
    now: datetime
    explained: "Explained | None"
    points: list[PointRow]
    preferences: list[PreferenceRow]
    promises: list[PromiseRow]
    incidents: list[IncidentRow]
    recoveries: list[RecoveryRow]
    talks: list[TalkRow]
    answers: list[AnswerRow]
    refused: list[str]
    overrides: list[OverrideRow] = field(default_factory=list)
    tiers: list[tuple[str, str]] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)
    causes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def talk(self) -> TalkRow | None:
        return self.talks[0] if self.talks else None

    @property
    def override(self) -> OverrideRow | None:
        return self.overrides[0] if self.overrides else None

    @property
    def last_answer(self) -> AnswerRow | None:
        return self.answers[0] if self.answers else None

    @property
    def late_promises(self) -> list[PromiseRow]:
        return [promise for promise in self.promises if promise.is_late(self.now)]

    @property
    def coming_promises(self) -> list[PromiseRow]:
        return [promise for promise in self.promises if not promise.is_late(self.now)]

    @property
    def open_incidents(self) -> list[IncidentRow]:
        return [incident for incident in self.incidents if incident.resolved_at is None]

    @property
    def mended_incidents(self) -> list[IncidentRow]:
        return [incident for incident in self.incidents if incident.resolved_at is not None]

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to know before one speaks."""
        return not (self.recoveries or self.promises or self.incidents or self.refused)

    @property
    def is_owing(self) -> bool:
        """Whether we owe them something: then the block stands out."""
        return bool(self.late_promises or self.recoveries or self.open_incidents)

    @property
    def since(self) -> str:
        since = self.customer.customer_since
        return date_format(since, "F Y") if since else ""
