"""Which ways to reach us a customer's tier opens, and rooms by the token that a visitor brings."""

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from customers.models import Interaction
from customers.tokens import hash_of
from tiers.models import Perk, Standing, VideoRoom


def perk_that_opens(*, customer_id: int, channel: str) -> Perk | None:
    """Return the perk of the customer's present tier that opens a channel, if one does; one query."""
    tiers = Standing.objects.present().filter(customer=customer_id)
    return Perk.objects.filter(channel=channel, tier__in=tiers.values("tier")).order_by("position", "pk").first()


def open_rooms(*, token: str) -> "QuerySet[VideoRoom]":
    """Return the room of a link, if it is open: made for a contact that is still open, not ended, in time.

    Nothing alike for a token that is unknown, expired, made for something else, or no token at all.
    """
    talk = Interaction.objects.open().filter(pk=OuterRef("interaction"))
    return VideoRoom.objects.live().filter(Exists(talk), token_hash=hash_of(token))


def find_room(*, token: str, browser: str = "") -> VideoRoom | None:
    """Return the room that a link opens to a browser, with `now` and its people; one query.

    A room that somebody has come into opens to the browser that they came with, and to no other.
    """
    found = open_rooms(token=token).select_related("customer", "agent").annotate(now=Now()).first()
    if found is None or (found.used_at is not None and bytes(found.used_by or b"") != hash_of(browser)):
        return None
    return found
