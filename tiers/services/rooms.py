"""Rooms for calls by video: making one for a contact, coming in by its link, ending it."""

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from customers.models import Customer, Interaction
from customers.tokens import hash_of, sign
from tiers.enums import PerkChannel
from tiers.models import VideoRoom
from tiers.selectors.population import Handful
from tiers.selectors.rooms import find_room, open_rooms, perk_that_opens
from tiers.services.perks import note_perk_use
from tiers.services.settling import lock

if TYPE_CHECKING:
    from portal.models import User

LIFE = timedelta(hours=4)
# 160 random bits in the letters that every video server takes: it compares names in lower case.
_NAME_BYTES = 20


def token_of(name: str) -> str:
    """Return the token of a room's link. It is signed, not stored: whoever has only the database cannot make it."""
    return sign(key=settings.SECRET_KEY.encode(), purpose="video", name=name)


@transaction.atomic
def make_room(*, interaction: Interaction, by: "User") -> tuple[VideoRoom, bool]:
    """Make a room for a contact and return it with True, or the one that nobody has come into yet with False.

    A room that was come into ends: its link is worth nothing any more. Its tier is read in step with whoever decides
    about it, so that a move down that is being written is heeded.

    Raises:
        ValidationError: the contact is not this colleague's open one, or the tier opens no video.
    """
    lock(Handful([interaction.customer_id]))
    talk = Interaction.objects.open().select_for_update(no_key=True).filter(pk=interaction.pk, agent=by).first()
    if talk is None:
        raise ValidationError(_("The room belongs to a contact. Open one with them first."))
    perk = perk_that_opens(customer_id=talk.customer_id, channel=PerkChannel.VIDEO)
    if perk is None:
        raise ValidationError(_("Their tier does not come with a call by video."))
    rooms = VideoRoom.objects.filter(interaction=talk)
    waiting = rooms.live().filter(used_at=None).first()
    if waiting is not None:
        return waiting, False
    rooms.filter(ended_at=None).update(ended_at=Now())
    name = secrets.token_hex(_NAME_BYTES)
    room = VideoRoom.objects.create(
        customer_id=talk.customer_id,
        interaction=talk,
        agent=by,
        perk=perk,
        name=name,
        token_hash=hash_of(token_of(name)),
        expires_at=Now() + LIFE,
    )
    room.refresh_from_db(fields=["made_at", "expires_at"])
    return room, True


@transaction.atomic
def enter_room(*, token: str, browser: str) -> VideoRoom | None:
    """Let a browser into the room of a link and return it with `now`; None where the link does not open it.

    The first browser is the only one. That it comes again, after a lost line or a lost page, is nothing new. `browser`:
    the secret that it is known by. Coming in is a use of the perk.
    """
    first = open_rooms(token=token).filter(used_at=None)
    is_first = first.update(used_at=Now(), used_by=hash_of(browser))
    room = find_room(token=token, browser=browser)
    if room is not None and is_first and room.perk is not None:
        note_perk_use(interaction=room.interaction, perk=room.perk, by=room.agent)
    return room


def end_room(*, room: VideoRoom) -> bool:
    """End a room: its link opens nothing any more. Return False where it had ended."""
    return bool(VideoRoom.objects.filter(pk=room.pk, ended_at=None).update(ended_at=Now()))


def end_rooms_of(customer: Customer) -> None:
    """End every room of a customer who is forgotten. No word of theirs is in them."""
    VideoRoom.objects.filter(customer=customer, ended_at=None).update(ended_at=Now())
