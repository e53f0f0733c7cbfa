"""Incidents: first the returns that were our fault, then long waits and what else went wrong."""

from datetime import datetime, timedelta
from typing import Any

from customers.enums import IncidentKind, Severity
from customers.models import Incident, Order
from customers.services.incidents import record_incident
from portal.demo.cast import HAPPY, LET_DOWN
from portal.demo.history.contacts import Contact
from portal.demo.history.house import House, words

_LONG_WAIT = 10  # minutes
_NOISE_SHARE = 0.03
# Trouble as fresh as this may still be open.
_FRESH = timedelta(days=9)


def write_incidents(house: House, contacts: list[Contact]) -> None:
    """Write the past incidents, most of them put right; those still open go through the service."""
    past = [*_from_returns(house), *_from_contacts(house, contacts)]
    for incident in past:
        if incident.resolved_at is None:
            _record(incident)
    Incident.objects.bulk_create([incident for incident in past if incident.resolved_at is not None])


def _record(incident: Incident) -> None:
    record_incident(
        customer=incident.customer,
        kind=incident.kind,
        touch_point=incident.touch_point,
        text=incident.text,
        severity=incident.severity,
        happened_at=incident.happened_at,
        order=incident.order,
        interaction=incident.interaction,
        recorded_by=incident.recorded_by,
    )


def _from_returns(house: House) -> list[Incident]:
    """Invent what lay behind each return that was our fault. Linked to the order that came back."""
    incidents: dict[tuple[int, str], Incident] = {}
    faults = words()["fault"]
    for number, one in sorted(house.known.items()):
        for back in one.orders:
            is_told_by_hand = number == LET_DOWN and house.now - back.placed_at < timedelta(days=20)
            if not back.is_our_fault or is_told_by_hand:
                continue
            order = _order_sent_back(one.orders, back)
            fault = house.random.choices(faults, [fault["weight"] for fault in faults])[0]
            incident = Incident(
                customer=one.customer,
                kind=fault["kind"],
                touch_point=house.touch_points[fault["touch_point"]],
                severity=Severity.SERIOUS if -back.amount > order.amount / 2 else Severity.REAL,
                text=house.random.choice(fault["texts"]).format(order=order.external_id),
                order=order,
                recorded_by=house.random.choice(house.agents),
                happened_at=back.placed_at,
            )
            _resolve(house, incident, fault["mended"])
            incidents.setdefault((order.pk, incident.kind), incident)
    return list(incidents.values())


def _order_sent_back(orders: list[Order], back: Order) -> Order:
    """Return the order that the return's description names, else the one before it."""
    words_of = set(back.description.replace(":", " ").split())
    earlier = [order for order in orders if order.kind == Order.Kind.PURCHASE and order.placed_at < back.placed_at]
    return next((order for order in earlier if order.external_id in words_of), earlier[-1])


def _from_contacts(house: House, contacts: list[Contact]) -> list[Incident]:
    incidents = []
    for contact in contacts:
        if contact.waited_minutes >= _LONG_WAIT:
            trouble = words()["waiting"] | {"kind": IncidentKind.WAITING, "severity": Severity.SLIGHT}
            text = trouble["text"].format(minutes=contact.waited_minutes)
            incidents.append(_during(house, contact, trouble, text, contact.closed_at))
        elif house.random.random() < _NOISE_SHARE:
            trouble = house.random.choice(words()["noise"])
            incidents.append(_during(house, contact, trouble, house.random.choice(trouble["texts"]), None))
    return incidents


def _during(
    house: House, contact: Contact, trouble: dict[str, Any], text: str, resolved_at: datetime | None
) -> Incident:
    slug = trouble.get("touch_point", "phone-desk")
    incident = Incident(
        customer=contact.known.customer,
        kind=trouble["kind"],
        touch_point=house.touch_points[slug],
        severity=trouble.get("severity", Severity.REAL),
        text=text,
        interaction=contact.interaction,
        recorded_by=contact.interaction.agent,
        happened_at=contact.interaction.opened_at,
    )
    if resolved_at:
        incident.resolved_at, incident.resolution = resolved_at, trouble["mended"]
    else:
        _resolve(house, incident, trouble["mended"])
    return incident


def _resolve(house: House, incident: Incident, mended: list[str]) -> None:
    """Put it right within hours or days, unless it is fresh and, in one case of three, still open."""
    resolved_at = house.in_hours(incident.happened_at + timedelta(days=house.random.choice((0, 1, 1, 2, 4))))
    is_open = house.random.random() < 1 / 3 and house.now - incident.happened_at < _FRESH
    # While something is open nobody is asked how it was, and the tour has a newcomer ask the happy one.
    if not is_open or incident.customer == house.known[HAPPY].customer:
        incident.resolved_at = min(max(resolved_at, incident.happened_at), house.now)
        incident.resolution = house.random.choice(mended)
