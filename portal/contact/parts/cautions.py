"""What not to say or do, and noting it."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, Value, When
from django.utils.translation import gettext_lazy as _

from customers.models import Caution
from portal.contact.parts.part import Part, Row, rows_of_customer
from portal.forms import HouseForm
from portal.models import User


@dataclass
class CautionRow(Row):
    """One do-not-say note; `text` and `reason` are empty where it is private and this colleague may not see it."""

    pk: int
    text: str
    reason: str
    is_private: bool
    noted_at: datetime
    by: str | None


class CautionForm(HouseForm):
    """Something better left unsaid."""

    name = "caution"
    text = forms.CharField(label=_("What should nobody say or do?"), max_length=300)
    reason = forms.CharField(label=_("Why?"), max_length=300, required=False)
    is_private = forms.BooleanField(label=_("Private: leads and managers alone read it"), required=False)


def _shown(column: str, user: User) -> Case | F:
    if user.has_perm("customers.view_private"):
        return F(column)
    return Case(When(is_private=False, then=F(column)), default=Value(""), output_field=CharField())


def _ask(user: User) -> ArraySubquery:
    """All that hold. That there is a private one is known to all, so that they ask; what it says is not."""
    rows = Caution.objects.filter(retired_at=None)
    return rows_of_customer(
        (rows if user.has_perm("customers.view_caution") else rows.none()).order_by("-noted_at", "-pk"),
        text=_shown("text", user),
        reason=_shown("reason", user),
        is_private="is_private",
        noted_at="noted_at",
        by="noted_by__display_name",
    )


CAUTIONS = Part("cautions", _ask, CautionRow.read)
