"""Everything that somebody should know before they speak to a customer, composed from what each room offers."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Now

from customers.fading import fade_of
from customers.models import Consent, Customer, Incident, Interaction, Letter, Order, Preference, Promise
from feedback.models import Recovery
from portal.contact.parts.selves import RelationRow, SelfRow
from portal.contact.selectors import gather
from portal.contact.speaking import Speaking
from portal.hints.suggesting import Hint
from portal.models import User
from tiers.selectors.standings import Explained

_Row = TypeVar("_Row", bound=Model)

# How many lines of the past are worth sending.
RECENT = 20


@dataclass(frozen=True)
class Line:
    """One line of the timeline. Amounts are in `currency`; `amount` is None where there is none."""

    kind: str
    at: datetime
    text: str
    state: str = ""
    amount: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True)
class BeforeYouSpeak:
    """What must not be missed: what we owe, what went wrong, what they forbid."""

    recoveries: list[Recovery]
    overdue_promises: list[Promise]
    open_incidents: list[Incident]
    consents: list[Consent]
    speaking: Speaking


@dataclass(frozen=True)
class Liked:
    """A preference, and how much of it is left: fresh, faded or quiet."""

    preference: Preference
    fade: str


@dataclass(frozen=True)
class Context:
    """A customer, as the person or program that asks may know them."""

    customer: Customer
    tier: Explained | None
    selves: list[SelfRow]
    relationships: list[RelationRow]
    before_you_speak: BeforeYouSpeak
    open_interactions: list[Interaction]
    open_promises: list[Promise]
    preferences: list[Liked]
    hints: list[Hint]
    timeline: list[Line]


def context_of(*, customer: Customer, user: User) -> Context:
    """Compose the context for this reader, in a number of queries that does not grow with the history.

    What the role may not see is left out here where it is a whole thing, and in the serializer where it is a number.
    """
    promises = list(
        Promise.objects.open().filter(customer=customer).annotate(is_overdue=Q(due_at__lt=Now())).order_by("due_at")
    )
    contact = gather(user=user, public_id=customer.public_id)
    if contact is None:
        raise Customer.DoesNotExist
    return Context(
        customer=customer,
        tier=contact.explained,
        selves=contact.selves,
        relationships=contact.relations,
        before_you_speak=BeforeYouSpeak(
            recoveries=_recoveries(customer, user),
            overdue_promises=[promise for promise in promises if promise.is_overdue],
            open_incidents=list(
                Incident.objects.open()
                .filter(customer=customer)
                .select_related("touch_point")
                .order_by("-severity", "-happened_at")
            ),
            consents=_consents(customer),
            speaking=contact.speaking,
        ),
        open_interactions=list(
            Interaction.objects.open()
            .filter(customer=customer)
            .select_related("customer", "touch_point", "agent")
            .order_by("-opened_at")
        ),
        open_promises=[promise for promise in promises if not promise.is_overdue],
        preferences=_preferences(customer, user, contact.speaking),
        hints=contact.hints.shown if contact.hints else [],
        timeline=_timeline(customer, user),
    )


def _preferences(customer: Customer, user: User, speaking: Speaking) -> list[Liked]:
    """Return what they like, as far as the reader may see it, the newest first."""
    private, special = user.has_perm("customers.view_private"), user.has_perm("customers.view_special")
    rows = Preference.objects.live().visible(private=private, special=special).filter(customer=customer)
    return [
        Liked(
            one,
            fade_of(
                max(one.noted_at, one.confirmed_at or one.noted_at),
                now=speaking.now,
                half_life_days=speaking.rules.fading[one.provenance],
            ).name.lower(),
        )
        for one in rows.select_related("touch_point", "noted_by").order_by("-noted_at", "-pk")
    ]


def _consents(customer: Customer) -> list[Consent]:
    """Return the newest word on each purpose."""
    newest = Consent.objects.filter(customer=customer).order_by("purpose", "-noted_at", "-pk")
    return list(newest.distinct("purpose"))


def _recoveries(customer: Customer, user: User) -> list[Recovery]:
    """Return what is still to be mended, whoever owns it: somebody who speaks to the customer has to know."""
    if not user.has_perm("feedback.view_recovery"):
        return []
    return list(Recovery.objects.open().filter(customer=customer).select_related("answer", "owner").order_by("due_at"))


def _state_of(interaction: Interaction) -> str:
    if interaction.is_mistaken:
        return "mistaken"
    return "closed" if interaction.closed_at else "open"


def _state_of_promise(promise: Promise) -> str:
    if promise.is_mistaken:
        return "mistaken"
    return "kept" if promise.kept_at else "broken" if promise.broken_at else "open"


def _timeline(customer: Customer, user: User) -> list[Line]:
    """Return the most recent lines of all kinds that the reader may see, newest first."""
    lines = [
        Line(f"order_{order.kind}", order.placed_at, order.description, "", order.amount, order.currency_id)
        for order in _newest(Order.objects.filter(customer=customer), "placed_at")
    ]
    lines += [
        Line("interaction", one.opened_at, str(one), _state_of(one))
        for one in _newest(Interaction.objects.filter(customer=customer), "opened_at")
    ]
    lines += [
        Line("incident", one.happened_at, one.text, "resolved" if one.resolved_at else "open")
        for one in _newest(Incident.objects.filter(customer=customer), "happened_at")
    ]
    lines += [
        Line("promise", one.made_at, one.text, _state_of_promise(one))
        for one in _newest(Promise.objects.filter(customer=customer), "made_at")
    ]
    if user.has_perm("customers.view_letter"):
        letters = Letter.objects.filter(customer=customer).only("subject", "state", "created_at")
        lines += [Line("letter", one.created_at, one.subject, one.state) for one in _newest(letters, "created_at")]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:RECENT]


def _newest(rows: QuerySet[_Row], by: str) -> QuerySet[_Row]:
    return rows.order_by(f"-{by}")[:RECENT]
