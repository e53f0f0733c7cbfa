"""Contacts that a video room can be made for."""

from django.db.models.functions import Now

from customers.models import Customer, Interaction
from portal.models import User
from tests.factories import make_customer, make_interaction, make_user
from tests.portal.worlds import give_tier, make_tiers
from tiers.models import Perk, Standing, Tier, VideoRoom
from tiers.selectors.population import Handful
from tiers.services.rooms import make_room, token_of
from tiers.services.settling import lock


def make_opening_tier(channel: str = "video", address: str = "") -> Tier:
    """The highest tier, which opens a channel and nothing else."""
    tier = make_tiers()[3]
    tier.perks.exclude(channel="none").update(channel="none", address="")
    Perk.objects.update_or_create(
        tier=tier, text=f"We are there: {channel}", defaults={"channel": channel, "address": address}
    )
    return tier


def make_talk(agent: User | None = None, customer: Customer | None = None) -> Interaction:
    """An open contact of somebody whose tier opens video."""
    customer = customer or make_customer(language="de", time_zone="Europe/Berlin", known_as="Mx One")
    give_tier(customer, make_opening_tier())
    return make_interaction(customer, agent=agent or make_user(display_name="Agent One"))


def make_link() -> tuple[VideoRoom, str]:
    """A room that waits, and the token of its link."""
    talk = make_talk()
    assert talk.agent
    room, _is_new = make_room(interaction=talk, by=talk.agent)
    return room, token_of(room.name)


def give_way(talk: Interaction) -> None:
    """Move down, as a run does."""
    lock(Handful([talk.customer_id]))
    Standing.objects.present().filter(customer=talk.customer_id).update(valid_until=Now())
    give_tier(talk.customer, make_tiers()[0], days=0)
