"""What went wrong, writing it down and putting it right."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.enums import IncidentKind, Severity
from customers.models import Incident
from portal.contact.parts.part import Part, Row, rows_of_customer
from portal.forms import HouseForm, PlacedForm, Places
from portal.models import User

# Incidents that were put right are still worth a word for this long.
RECENT = timedelta(days=30)


@dataclass
class IncidentRow(Row):
    """Something that went wrong: open, or of the last thirty days."""

    pk: int
    kind: str
    text: str
    severity: int
    place: str
    is_our_fault: bool
    happened_at: datetime
    resolved_at: datetime | None
    resolution: str

    @property
    def kind_word(self) -> str:
        return str(IncidentKind(self.kind).label)

    @property
    def severity_word(self) -> str:
        return str(Severity(self.severity).label)


class IncidentForm(PlacedForm):
    """Something went wrong. While a contact is open (`is_talking`), its place is meant where no other one is chosen.

    What kind of thing it was is always asked: the next colleague is told to say it.
    """

    name = "incident"
    text = forms.CharField(label=_("What happened, in a sentence?"), max_length=300)
    kind = forms.ChoiceField(
        label=_("Kind"), error_messages={"required": _("Please choose what kind of thing it was.")}
    )
    severity = forms.TypedChoiceField(
        label=_("How bad was it for them?"), choices=Severity.choices, coerce=int, initial=Severity.REAL
    )
    field_order = ("text", "kind", "severity", "touch_point")

    def __init__(self, data: Any = None, *, places: Places, is_talking: bool = False, **kwargs: Any) -> None:
        super().__init__(data, places=places, **kwargs)
        self.is_talking = is_talking
        self.offer("kind", [(value, str(label)) for value, label in IncidentKind.choices], unchosen=_("Please choose"))
        # A contact may open or close while this stands on the page: whether a place is missing shows when it is sent.
        self.fields["touch_point"].required = False
        if is_talking:
            self.offer("touch_point", places, unchosen=_("Where we talk"))

    def clean_touch_point(self) -> str:
        chosen: str = self.cleaned_data["touch_point"]
        if not chosen and not self.is_talking:
            raise ValidationError(self.fields["touch_point"].error_messages["required"])
        return chosen


class ResolveForm(HouseForm):
    """It was put right."""

    resolution = forms.CharField(label=_("How was it put right?"), max_length=300, required=False)


def _ask(_user: User) -> ArraySubquery:
    """Open ones, worst first, then those put right not long ago."""
    return rows_of_customer(
        Incident.objects.filter(Q(resolved_at=None) | Q(happened_at__gt=Now() - RECENT)).order_by(
            F("resolved_at").desc(nulls_first=True), "-severity", "-happened_at"
        ),
        kind="kind",
        text="text",
        severity="severity",
        place="touch_point__name",
        is_our_fault="is_our_fault",
        happened_at="happened_at",
        resolved_at="resolved_at",
        resolution="resolution",
    )


INCIDENTS = Part("incidents", _ask, IncidentRow.read)
