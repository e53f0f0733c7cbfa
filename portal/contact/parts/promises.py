"""What we promised, and promising."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from customers.models import Promise
from portal import dates
from portal.contact.parts.part import Part, Row, rows_of_customer
from portal.forms import HouseForm
from portal.models import User


@dataclass
class PromiseRow(Row):
    """An open promise."""

    pk: int
    text: str
    due_at: datetime
    made_at: datetime
    owner: str | None
    place: str | None

    def is_late(self, now: datetime) -> bool:
        return self.due_at < now


def _house_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def quick_times(now: datetime) -> list[tuple[str, str]]:
    """Return the times that people promise most, as (local time of the house, words), all of them still to come."""
    local = timezone.localtime(now, _house_zone())
    offered = [(0, time(17)), (1, time(12)), (1, time(17)), (2, time(12)), (7, time(12))]
    moments = [datetime.combine(local.date() + timedelta(days=days), at, local.tzinfo) for days, at in offered]
    return [
        (f"{at:%Y-%m-%dT%H:%M}", dates.moment(at, now=now, zone=_house_zone()))
        for at in moments
        if at > local + timedelta(minutes=30)
    ][:4]


class PromiseForm(HouseForm):
    """What we will do, and by when. Times are the house's."""

    name = "promise"
    text = forms.CharField(label=_("We promise to"), max_length=300)
    when = forms.CharField(label=_("By when?"), required=False, widget=forms.RadioSelect)
    due = forms.CharField(
        label=_("or another time"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}),
    )

    def __init__(self, data: Any = None, *, now: datetime, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        widget = self.fields["when"].widget
        assert isinstance(widget, forms.RadioSelect)  # noqa: S101 - declared above
        choices = quick_times(now)
        chosen = self.data.get("when", "") if self.is_bound else ""
        if chosen and chosen not in dict(choices) and (at := self._read(chosen)):
            # The page was open for a while: what was chosen stays, so that nothing typed is lost.
            choices.append((chosen, dates.moment(at, now=now, zone=_house_zone())))
        widget.choices = choices

    @staticmethod
    def _read(text: str) -> datetime | None:
        try:
            at = parse_datetime(text)
        except ValueError:
            return None
        if at is None:
            return None
        return at if timezone.is_aware(at) else timezone.make_aware(at, _house_zone())

    def clean(self) -> dict[str, Any]:
        """A time that was typed goes before one that was picked."""
        cleaned = super().clean() or {}
        written = cleaned.get("due") or cleaned.get("when")
        if not written:
            self.add_error("when", _("By when? Pick a time, or write one."))
        elif not (at := self._read(written)):
            self.add_error("due", _("This is not a date and a time. One looks like 2026-03-31T17:00."))
        else:
            cleaned["due_at"] = at
        return cleaned

    def refuse(self, error: ValidationError) -> None:
        """The service speaks of `due_at`; here that is what was picked or written."""
        if "due_at" in getattr(error, "error_dict", {}):
            field = "due" if self.cleaned_data.get("due") else "when"
            self.add_error(field, ValidationError(error.error_dict.pop("due_at")))
        if not hasattr(error, "error_dict") or error.error_dict:
            super().refuse(error)


def _ask(_user: User) -> ArraySubquery:
    return rows_of_customer(
        Promise.objects.open().order_by("due_at"),
        text="text",
        due_at="due_at",
        made_at="made_at",
        owner="owner__display_name",
        place="touch_point__name",
    )


PROMISES = Part("promises", _ask, PromiseRow.read)
