"""Promises made during contacts: kept, kept late, given up, overdue, and due soon."""

from datetime import timedelta

from customers.models import Promise
from customers.services.promises import make_promise
from portal.demo.history.contacts import Contact
from portal.demo.history.house import House

_SHARE = 0.2
# Made within this time, a promise may still be open.
_FRESH = timedelta(days=10)
_OVERDUE, _DUE_SOON = 6, 9


def write_promises(house: House, contacts: list[Contact]) -> None:
    """Write the past promises in bulk; those that fall due in the coming days are made by the service."""
    random = house.random
    promised = [contact for contact in contacts if random.random() < _SHARE]
    fresh = [contact for contact in promised if house.now - contact.closed_at < _FRESH]
    left_open = set(map(id, random.sample(fresh, min(_OVERDUE, len(fresh)))))
    past = [_past(house, contact, is_open=id(contact) in left_open) for contact in promised]
    Promise.objects.bulk_create([promise for promise in past if promise])
    recent = sorted(contacts, key=lambda contact: contact.closed_at)[-60:]
    for contact in random.sample(recent, min(_DUE_SOON, len(recent))):
        make_promise(
            customer=contact.known.customer,
            text=_text(contact),
            due_at=house.soon(random.choice((2, 4, 6, 20, 26, 44))),
            owner=contact.interaction.agent,
            touch_point=contact.interaction.touch_point,
            interaction=contact.interaction,
        )


def _text(contact: Contact) -> str:
    text: str = contact.topic["promise"]
    return text.format(order=contact.order.external_id)


def _past(house: House, contact: Contact, *, is_open: bool) -> Promise | None:
    """Return a promise that has fallen due, or nothing where it would fall due only now."""
    random = house.random
    due_at = house.in_hours(contact.closed_at + timedelta(days=random.choice((1, 2, 2, 3, 5))))
    due_at = due_at.replace(minute=due_at.minute // 15 * 15, second=0)
    fate = random.choices(("kept", "late", "broken"), (80, 14, 6))[0]
    late_by = timedelta(hours=random.randrange(2, 70))
    early_by = (due_at - contact.closed_at) * random.random()
    if due_at >= house.now:
        return None
    promise = Promise(
        customer=contact.known.customer,
        text=_text(contact),
        due_at=due_at,
        touch_point=contact.interaction.touch_point,
        interaction=contact.interaction,
        owner=contact.interaction.agent,
        made_at=contact.closed_at,
    )
    if is_open:
        return promise
    if fate == "broken":
        promise.broken_at = min(due_at + late_by, house.now)
    else:
        promise.kept_at = due_at - early_by if fate == "kept" else min(due_at + late_by, house.now)
    return promise
