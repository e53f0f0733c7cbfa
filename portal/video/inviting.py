"""Making a room in a contact and writing to the customer where it is; letting the letter go while the link works."""

from enum import Enum

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from customers.exceptions import HoldBack
from customers.models import Interaction, Letter
from customers.services.letters import queue_letter
from customers.tokens import hash_of
from feedback.selectors.reaching import addresses_of
from portal.models import User
from portal.video.letter import VIDEO, VIDEO_LINK, link_of, write_video
from portal.video.server import has_server
from tiers.models import VideoRoom
from tiers.selectors.rooms import find_room
from tiers.services.rooms import make_room, token_of


class Sent(Enum):
    """What became of the letter that was wanted."""

    WRITTEN = "written"
    WRITTEN_BEFORE = "written_before"
    NO_ADDRESS = "no_address"


def open_room(*, interaction: Interaction, by: User) -> tuple[VideoRoom, bool]:
    """Make a room for a contact and return it with True, or the one that waits already with False.

    Raises:
        ValidationError: the house has no video server, the contact is not open, or their tier opens no video.
    """
    if not has_server():
        raise ValidationError(_("No video server is set up."))
    return make_room(interaction=interaction, by=by)


@transaction.atomic
def send_link(*, room: VideoRoom) -> Sent:
    """Write to the customer where the room is, once.

    The letter is a part of our service, which they asked for in this contact: it wants no other consent. None goes to
    an address that gets no letters.
    """
    room = VideoRoom.objects.select_for_update(of=("self",), no_key=True).select_related("customer").get(pk=room.pk)
    if room.letter_id is not None:
        return Sent.WRITTEN_BEFORE
    address = addresses_of([room.customer_id])[0].get(room.customer_id)
    if address is None:
        return Sent.NO_ADDRESS
    by = room.agent.display_name if room.agent else settings.SITE_NAME
    written = write_video(customer=room.customer, expires_at=room.expires_at, by=by)
    letter, _is_new = queue_letter(
        customer=room.customer,
        kind=VIDEO,
        subject_key=str(room.pk),
        to_address=address,
        language=written.language,
        subject=written.subject,
        text=written.text,
        html=written.html,
        headers=written.headers,
    )
    VideoRoom.objects.filter(pk=room.pk).update(letter=letter)
    return Sent.WRITTEN


def seal_video(letter: Letter) -> dict[str, str]:
    """Put in the link of a letter that is about to leave.

    Raises:
        HoldBack: the link would open nothing any more, or they have come in by it.
        RuntimeError: this process has another SECRET_KEY than the one that made the room.
    """
    room = VideoRoom.objects.get(pk=int(letter.subject_key))
    token = token_of(room.name)
    if hash_of(token) != bytes(room.token_hash):
        raise RuntimeError("SECRET_KEY is not the one that the room was made with: give every process the same.")
    if room.used_at is not None:
        raise HoldBack(_("They have joined the call already"))
    if find_room(token=token) is None:
        raise HoldBack(_("The video link does not work any more"))
    return {VIDEO_LINK: link_of(room.name)}
