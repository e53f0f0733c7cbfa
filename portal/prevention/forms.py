"""What a lead writes about prevention."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.enums import Base
from portal.forms import HouseForm, Places


class ActionForm(HouseForm):
    """What will change, against what, where, by whom and by when."""

    name = "action"
    what_will_change = forms.CharField(label=_("What will change?"), max_length=300)
    cause = forms.ChoiceField(label=_("Against what?"))
    touch_point = forms.ChoiceField(label=_("Where?"), required=False)
    base = forms.ChoiceField(label=_("Counted by"), choices=Base.choices, initial=Base.CONTACTS)
    owner = forms.ChoiceField(label=_("Who sees to it?"))
    due_on = forms.DateField(label=_("Done by"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, data: Any = None, *, causes: Places, places: Places, people: Places, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name, choices in (
            ("cause", [("", _("Please choose")), *causes]),
            ("touch_point", [("", _("Everywhere")), *places]),
            ("owner", [("", _("Please choose")), *people]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = choices


class DayForm(HouseForm):
    """On which day."""

    on = forms.DateField(label=_("On"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
