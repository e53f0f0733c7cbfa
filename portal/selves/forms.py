"""In which role somebody is here, and what one customer is to another."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.enums import SYMMETRIC, Capacity, RelationKind
from customers.selectors.selves import relation_words
from portal.forms import HouseForm

_THEIRS = "-theirs"


class RoleForm(HouseForm):
    """A role, with the firm where they buy for one."""

    capacity = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[(one.value, one.label) for one in (Capacity.FIRM, Capacity.PRIVATE, Capacity.OTHER)],
    )
    firm = forms.CharField(label=gettext_lazy("Firm"), max_length=200, required=False)


class OtherRoleForm(RoleForm):
    """The role of another customer who is the same person."""

    other = forms.UUIDField(widget=forms.HiddenInput)


class RelationForm(HouseForm):
    """What two customers are to each other, read from the one whose page it is."""

    name = "relation"
    other = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=gettext_lazy("They are"))
    may_act = forms.BooleanField(label=gettext_lazy("May arrange things for them"), required=False)
    source = forms.CharField(label=gettext_lazy("Who said so?"), max_length=120, required=False)
    since = forms.DateField(
        label=gettext_lazy("Since, if known"), required=False, widget=forms.DateInput({"type": "date"})
    )

    def __init__(self, data: Any = None, *, other_name: str = "", **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.offer("kind", [(value, f"{words} {other_name or _('the other')}") for value, words in _choices()])

    @property
    def is_theirs(self) -> bool:
        """Whether the other one is this to the customer."""
        return str(self.cleaned_data["kind"]).endswith(_THEIRS)

    @property
    def kind_of(self) -> str:
        return str(self.cleaned_data["kind"]).removesuffix(_THEIRS)


def _choices() -> list[tuple[str, str]]:
    found = []
    for kind in RelationKind:
        found.append((kind.value, relation_words(kind, is_theirs=False)))
        if kind not in SYMMETRIC:
            found.append((f"{kind.value}{_THEIRS}", relation_words(kind, is_theirs=True)))
    return found
