"""Everything on the page but the timeline. Times are aware datetimes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.formats import date_format

from portal.contact.parts.answers import AnswerRow
from portal.contact.parts.incidents import IncidentRow
from portal.contact.parts.overrides import OverrideRow
from portal.contact.parts.points import PointRow
from portal.contact.parts.preferences import PreferenceRow
from portal.contact.parts.promises import PromiseRow
from portal.contact.parts.recoveries import RecoveryRow
from portal.contact.parts.talks import TalkRow
from portal.contact.parts.twins import TwinRow

if TYPE_CHECKING:
    from customers.models import Customer
    from tiers.selectors.standings import Explained


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
    twins: list[TwinRow] = field(default_factory=list)

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
