"""Everything on the page but the timeline. Times are aware datetimes."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from customers.enums import ConsentPurpose
from customers.fading import Fade
from customers.selectors.selves import role_words
from portal import dates
from portal.contact.parts.answers import AnswerRow
from portal.contact.parts.calls import CallRow
from portal.contact.parts.cautions import CautionRow
from portal.contact.parts.channels import ChannelRow, RoomRow, can_write, channels_of
from portal.contact.parts.gestures import Giving
from portal.contact.parts.incidents import IncidentRow
from portal.contact.parts.noise import Rules, Troubles, read_rules
from portal.contact.parts.opening import Occasions
from portal.contact.parts.others import OtherRow, key_of
from portal.contact.parts.outside import OutsideRow
from portal.contact.parts.overrides import OverrideRow
from portal.contact.parts.points import PointRow
from portal.contact.parts.preferences import PreferenceRow
from portal.contact.parts.promises import PromiseRow
from portal.contact.parts.recoveries import RecoveryRow
from portal.contact.parts.selves import RelationRow, SelfRow
from portal.contact.parts.talks import TalkRow
from portal.contact.parts.twins import TwinRow
from portal.contact.speaking import Speaking
from portal.hints.facts import HintFacts
from portal.video.server import has_server

if TYPE_CHECKING:
    from customers.models import Customer
    from portal.hints.suggesting import Hints
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
    consents: dict[str, bool]
    overrides: list[OverrideRow] = field(default_factory=list)
    tiers: list[tuple[str, str]] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)
    causes: list[tuple[str, str]] = field(default_factory=list)
    twins: list[TwinRow] = field(default_factory=list)
    outside: list[OutsideRow] = field(default_factory=list)
    people: list[tuple[str, str]] = field(default_factory=list)
    others: list[OtherRow] = field(default_factory=list)
    giving: Giving = field(default_factory=Giving)
    hint_facts: HintFacts = field(default_factory=HintFacts)
    calls: list[CallRow] = field(default_factory=list)
    rooms: list[RoomRow] = field(default_factory=list)
    selves: list[SelfRow] = field(default_factory=list)
    relations: list[RelationRow] = field(default_factory=list)
    # Made from all of the above.
    hints: "Hints | None" = None
    cautions: list[CautionRow] = field(default_factory=list)
    troubles: Troubles = field(default_factory=Troubles)
    occasions: Occasions = field(default_factory=Occasions)
    rules: Rules = field(default_factory=lambda: read_rules(None))

    @property
    def others_key(self) -> str:
        """What tells one list of colleagues from another."""
        return key_of(self.others)

    @cached_property
    def speaking(self) -> Speaking:
        """What to know before one speaks, and what to say first."""
        return Speaking(
            customer=self.customer,
            now=self.now,
            rules=self.rules,
            troubles=self.troubles,
            occasions=self.occasions,
            recoveries=self.recoveries,
            promises=self.promises,
            incidents=self.incidents,
            cautions=self.cautions,
            refused=self.refused,
            selves=self.selves,
        )

    @cached_property
    def channels(self) -> list[ChannelRow]:
        """The ways to reach us that their tier opens."""
        return channels_of(self)

    @property
    def can_write(self) -> bool:
        return can_write(self)

    @property
    def has_video_server(self) -> bool:
        return has_server()

    @property
    def role(self) -> str:
        """In which role they are here: “for themselves”, “as buyer for Firm X”."""
        return role_words(self.customer.capacity, self.customer.firm)

    @property
    def calls_for(self) -> list[RelationRow]:
        """Those in whose name they may be in touch."""
        return [one for one in self.relations if one.calls_for]

    @property
    def other_relations(self) -> list[RelationRow]:
        return [one for one in self.relations if not one.calls_for]

    @property
    def more_relations(self) -> int:
        """How many of these are folded behind the first."""
        return len(self.other_relations) - 1

    @property
    def refused(self) -> list[str]:
        """The purposes that they said no to."""
        return [purpose for purpose, is_given in self.consents.items() if not is_given]

    @property
    def has_agreed(self) -> bool:
        """Whether they agreed that what is sensitive is kept."""
        return self.consents.get(ConsentPurpose.SPECIAL, False)

    @cached_property
    def likes(self) -> list[PreferenceRow]:
        """What they like, as far as it has not gone quiet."""
        return [one for one in self.preferences if one.fade_by(self.rules, self.now) != Fade.QUIET]

    @cached_property
    def quiet_likes(self) -> list[PreferenceRow]:
        """What they liked once, as far as we know: nobody has said so for long."""
        return [one for one in self.preferences if one.fade_by(self.rules, self.now) == Fade.QUIET]

    @property
    def open_incidents(self) -> list[IncidentRow]:
        return [incident for incident in self.incidents if incident.resolved_at is None]

    @property
    def talk(self) -> TalkRow | None:
        return self.talks[0] if self.talks else None

    @property
    def calling(self) -> str:
        """How they try to reach this colleague at this moment: “phone”, “email”, or not at all."""
        return self.calls[0].kind if self.calls else ""

    @property
    def override(self) -> OverrideRow | None:
        return self.overrides[0] if self.overrides else None

    @property
    def last_answer(self) -> AnswerRow | None:
        return self.answers[0] if self.answers else None

    @cached_property
    def since(self) -> str:
        since = self.customer.customer_since
        return dates.written(since, "F Y") if since else ""
