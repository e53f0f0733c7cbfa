"""The blocks of the page, the forms that stand in them, and which template draws each."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from customers.zones import zone_of
from portal.contact.contact import Contact
from portal.contact.parts.cautions import CautionForm
from portal.contact.parts.channels import VideoForm, can_write
from portal.contact.parts.gestures import GestureForm
from portal.contact.parts.incidents import IncidentForm, ResolveForm
from portal.contact.parts.overrides import OverrideForm
from portal.contact.parts.preferences import NoteForm
from portal.contact.parts.promises import PromiseForm, quick_times
from portal.contact.parts.talks import CloseForm, OpenForm
from portal.forms import HouseForm
from portal.mending.forms import MendForm

# What a press may change; a block of the page may be drawn by more than one template.
BLOCKS = {
    "tier": ("contact/tier.jinja", "contact/perks.jinja"),
    "speak": ("contact/speak.jinja",),
    "matter": ("contact/matter.jinja",),
    "hints": ("contact/hints.jinja",),
    "perks": ("contact/perks.jinja",),
    "preferences": ("contact/preferences.jinja",),
    "giving": ("contact/giving.jinja",),
    "timeline": ("contact/timeline.jinja",),
}


def promise_form(contact: Contact) -> PromiseForm:
    """A fresh form for a promise, by the customer's clock."""
    return PromiseForm(
        now=contact.now,
        zone=zone_of(contact.customer.time_zone),
        places=contact.places,
        people=contact.people,
        read_url=reverse("promise_read", args=[contact.customer.public_id]),
    )


@dataclass(frozen=True)
class StandingForm:
    """A form that is on the page once; its fresh self is made from what we know of the customer.

    It looks the same for everybody with whom `knows` is the same: a copy serves them all (portal.contact.drawing). The
    template has the customer's `public_id`, the `form`, and as `pk` what `pk` gives, and nothing else.
    """

    template: str
    make: Callable[[Contact], HouseForm]
    knows: Callable[[Contact], Hashable] = lambda _contact: None
    pk: Callable[[Contact], int] = lambda _contact: 0


def _places(contact: Contact) -> Hashable:
    return tuple(contact.places)


FORMS = {
    "open": StandingForm("contact/_open.html", lambda contact: OpenForm(places=contact.places), _places),
    "close": StandingForm(
        "contact/_close.html", lambda _contact: CloseForm(), pk=lambda contact: contact.talk.pk if contact.talk else 0
    ),
    "note": StandingForm("contact/_act_note.html", lambda _contact: NoteForm()),
    "promise": StandingForm(
        "contact/_act_promise.html",
        promise_form,
        lambda contact: (
            tuple(quick_times(contact.now, zone_of(contact.customer.time_zone))),
            contact.customer.time_zone,
            tuple(contact.places),
            tuple(contact.people),
        ),
    ),
    "incident": StandingForm(
        "contact/_act_incident.html",
        lambda contact: IncidentForm(places=contact.places, is_talking=contact.talk is not None),
        lambda contact: (_places(contact), contact.talk is not None),
    ),
    "override": StandingForm(
        "contact/_act_override.html",
        lambda contact: OverrideForm(tiers=contact.tiers),
        lambda contact: tuple(contact.tiers),
    ),
    "gesture": StandingForm(
        "contact/_act_gesture.html",
        lambda contact: GestureForm(giving=contact.giving),
        lambda contact: contact.giving.look,
    ),
    "video": StandingForm(
        "contact/_act_video.html", lambda contact: VideoForm(can_write=can_write(contact)), can_write
    ),
    "caution": StandingForm("contact/_act_caution.html", lambda _contact: CautionForm()),
}


@dataclass(frozen=True)
class RowForm:
    """A form beside each of the rows of a field of `Contact`; the template calls the row `called`.

    `prefix` with the row's number is the form's name. Besides its number a row `tells` the template these texts.
    """

    rows: str
    called: str
    prefix: str
    template: str
    make: Callable[[str, Contact], HouseForm]
    knows: Callable[[Contact], Hashable] = lambda _contact: None
    tells: tuple[str, ...] = ()

    def form_name(self, row: Any) -> str:
        return f"{self.prefix}-{row.pk}"


ROW_FORMS = (
    RowForm(
        "incidents",
        "incident",
        "resolve",
        "contact/_resolve.html",
        lambda name, _contact: ResolveForm(name=name),
        tells=("text",),
    ),
    RowForm(
        "recoveries",
        "recovery",
        "mend",
        "contact/_mend.html",
        lambda name, contact: MendForm(name=name, causes=contact.causes, language=contact.customer.language),
        lambda contact: (tuple(contact.causes), contact.customer.language),
    ),
)
