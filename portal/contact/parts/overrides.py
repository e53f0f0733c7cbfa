"""What a colleague decided about the tier, and deciding it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.contact.parts.part import Part, Row, Told, read_choices, rows_of_customer
from portal.forms import HouseForm, Places
from portal.models import User
from tiers.enums import OverrideKind
from tiers.models import Override, Tier
from tiers.selectors.overrides import in_force
from tiers.selectors.wording import overridden


@dataclass
class OverrideRow(Row):
    """What a colleague decided about the tier against the numbers. `ends_on`: its last day, as PostgreSQL wrote it."""

    pk: int
    kind: str
    tier: str
    ends_on: str | None
    owner: str
    reason: str

    @property
    def decided(self) -> str:
        """What was decided, by whom; the reason stands by itself."""
        until = date.fromisoformat(self.ends_on) if self.ends_on else None
        return overridden(self.kind, self.tier, until, self.owner, timezone.localdate())


class OverrideForm(HouseForm):
    """A tier is decided against the numbers."""

    name = "override"
    kind = forms.ChoiceField(label=_("What"), choices=OverrideKind.choices)
    tier = forms.ChoiceField(label=_("Tier"))
    ends_on = forms.DateField(
        label=_("Until the end of"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(label=_("Why?"), max_length=300)

    def __init__(self, data: Any = None, *, tiers: Places, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.offer("tier", tiers)


def _ask(user: User) -> ArraySubquery:
    """The one that holds today, if any."""
    rows = in_force(timezone.localdate()) if user.has_perm("tiers.view_override") else Override.objects.none()
    # A colleague's words may speak of money.
    reason: Any = "reason" if user.has_perm("customers.view_margin") else Value("")
    return rows_of_customer(
        rows, kind="kind", tier="tier__name", ends_on="ends_on", owner="owner__display_name", reason=reason
    )


def _ask_tiers(_user: User) -> ArraySubquery:
    return ArraySubquery(Tier.objects.order_by("-rank").values(json=Told(slug="slug", name="name")))


OVERRIDES = Part("overrides", _ask, OverrideRow.read)
TIERS = Part("tiers", _ask_tiers, read_choices)
