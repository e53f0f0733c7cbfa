"""The ways to reach us that their tier opens, and the video room of the contact that is open."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.utils.translation import gettext_lazy as _

from customers.enums import ContactKind, LetterState
from customers.phones import format_phone, without_extension
from portal.contact.parts.part import Part, Row, rows_of_customer
from portal.forms import HouseForm
from portal.models import User
from portal.video.letter import link_of
from tiers.channels import chat_link
from tiers.enums import PerkChannel
from tiers.models import VideoRoom

if TYPE_CHECKING:
    from portal.contact.contact import Contact


@dataclass(frozen=True)
class ChannelRow:
    """A way to reach us: what it is, what is said of it, and where that leads. Both are empty for video."""

    kind: str
    text: str
    href: str

    @property
    def word(self) -> str:
        return str(PerkChannel(self.kind).label)


@dataclass
class RoomRow(Row):
    """The room of this colleague's open contact; `name` is what its link is made of."""

    pk: int
    name: str
    expires_at: datetime
    used_at: datetime | None
    letter: str | None

    @property
    def link(self) -> str:
        return link_of(self.name)

    @property
    def what_of_the_letter(self) -> str:
        """What became of the letter with the link."""
        match self.letter:
            case LetterState.QUEUED | LetterState.SENDING:
                return str(_("A letter with the link is on its way."))
            case LetterState.SENT:
                return str(_("A letter with the link went to them."))
        return str(_("The letter with the link did not get there, as far as we know: read it out."))


class VideoForm(HouseForm):
    """A room is made; where they have an address, the link can go there."""

    name = "video"
    letter = forms.BooleanField(label=_("Send them the link by email"), required=False, initial=True)

    def __init__(self, data: Any = None, *, can_write: bool, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if not can_write:
            del self.fields["letter"]


def channels_of(contact: "Contact") -> list[ChannelRow]:
    """Return the ways that their tier opens, as they are for this customer."""
    if contact.explained is None:
        return []
    rows = []
    for one in contact.explained.channels:
        match one.kind:
            case PerkChannel.LINE:
                rows.append(ChannelRow(one.kind, format_phone(one.address), f"tel:{without_extension(one.address)}"))
            case PerkChannel.CHAT:
                rows.append(
                    ChannelRow(one.kind, str(_("open")), chat_link(one.address, str(contact.customer.public_id)))
                )
            case _other:
                rows.append(ChannelRow(one.kind, "", ""))
    return rows


def can_write(contact: "Contact") -> bool:
    """Whether they have an address that gets letters; it is looked at again as we write."""
    return any(point.kind == ContactKind.EMAIL and not point.held for point in contact.points)


def _ask(user: User) -> ArraySubquery:
    mine = VideoRoom.objects.live().filter(agent=user, interaction__closed_at=None)
    return rows_of_customer(mine, name="name", expires_at="expires_at", used_at="used_at", letter="letter__state")


ROOMS = Part("rooms", _ask, RoomRow.read)
