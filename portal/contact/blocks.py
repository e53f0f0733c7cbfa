"""The blocks of the page, the forms that stand in them, and which template draws each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from portal import dates
from portal.contact.contact import Contact
from portal.contact.parts.incidents import IncidentForm, ResolveForm
from portal.contact.parts.overrides import OverrideForm
from portal.contact.parts.preferences import NoteForm
from portal.contact.parts.promises import PromiseForm
from portal.contact.parts.talks import CloseForm, OpenForm
from portal.forms import HouseForm
from portal.mending.forms import MendForm

# What a press may change; a block of the page may be drawn by more than one template.
BLOCKS = {
    "tier": ("contact/_tier.html", "contact/_perks.html"),
    "speak": ("contact/_speak.html",),
    "matter": ("contact/_matter.html",),
    "preferences": ("contact/_preferences.html",),
    "timeline": ("contact/_timeline.html",),
}


def promise_form(contact: Contact) -> PromiseForm:
    """A fresh form for a promise, by the customer's clock."""
    return PromiseForm(
        now=contact.now,
        zone=dates.zone_of(contact.customer.time_zone),
        places=contact.places,
        people=contact.people,
        read_url=reverse("promise_read", args=[contact.customer.public_id]),
    )


@dataclass(frozen=True)
class StandingForm:
    """A form that is on the page once; its fresh self is made from what we know of the customer."""

    template: str
    make: Callable[[Contact], HouseForm]


FORMS = {
    "open": StandingForm("contact/_open.html", lambda contact: OpenForm(places=contact.places)),
    "close": StandingForm("contact/_close.html", lambda _contact: CloseForm()),
    "note": StandingForm("contact/_act_note.html", lambda _contact: NoteForm()),
    "promise": StandingForm("contact/_act_promise.html", promise_form),
    "incident": StandingForm("contact/_act_incident.html", lambda contact: IncidentForm(places=contact.places)),
    "override": StandingForm("contact/_act_override.html", lambda contact: OverrideForm(tiers=contact.tiers)),
}


@dataclass(frozen=True)
class RowForm:
    """A form beside each of the rows of a field of `Contact`; the template calls the row `called`."""

    rows: str
    called: str
    template: str
    make: Callable[[Any, Contact], HouseForm]


ROW_FORMS = (
    RowForm(
        "incidents", "incident", "contact/_resolve.html", lambda row, _contact: ResolveForm(name=f"resolve-{row.pk}")
    ),
    RowForm(
        "recoveries",
        "recovery",
        "contact/_mend.html",
        lambda row, contact: MendForm(name=f"mend-{row.pk}", causes=contact.causes, language=contact.customer.language),
    ),
)
