"""A room for a call by video: making it, sending its link, ending it."""

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from customers.models import Customer
from portal.contact.actions.deed import Outcome, action, open_talk
from portal.contact.page import Done
from portal.contact.parts.channels import VideoForm
from portal.desk.access import DeskRequest
from portal.video.inviting import Sent, open_room, send_link
from tiers.models import VideoRoom
from tiers.services.rooms import end_room

_CHANGED = ("perks", "timeline")


@action("tiers.add_videoroom")
def make(request: DeskRequest, customer: Customer) -> Outcome:
    """Make the room of the open contact, and send its link where that is wanted."""
    form = VideoForm(request.POST, can_write=True)
    talk = open_talk(request, customer)
    if not form.is_valid() or talk is None:
        return Done(
            _("The room belongs to a contact. Open one with them first."), ("matter", "perks"), focus="channels"
        )
    try:
        room, is_new = open_room(interaction=talk, by=request.user)
    except ValidationError as error:
        # The form may be gone with the tier: the page shows what is so now.
        return Done(" ".join(error.messages), ("tier",), focus="perks")
    said = _("The room is ready.") if is_new else _("The room is ready already.")
    if form.cleaned_data["letter"]:
        said = f"{said} {_say(send_link(room=room))}"
    return Done(said, _CHANGED, focus="video-room")


@action("tiers.add_videoroom")
def send(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    """Send the link of a room that waits."""
    room = get_object_or_404(VideoRoom.objects.live(), pk=pk, customer=customer, agent=request.user, used_at=None)
    return Done(_say(send_link(room=room)), _CHANGED, focus="video-room")


@action("tiers.add_videoroom")
def end(request: DeskRequest, customer: Customer, pk: int) -> Outcome:
    """End a room, so that its link opens nothing and another one can be made."""
    room = get_object_or_404(VideoRoom, pk=pk, customer=customer, agent=request.user)
    ended = end_room(room=room)
    said = _("Ended. The link does not work any more.") if ended else _("That had ended already.")
    return Done(said, _CHANGED, focus="channels")


def _say(sent: Sent) -> str:
    return {
        Sent.WRITTEN: _("A letter with the link is on its way."),
        Sent.WRITTEN_BEFORE: _("A letter with the link went before."),
        Sent.NO_ADDRESS: _("There is no address that we may write to: read the link out to them."),
    }[sent]
