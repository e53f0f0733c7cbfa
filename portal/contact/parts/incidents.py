"""What went wrong, writing it down and putting it right."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.enums import IncidentKind, Severity
from customers.models import Incident
from portal.contact.parts.part import Part, Row, rows_of_customer
from portal.forms import HouseForm, PlacedForm
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
    """Something went wrong."""

    name = "incident"
    text = forms.CharField(label=_("What happened, in a sentence?"), max_length=300)
    kind = forms.ChoiceField(label=_("Kind"), choices=IncidentKind.choices)
    severity = forms.TypedChoiceField(
        label=_("How bad was it for them?"), choices=Severity.choices, coerce=int, initial=Severity.REAL
    )
    field_order = ("text", "kind", "severity", "touch_point")


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
