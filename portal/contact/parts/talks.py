"""The contact that is open, opening and closing one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.utils.translation import gettext_lazy as _

from customers.enums import Channel
from customers.models import Interaction, TouchPoint
from portal.contact.parts.part import Part, Row, Told, read_choices, rows_of_customer
from portal.forms import HouseForm, PlacedForm, Places
from portal.models import User


@dataclass
class TalkRow(Row):
    """The open interaction of this colleague with this customer."""

    pk: int
    channel: str
    subject: str
    place: str
    opened_at: datetime

    @property
    def channel_word(self) -> str:
        return str(Channel(self.channel).label)


_PHONE_DESK = "phone-desk"


class OpenForm(PlacedForm):
    """A contact begins."""

    name = "open"
    channel = forms.ChoiceField(label=_("By"), choices=Channel.choices)
    subject = forms.CharField(label=_("About"), max_length=200, required=False)
    field_order = ("channel", "touch_point", "subject")

    def __init__(self, data: Any = None, *, places: Places, **kwargs: Any) -> None:
        super().__init__(data, places=places, **kwargs)
        # The first channel offered is the phone; most contacts begin there.
        if any(slug == _PHONE_DESK for slug, _name in places):
            self.initial.setdefault("touch_point", _PHONE_DESK)


class CloseForm(HouseForm):
    """A contact ends."""

    name = "close"
    note = forms.CharField(
        label=_("What was said, for the next colleague"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 2}),
    )


def _ask(user: User) -> ArraySubquery:
    return rows_of_customer(
        Interaction.objects.open().filter(agent=user),
        channel="channel",
        subject="subject",
        place="touch_point__name",
        opened_at="opened_at",
    )


def _ask_places(_user: User) -> ArraySubquery:
    places = TouchPoint.objects.filter(is_active=True).order_by("name")
    return ArraySubquery(places.values(json=Told(slug="slug", name="name")))


TALKS = Part("talks", _ask, TalkRow.read)
PLACES = Part("places", _ask_places, read_choices)
