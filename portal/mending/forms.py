"""What a colleague writes on the board."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.contact.forms import HouseForm, Places


class HandOverForm(HouseForm):
    """Somebody else looks after it from now on."""

    name = "hand-over"
    to = forms.ChoiceField(label=_("To whom?"), error_messages={"required": _("Please choose a colleague.")})
    words = forms.CharField(label=_("A word for them"), max_length=300, required=False)

    def __init__(self, data: Any = None, *, people: Places, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", _("Please choose")), *people]
