"""What a lead writes about prevention."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.enums import Base
from portal.forms import HouseForm, Places


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class ActionForm(HouseForm):
    """What will change, against what, where, by whom and by when."""

    name = "action"
    what_will_change = forms.CharField(label=_("What will change?"), max_length=300)
    cause = forms.ChoiceField(label=_("Against what?"))
    touch_point = forms.ChoiceField(label=_("Where?"), required=False)
    base = forms.ChoiceField(label=_("Counted by"), choices=Base.choices, initial=Base.CONTACTS)
    owner = forms.ChoiceField(label=_("Who sees to it?"))
    due_on = _day(_("Done by"))

    def __init__(self, data: Any = None, *, causes: Places, places: Places, people: Places, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.offer("cause", causes, unchosen=_("Please choose"))
        self.offer("touch_point", places, unchosen=_("Everywhere"))
        self.offer("owner", people, unchosen=_("Please choose"))


class ChangeForm(HouseForm):
    """What of an action may be said otherwise. `seen`: the mark of what stood there when the page was drawn."""

    what_will_change = forms.CharField(label=_("What will change?"), max_length=300)
    owner = forms.ChoiceField(label=_("Who sees to it?"))
    due_on = _day(_("Done by"))
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, people: Places, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.offer("owner", people, unchosen=_("Please choose"))


class DayForm(HouseForm):
    """On which day."""

    on = _day(_("On"))
