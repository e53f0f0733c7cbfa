"""What of a customer may be corrected at the desk."""

from typing import Any

from django import forms
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.enums import ContactKind
from customers.models import Customer
from customers.services.people import mark_of
from customers.zones import UNSAID
from portal.forms import HouseForm, Places
from portal.languages import language_name
from portal.places import countries, time_zones


def _text(label: Any, length: int, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    # A browser would put in the colleague's own.
    widget = forms.TextInput({"autocomplete": "off"})
    return forms.CharField(label=label, max_length=length, required=required, help_text=help_text, widget=widget)


class ProfileForm(HouseForm):
    """Who they are and where. `seen`: the mark of what stood there when the page was drawn."""

    name = "profile"
    full_name = _text(gettext_lazy("Name"), 200, required=True)
    given_name = _text(gettext_lazy("Given name"), 100)
    family_name = _text(gettext_lazy("Family name"), 100)
    known_as = _text(gettext_lazy("To be called"), 100, help_text=gettext_lazy("As they introduce themselves."))
    say_as = _text(gettext_lazy("How to say it"), 100, help_text=gettext_lazy("As one reads it aloud: oh-KAH-for"))
    pronouns = _text(gettext_lazy("Pronouns"), 40)
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    city = _text(gettext_lazy("City"), 100)
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("By this clock we read what we promise them. Not known: the house’s."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, customer: Customer) -> None:
        self.mark = mark_of(customer)
        told = {name: getattr(customer, name) for name in self.base_fields if name != "seen"}
        super().__init__(data, initial=told | {"seen": self.mark})
        self.offer("language", _with(_languages(), customer.language))
        self.offer("country", _with(countries(), customer.country), unchosen=_("Not known"))
        # What stands there while nobody has said one.
        self.offer("time_zone", _with([(UNSAID, _("Not known")), *time_zones()], customer.time_zone))

    def refuse(self, error: ValidationError) -> None:
        """Say what a colleague wrote as the form does: “France”, not “FR”. Whoever presses again has read it."""
        for name, errors in getattr(error, "error_dict", {}).items():
            for one in errors:
                if one.code == "overtaken":
                    offered = dict(getattr(self.fields[name], "choices", ()))
                    one.params = {"now": offered.get(one.params["now"], one.params["now"])}
                    self.data = {**self.data, "seen": self.mark}
        super().refuse(error)


class PointForm(HouseForm):
    """One more way to reach them."""

    name = "point"
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=ContactKind.choices)
    value = _text(gettext_lazy("Number or address"), 320, required=True)
    label = _text(gettext_lazy("What it is"), 40, help_text=gettext_lazy("Such as “work” or “mobile”."))
    is_preferred = forms.BooleanField(label=gettext_lazy("Use it first"), required=False)

    def refuse(self, error: ValidationError) -> None:
        """A sentence of a service about a number or an address stands beside it."""
        super().refuse(error if hasattr(error, "error_dict") else ValidationError({"value": error.messages}))


def _languages() -> Places:
    """Every language that the house can name; other notations of one are left out."""
    named = [(code, language_name(code)) for code, info in LANG_INFO.items() if "name" in info]
    return sorted(named, key=lambda pair: pair[1])


def _with(places: Places, stored: str) -> Places:
    """The choices with what is stored, which may have come from elsewhere in another notation."""
    return places if not stored or stored in dict(places) else [(stored, stored), *places]
