"""What we put them through, as it weighs now, and the manager's rules by which it fades."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, FloatField, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject, Now

from customers.enums import Provenance
from customers.models import Incident, Interaction, Promise, SpeakingRules
from customers.noise import Weights
from feedback.enums import Enjoyed, RecoveryState
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


def _among_newest(model: type[Any], by: str) -> "QuerySet[Any]":
    """The customer's newest rows, from the index that has them in order."""
    newest = model.objects.filter(customer=OuterRef(OuterRef("pk"))).order_by(f"-{by}").values("pk")[:_NEWEST]
    rows: QuerySet[Any] = model.objects.filter(pk__in=Subquery(newest))
    return rows


def _array(rows: "QuerySet[Any]", **columns: Any) -> ArraySubquery:
    return ArraySubquery(rows.values(json=JSONObject(**columns))[:_MOST])


def _ask(user: User) -> JSONObject:
    incidents = _among_newest(Incident, "happened_at").filter(is_our_fault=True)
    overdue = Q(kept_at=None, broken_at=None, due_at__lt=Now())
    promises = _among_newest(Promise, "made_at").filter(
        overdue | Q(broken_at__isnull=False) | Q(kept_at__gt=F("due_at"))
    )
    talks = _among_newest(Interaction, "opened_at")
    waits = talks.filter(waited__gt=timedelta(0)) if user.has_perm("customers.view_interaction") else talks.none()
    low = talks.filter(
        invitation__answers__is_counted=True, invitation__answers__enjoyed__in=(Enjoyed.NO, Enjoyed.PARTLY)
    )
    answers = low if user.has_perm("feedback.view_answer") else low.none()
    answer = "invitation__answers__"
    return JSONObject(
        incidents=_array(
            incidents.order_by("-severity", "-happened_at"),
            **{name: name for name in ("pk", "kind", "text", "severity", "interaction_id")},
            happened_at="happened_at",
            resolved_at="resolved_at",
        ),
        promises=_array(
            promises.order_by("-due_at"), **{name: name for name in ("pk", "text", "due_at", "kept_at", "broken_at")}
        ),
        waits=_array(
            waits.order_by("-opened_at"),
            pk="pk",
            seconds=_seconds("waited"),
            is_reached=Q(agent__isnull=False),
            opened_at="opened_at",
            closed_at="closed_at",
        ),
        answers=_array(
            answers.order_by(f"-{answer}answered_at"),
            **{name: f"{answer}{name}" for name in ("enjoyed", "comment", "answered_at")},
            state=f"{answer}recovery__state",
            mended_at=f"{answer}recovery__closed_at",
        ),
    )


def _seconds(column: str) -> Any:
    return Func(F(column), template="extract(epoch FROM %(expressions)s)", output_field=FloatField())


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


def _ask_rules(_user: User) -> ArraySubquery:
    return ArraySubquery(SpeakingRules.objects.values(json=JSONObject(**{name: name for name in _RULES})))


def read_rules(rows: list[dict[str, Any]] | None, _user: Any = None) -> Rules:
    """Return the rules from the row, or the defaults where there is none."""
    told = rows[0] if rows else {name: getattr(SpeakingRules(), name) for name in _RULES}
    said = {name: float(value) for name, value in told.items()}
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
