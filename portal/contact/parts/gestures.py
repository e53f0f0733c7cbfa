"""What may be given to them, what is left of one's month, what was asked and answered; and giving."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.models import CharField, Exists, JSONField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, JSONArray, Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.models import Customer, Gesture, Incident, Interaction
from customers.selectors.mistakes import MISTAKEN
from feedback.enums import Confirming, RequestState
from feedback.giving import Lineage, Purse, month_of, rank
from feedback.models import Cause, GestureKind, GestureRequest, GivingEntry, GivingMonth
from feedback.models.giving_request import is_asked_twice
from feedback.selectors.giving import ANSWERED_LATELY, LINEAGE, allowances_of, kinds_of_tier
from feedback.services.giving import LONGEST_WORDS
from feedback.services.giving_budgets import TooMuch
from portal.contact.parts.part import Part, Told, ask_all, moment, read_all
from portal.forms import HouseForm
from portal.models import User
from portal.money import write_money
from portal.roles import PERMISSIONS
from tiers.models import Standing

# A catalogue as long as this nobody reads in the middle of a call.
_MOST_KINDS = 40
_FEW = 5


@dataclass(frozen=True)
class KindRow:
    """A gesture that this customer may have. Amounts are None where this colleague may not see money.

    `fit`: how well it fits what is open, 0 being the best; None where it is meant for something else.
    """

    pk: int
    name: str
    usual_cost: Decimal | None
    confirming: str
    fit: int | None


@dataclass(frozen=True)
class RequestRow:
    """Something that somebody asked a lead for: open, or answered lately."""

    pk: int
    kind: str
    cost: Decimal | None
    state: str
    agent_id: int
    agent: str
    by: str | None
    answer: str
    asked_at: Any

    @property
    def is_open(self) -> bool:
        return self.state == RequestState.OPEN

    @property
    def sentence(self) -> str:
        """What became of it."""
        what = _worth(self.kind, self.cost)
        if is_asked_twice(self.state, self.answer):
            return _("Asked for twice: %(what)s. %(answer)s") % {"what": what, "answer": _(self.answer)}
        said = {
            RequestState.OPEN: _("%(agent)s has asked for: %(what)s. No answer yet."),
            RequestState.GRANTED: _("%(by)s said yes: %(what)s."),
            RequestState.DECLINED: _("%(by)s said no: %(what)s."),
            RequestState.LAPSED: _("Nobody answered in time: %(what)s."),
        }[RequestState(self.state)] % {"agent": self.agent, "what": what, "by": self.by}
        return f"{said} “{self.answer}”" if self.answer else said


@dataclass(frozen=True)
class GivenRow:
    """Something given within a day, which can be taken back."""

    pk: int
    what: str
    cost: Decimal | None

    @property
    def sentence(self) -> str:
        return _("Given: %(what)s.") % {"what": _worth(self.what, self.cost)}


@dataclass(frozen=True)
class Giving:
    """All of it. `kinds`: the best first; `purse` is None where this colleague may not see money."""

    kinds: list[KindRow] = field(default_factory=list)
    purse: Purse | None = None
    lead: str = ""
    requests: list[RequestRow] = field(default_factory=list)
    given: list[GivenRow] = field(default_factory=list)

    @property
    def fitting(self) -> list[KindRow]:
        """Those that fit what is open, or anything; the best first."""
        return [kind for kind in self.kinds if kind.fit is not None]

    @property
    def look(self) -> Hashable:
        """What the form's look depends on."""
        asks_for = any(kind.confirming != Confirming.NEVER for kind in self.kinds)
        return repr(list(_options(self))), self.sentence, self.lead, self.purse is None, asks_for

    @property
    def sentence(self) -> str:
        """What one may give without asking, in plain words."""
        if self.purse is None:
            return ""
        if not self.purse.left:
            return _("For whatever costs something, a lead is asked first.")
        amounts = {"left": _money(self.purse.left), "most": _money(self.purse.most)}
        if self.purse.most == self.purse.left:
            return _("You may give %(left)s more this month. Above that, a lead is asked.") % amounts
        return _("You may give %(left)s more this month, %(most)s at a time. Above that, a lead is asked.") % amounts


def _money(amount: Decimal) -> str:
    return write_money(amount, settings.HOUSE_CURRENCY)


def _worth(what: str, cost: Decimal | None) -> str:
    return f"{what} ({_money(cost)})" if cost else what


class GestureForm(HouseForm):
    """Something is given, or a lead is asked for it."""

    name = "gesture"
    kind = forms.ChoiceField(
        label=gettext_lazy("What"),
        error_messages={
            "required": gettext_lazy("There is nothing to give yet. A manager can fill the catalogue."),
            "invalid_choice": gettext_lazy("This gesture is not offered to them any more. Please choose another one."),
        },
    )
    cost = forms.DecimalField(
        label=gettext_lazy("Cost"), required=False, max_digits=14, decimal_places=2, min_value=Decimal(0)
    )
    words = forms.CharField(label=gettext_lazy("What for?"), required=False, max_length=LONGEST_WORDS)
    letter = forms.BooleanField(label=gettext_lazy("Write to them, too"), required=False, initial=True)

    def __init__(self, data: Any = None, *, giving: Giving, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.giving, self.must_ask = giving, False
        cost = self.fields["cost"]
        self.offer("kind", list(_options(giving)))
        if giving.purse is None:
            # Whoever may not see what things cost gives them at what they usually cost.
            del self.fields["cost"]
        else:
            cost.label = _("Cost in %(currency)s") % {"currency": settings.HOUSE_CURRENCY}
            cost.widget.attrs["placeholder"] = _("as usual")
        if not any(one.confirming != Confirming.NEVER for one in giving.kinds):
            del self.fields["letter"]

    def refuse(self, error: ValidationError) -> None:
        """Where a lead has to be asked, say so, and lead to the button that asks."""
        if isinstance(error, TooMuch):
            self.must_ask = True
            sentence = " ".join(error.messages)
            error = ValidationError(f"{sentence} {_('Press “Ask” and a lead decides.')}")
        super().refuse(error)

    @property
    def first_wrong(self) -> str:
        return "gesture-ask" if self.must_ask else super().first_wrong


def _options(giving: Giving) -> Iterable[tuple[str, Any]]:
    """The list to choose from: what fits first, and under a heading of its own what is meant for something else."""
    fitting = [_option(kind, giving.purse) for kind in giving.fitting]
    others = [_option(kind, giving.purse) for kind in giving.kinds if kind.fit is None]
    if not (fitting and others):
        return fitting or others
    return [(_("Fits"), fitting), (_("Meant for something else"), others)]


def _option(kind: KindRow, purse: Purse | None) -> tuple[str, str]:
    if kind.usual_cost is None or purse is None:
        return str(kind.pk), kind.name
    words = _worth(kind.name, kind.usual_cost)
    return str(kind.pk), words if purse.covers(kind.usual_cost) else _("%(what)s, ask a lead") % {"what": words}


# --- the question to the database ------------------------------------------------------------------------


def _text(name: str, *, is_shown: bool) -> Any:
    """An amount as exact text; it does not leave the database for those who may not see it."""
    return Cast(name, CharField()) if is_shown else Value(None, CharField())


def _ask(user: User) -> Any:
    if not user.has_perm("feedback.view_gesturekind"):
        return Value(None, JSONField())
    shows = user.has_perm("customers.view_money")
    return Told(
        kinds=_kinds(shows=shows),
        causes=ArraySubquery(
            Cause.objects.filter(
                incident_kind__in=Incident.objects.open().filter(customer=OuterRef(OuterRef("pk"))).values("kind")
            )
            .order_by()
            .values(json=JSONArray(*LINEAGE))
        ),
        place=Subquery(
            Interaction.objects.open().filter(customer=OuterRef("pk"), agent=user).values("touch_point__slug")[:1]
        ),
        purse=_purse(user) if shows else Value(None, JSONField()),
        lead=Subquery(_lead_of(user).values("lead__display_name")),
        requests=_requests(shows=shows),
        given=_given(user, shows=shows),
    )


def _lead_of(user: User) -> QuerySet[Any]:
    """The colleague with the lead who may answer them; nobody is told to ask one who may not."""
    roles = [role for role, permissions in PERMISSIONS.items() if "feedback.change_gesturerequest" in permissions]
    return get_user_model().objects.filter(pk=user.pk, lead__is_active=True, lead__role__in=roles).order_by()


def _kinds(*, shows: bool) -> ArraySubquery:
    # Three steps up: from the standing to a tier of a kind, to the kind, and to the customer.
    customer = OuterRef(OuterRef(OuterRef("pk")))
    tier = Subquery(Standing.objects.filter(customer=customer, valid_until=None).values("tier")[:1])
    causes: Any = GestureKind.causes.through
    places: Any = GestureKind.touch_points.through
    return ArraySubquery(
        kinds_of_tier(tier)
        .order_by("position", "name")
        .values(
            json=Told(
                pk="pk",
                name="name",
                usual_cost=_text("usual_cost", is_shown=shows),
                confirming="confirming",
                causes=ArraySubquery(
                    causes.objects.filter(gesturekind=OuterRef("pk")).values(
                        json=JSONArray("cause_id", "cause__parent_id", "cause__parent__parent_id")
                    )
                ),
                places=ArraySubquery(
                    places.objects.filter(gesturekind=OuterRef("pk")).values("touchpoint__slug"),
                ),
            )
        )[:_MOST_KINDS]
    )


def _purse(user: User) -> Subquery:
    month = month_of(timezone.now(), settings.TIME_ZONE)
    months = GivingMonth.objects.filter(agent=user.pk, month=month).order_by()
    spent = months.values(text=Cast("spent", CharField()))
    return Subquery(
        allowances_of(user).values(
            json=Told(
                per_gesture=_text("per_gesture", is_shown=True),
                per_month=_text("per_month", is_shown=True),
                spent=Subquery(spent[:1]),
            )
        )[:1]
    )


def _requests(*, shows: bool) -> ArraySubquery:
    lately = Q(answered_at__gt=Now() - ANSWERED_LATELY) & ~Q(state=RequestState.WITHDRAWN)
    rows = GestureRequest.objects.filter(Q(state=RequestState.OPEN) | lately, customer=OuterRef("pk"))
    return ArraySubquery(
        rows.order_by("-asked_at").values(
            json=Told(
                pk="pk",
                kind="kind__name",
                cost=_text("cost", is_shown=shows),
                state="state",
                agent_id="agent_id",
                agent="agent__display_name",
                by="answered_by__display_name",
                answer="answer",
                asked_at="asked_at",
            )
        )[:_FEW]
    )


def _given(user: User, *, shows: bool) -> ArraySubquery:
    """What can still be taken back from here: one's own, for a lead everybody's."""
    rows = Gesture.objects.filter(
        Exists(GivingEntry.objects.filter(gesture=OuterRef("pk"))),
        customer=OuterRef("pk"),
        taken_back_at=None,
        given_at__gt=Now() - MISTAKEN + timedelta(minutes=1),
    )
    if not user.has_perm("feedback.change_gesturerequest"):
        rows = rows.filter(given_by=user)
    return ArraySubquery(
        rows.order_by("-given_at").values(json=Told(pk="pk", what="what", cost=_text("cost", is_shown=shows)))[:_FEW]
    )


# --- and its answer --------------------------------------------------------------------------------------


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _read(found: dict[str, Any] | None, user: User) -> Giving:
    if not found:
        return Giving()
    open_causes: list[Lineage] = [tuple(one) for one in found["causes"]]
    kinds = [_kind(row, open_causes, found["place"]) for row in found["kinds"]]
    amounts = {name: Decimal(text or 0) for name, text in (found["purse"] or {}).items()}
    return Giving(
        # Sorted, not shuffled: among equals the catalogue's own order stays.
        kinds=sorted(kinds, key=lambda kind: (kind.fit is None, kind.fit)),
        purse=Purse(**amounts) if user.has_perm("customers.view_money") else None,
        lead=found["lead"] or "",
        requests=[
            RequestRow(**row | {"cost": _amount(row["cost"]), "asked_at": moment(row["asked_at"])})
            for row in found["requests"]
        ],
        given=[GivenRow(**row | {"cost": _amount(row["cost"])}) for row in found["given"]],
    )


def _kind(row: dict[str, Any], open_causes: list[Lineage], place: str | None) -> KindRow:
    fit = rank(
        named=[tuple(one) for one in row.pop("causes")], open_causes=open_causes, places=row.pop("places"), place=place
    )
    return KindRow(**row | {"usual_cost": _amount(row["usual_cost"])}, fit=fit)


GIVING = Part("giving", _ask, _read)


def offered(*, user: User, customer: Customer) -> Giving:
    """Return the same for a press, as it stands now; one query."""
    (told,) = Customer.objects.filter(pk=customer.pk).values_list(ask_all([GIVING], user)).get()
    giving: Giving = read_all([GIVING], told, user)["giving"]
    return giving
