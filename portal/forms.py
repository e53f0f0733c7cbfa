"""Forms of the house: a form knows its name, so that several can stand on a page."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Places = list[tuple[str, str]]


class HouseForm(forms.Form):
    """A form whose fields carry its name, and that takes in what a service refuses."""

    name = ""
    # The row that it is about, where the page that it goes back to may not show that row any more.
    about: Any = None

    def __init__(self, data: Any = None, *, name: str = "", **kwargs: Any) -> None:
        self.name = name or self.name
        super().__init__(data, auto_id=f"{self.name}-%s", label_suffix="", **kwargs)

    def offer(self, name: str, places: Places, *, unchosen: str | Promise | None = None) -> None:
        """Let a field choose among these. `unchosen`: what stands there while nothing is chosen."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = places if unchosen is None else [("", str(unchosen)), *places]

    def refuse(self, error: ValidationError) -> None:
        """Show the sentence of a service beside the field that it speaks of."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for field, errors in error.error_dict.items():
            self.add_error(field if field in self.fields else None, ValidationError(errors))

    @property
    def first_wrong(self) -> str:
        """The id of the first field that needs mending, for the focus."""
        for field in self:
            if field.name in self.errors:
                return str(field.id_for_label or field.auto_id)
        return f"{self.name}-errors" if NON_FIELD_ERRORS in self.errors else ""


class PlacedForm(HouseForm):
    """A form that asks at which touch point."""

    touch_point = forms.ChoiceField(label=_("Where"), error_messages={"required": _("Please choose where.")})

    def __init__(self, data: Any = None, *, places: Places, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        # The first of them by name is as good as none: whoever presses in a hurry would say what is not so.
        self.offer("touch_point", places, unchosen=_("Please choose"))
