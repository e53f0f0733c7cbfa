"""What they like, and noting it."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from customers.enums import Channel, Provenance, SpecialCategory
from customers.fading import Fade, fade_of
from customers.models import Preference
from portal.contact.parts.noise import Rules
from portal.contact.parts.part import Part, Row, rows_of_customer
from portal.forms import HouseForm
from portal.models import User


@dataclass
class PreferenceRow(Row):
    """What they like, how we know, from whom and where."""

    pk: int
    text: str
    provenance: str
    is_ask_first: bool
    is_private: bool
    category: str
    noted_at: datetime
    confirmed_at: datetime | None
    by: str | None
    place: str | None
    channel: str | None
    fade: Fade = Fade.FRESH

    @property
    def provenance_word(self) -> str:
        return str(Provenance(self.provenance).label)

    @property
    def category_word(self) -> str:
        return str(SpecialCategory(self.category).label) if self.category else ""

    @property
    def where(self) -> str:
        """The touch point, or else the way of the contact, that it came from."""
        return self.place or (str(Channel(self.channel).label) if self.channel else "")

    @property
    def since(self) -> datetime:
        """When we last knew that it is so."""
        return max(self.noted_at, self.confirmed_at) if self.confirmed_at else self.noted_at

    @property
    def is_faded(self) -> bool:
        return self.fade == Fade.FADED

    def fade_by(self, rules: Rules, now: datetime) -> Fade:
        """Work out how much of it is left, by the house's rules."""
        self.fade = fade_of(self.since, now=now, half_life_days=rules.fading[self.provenance])
        return self.fade


class NoteForm(HouseForm):
    """Something worth remembering."""

    name = "note"
    text = forms.CharField(label=_("What do they like?"), max_length=300)
    provenance = forms.ChoiceField(label=_("How do we know?"), choices=Provenance.choices)
    category = forms.ChoiceField(
        label=_("Is it sensitive?"), choices=[("", _("No")), *SpecialCategory.choices], required=False
    )
    is_ask_first = forms.BooleanField(label=_("Ask first, each time"), required=False)
    is_private = forms.BooleanField(label=_("Private: leads and managers alone"), required=False)
    has_agreed = forms.BooleanField(label=_("Sensitive, and they agree that we keep it"), required=False)


def _ask(user: User) -> ArraySubquery:
    """Those that this colleague may see, the freshest knowledge first; the others do not leave the database."""
    return rows_of_customer(
        Preference.objects.live()
        .visible(private=user.has_perm("customers.view_private"), special=user.has_perm("customers.view_special"))
        .order_by(Coalesce("confirmed_at", "noted_at").desc(), "-pk"),
        text="text",
        provenance="provenance",
        is_ask_first="is_ask_first",
        is_private="is_private",
        category="category",
        noted_at="noted_at",
        confirmed_at="confirmed_at",
        by=Coalesce("confirmed_by__display_name", "noted_by__display_name"),
        place="touch_point__name",
        channel="interaction__channel",
    )


PREFERENCES = Part("preferences", _ask, PreferenceRow.read)
