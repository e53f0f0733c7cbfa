"""Past contacts: who rang, wrote or came by, about what, and how long they waited."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from customers.enums import Channel
from customers.models import Interaction, Order
from portal.demo.history.house import SOURCE, House, Known, words

# So many of the largest customers have a rich history, so many of the others a short one.
_LARGEST, _OTHERS = 160, 500
# The last contact of the past closed at least so long ago.
_BEFORE_NOW = timedelta(hours=2)


@dataclass(slots=True)
class Contact:
    """A closed interaction, whose it was, the order it was about and the topic's words."""

    interaction: Interaction
    known: Known
    order: Order
    topic: dict[str, Any]

    @property
    def closed_at(self) -> datetime:
        """When it was over."""
        assert self.interaction.closed_at is not None  # noqa: S101 - each contact here is
        return self.interaction.closed_at

    @property
    def waited_minutes(self) -> int:
        """Whole minutes that they were kept waiting."""
        return int((self.interaction.waited or timedelta()).total_seconds() // 60)


def write_contacts(house: House) -> list[Contact]:
    """Write past contacts, a few for each of the largest customers and one or two for some of the others."""
    random = house.random
    others = house.regulars[_LARGEST:]
    chosen = [(one, random.randint(2, 6)) for one in house.regulars[:_LARGEST]]
    chosen += [(one, random.choice((1, 1, 2))) for one in random.sample(others, min(_OTHERS, len(others)))]
    contacts = [contact for one, count in chosen for _ in range(count) if (contact := _invent(house, one))]
    contacts.sort(key=lambda contact: (contact.interaction.opened_at, contact.known.customer.external_id))
    for number, contact in enumerate(contacts, 1):
        contact.interaction.external_id = f"{number:06d}"
    Interaction.objects.bulk_create([contact.interaction for contact in contacts])
    return contacts


def _invent(house: House, one: Known) -> Contact | None:
    """Return a contact some hours or days after one of their orders, or nothing where that is still to come."""
    random = house.random
    order = random.choice(one.purchases)
    topic = random.choice(words()["topic"])
    opened_at = house.in_hours(order.placed_at + timedelta(days=random.choice((0, 1, 1, 2, 3, 5, 8))))
    closed_at = opened_at + timedelta(seconds=random.randrange(120, 1500))
    agent = random.choice(house.agents)
    channel = random.choice(topic["channels"])
    waited = _wait(house, channel)
    if opened_at < order.placed_at or closed_at > house.now - _BEFORE_NOW:
        return None
    interaction = Interaction(
        customer=one.customer,
        source=SOURCE,
        channel=channel,
        touch_point=house.touch_points[topic["touch_point"]],
        agent=agent,
        subject=topic["subject"].format(order=order.external_id),
        note=random.choice(topic["notes"]),
        waited=waited,
        opened_at=opened_at,
        closed_at=closed_at,
    )
    return Contact(interaction=interaction, known=one, order=order, topic=topic)


def _wait(house: House, channel: str) -> timedelta | None:
    """Draw a wait on the phone (on average a minute and a half, sometimes far more) or in a chat."""
    seconds = {Channel.PHONE: 90, Channel.CHAT: 40}.get(Channel(channel))
    if seconds is None:
        return None
    patience = 8 if house.random.random() < 0.04 else 1
    return timedelta(seconds=int(house.random.expovariate(1 / seconds) * patience))
