"""What they like, and noting it."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.utils.translation import gettext_lazy as _

from customers.enums import Provenance
from customers.models import Preference
from portal.contact.parts.part import Part, Row, rows_of_customer
from portal.forms import HouseForm
from portal.models import User


@dataclass
class PreferenceRow(Row):
    """What they like, and how we know."""

    pk: int
    text: str
    provenance: str
    is_ask_first: bool
    noted_at: datetime
    by: str | None

    @property
    def provenance_word(self) -> str:
        return str(Provenance(self.provenance).label)


class NoteForm(HouseForm):
    """Something worth remembering."""

    name = "note"
    text = forms.CharField(label=_("What do they like?"), max_length=300)
    provenance = forms.ChoiceField(label=_("How do we know?"), choices=Provenance.choices)
    is_ask_first = forms.BooleanField(label=_("Ask first, each time"), required=False)


def _ask(_user: User) -> ArraySubquery:
    return rows_of_customer(
        Preference.objects.filter(retired_at=None).order_by("-noted_at"),
        text="text",
        provenance="provenance",
        is_ask_first="is_ask_first",
        noted_at="noted_at",
        by="noted_by__display_name",
    )


PREFERENCES = Part("preferences", _ask, PreferenceRow.read)
