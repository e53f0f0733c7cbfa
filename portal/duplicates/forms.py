"""Which of two customers goes on, and which of their fields."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.duplicates.selectors import Sides
from portal.forms import HouseForm

_SIDES = ("one", "other")


class MergeForm(HouseForm):
    """A side to go on, and a side for each field in which they differ."""

    name = "merge"

    def __init__(self, data: Any = None, *, sides: Sides, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        names = {side: getattr(sides.pair.duplicate, side).full_name for side in _SIDES}
        choices = [(side, names[side]) for side in _SIDES]
        self.fields["survivor"] = forms.ChoiceField(
            label=_("Goes on"), choices=choices, initial=sides.survivor, widget=forms.RadioSelect
        )
        for line in sides.choices:
            self.fields[line.name] = forms.ChoiceField(
                label=line.label,
                choices=[("one", line.one), ("other", line.other)],
                initial=sides.survivor,
                required=False,
                widget=forms.RadioSelect,
            )

    @property
    def survivor(self) -> str:
        """The side that goes on; the other goes into it."""
        return str(self.cleaned_data["survivor"])

    @property
    def taken(self) -> list[str]:
        """The fields that are taken over from the side that goes in."""
        sides = {name: side for name, side in self.cleaned_data.items() if name != "survivor" and side}
        return sorted(name for name, side in sides.items() if side != self.survivor)
