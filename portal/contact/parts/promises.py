"""What we promised, and promising."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from customers.deadlines import Reading, Trouble, read_deadline
from customers.models import Promise
from customers.zones import house_zone
from portal import dates
from portal.contact.parts.part import Part, Row, Told, rows_of_customer
from portal.forms import HouseForm, Places
from portal.models import User
from portal.roles import PERMISSIONS

# Colleagues to choose from; a house with more hands a promise over on its page.
_MOST_PEOPLE = 100


@dataclass
class PromiseRow(Row):
    """An open promise."""

    pk: int
    text: str
    due_at: datetime
    made_at: datetime
    owner: str | None
    owner_id: int | None
    place: str | None

    def is_late(self, now: datetime) -> bool:
        return self.due_at < now


def colleagues_who_promise(user: User) -> QuerySet[User]:
    """The others who may keep a promise, by name."""
    roles = [role for role, permissions in PERMISSIONS.items() if "customers.change_promise" in permissions]
    others = User.objects.filter(is_active=True, role__in=roles).exclude(pk=user.pk)
    return others.order_by("display_name", "pk")


def quick_times(now: datetime, zone: ZoneInfo | None = None) -> list[tuple[str, str]]:
    """Return the times that people promise most, as (local time of the zone, words), all of them still to come.

    Without a zone it is the house's.
    """
    return list(_quick_times(now.replace(second=0, microsecond=0), zone or house_zone(), get_language()))


# Calls of one minute from one zone are offered the same times.
@lru_cache(maxsize=256)
def _quick_times(now: datetime, zone: ZoneInfo, _language: str | None) -> list[tuple[str, str]]:
    local = timezone.localtime(now, zone)
    offered = [(0, time(17)), (1, time(12)), (1, time(17)), (2, time(12)), (7, time(12))]
    moments = [datetime.combine(local.date() + timedelta(days=days), at, zone) for days, at in offered]
    return [
        (_written(at, zone), dates.moment(at, now=now, zone=zone))
        for at in moments
        if at > local + timedelta(minutes=30)
    ][:4]


def _written(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}"


def explain(reading: Reading, *, now: datetime, zone: ZoneInfo) -> str:
    """Return why words gave no one time, and what to do about it."""
    said = [dates.both_clocks(at, now=now, zone=zone) for at in reading.choices]
    sentences = {
        Trouble.NOTHING: _("By when? Pick a time, or write one."),
        Trouble.UNREAD: _(
            "We do not understand “%(word)s”. Write it like “Thursday noon”, “tomorrow before 5” or “in two hours”."
        ),
        Trouble.TWICE: _("That names two times. Which one is it?"),
        Trouble.WHICH: _("That may be %(times)s. Which one is it?"),
        Trouble.VAGUE: _("Which day is it? Write it like “Thursday noon”."),
        Trouble.NO_SUCH_DAY: _("There is no such day."),
        Trouble.NOT_THAT_WEEKDAY: _("That date is another day of the week. Which of the two is it?"),
        Trouble.NO_SUCH_TIME: _("The clocks go forward over that time, so it is left out. The next is %(times)s."),
        Trouble.PAST: _("That time has passed. By when will it be done?"),
    }
    assert reading.trouble is not None  # noqa: S101 - the caller asks about a reading without a time
    word = f"{reading.word[:29]}…" if len(reading.word) > 30 else reading.word
    return str(sentences[reading.trouble]) % {"word": word, "times": _(" or ").join(said)}


class PromiseForm(HouseForm):
    """What we will do, and by when: by the customer's clock, in words or from the times that people promise most."""

    name = "promise"
    text = forms.CharField(label=_("We promise to"), max_length=300)
    when = forms.CharField(label=_("By when?"), required=False, widget=forms.RadioSelect)
    due = forms.CharField(
        label=_("or in words"),
        required=False,
        max_length=120,
        widget=forms.TextInput({"placeholder": _("by Thursday noon"), "autocomplete": "off"}),
    )
    owner = forms.ChoiceField(label=_("Who keeps it"), required=False)
    touch_point = forms.ChoiceField(label=_("Where it was made"), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        now: datetime,
        zone: ZoneInfo | None = None,
        places: Places = (),  # type: ignore[assignment]
        people: Places = (),  # type: ignore[assignment]
        read_url: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.now, self.zone = now, zone or house_zone()
        self.is_elsewhere = now.astimezone(self.zone).utcoffset() != now.astimezone(house_zone()).utcoffset()
        choices = quick_times(now, self.zone)
        chosen = self.data.get("when", "") if self.is_bound else ""
        if chosen and chosen not in dict(choices) and (at := self.read(chosen).at):
            # The page was open for a while: what was chosen stays, so that nothing typed is lost.
            choices.append((chosen, dates.moment(at, now=now, zone=self.zone)))
        self._set_times(choices)
        if self.is_elsewhere:
            self.fields["when"].label = _("By when, in %(place)s?") % {"place": dates.zone_name(self.zone.key)}
        self.offer("owner", people, unchosen=_("I do"))
        self.offer("touch_point", places, unchosen=_("Where we are talking"))
        if read_url:
            self.fields["due"].widget.attrs |= {
                "hx-get": read_url,
                "hx-trigger": "input changed delay:250ms",
                "hx-target": "#promise-understood",
                "hx-swap": "innerHTML",
                "hx-sync": "this:replace",
                "hx-disabled-elt": "unset",
                "aria-describedby": "promise-understood",
            }

    def _set_times(self, choices: Places) -> None:
        widget = self.fields["when"].widget
        assert isinstance(widget, forms.RadioSelect)  # noqa: S101 - declared above
        widget.choices = choices

    def read(self, text: str) -> Reading:
        return read_deadline(text, now=self.now, zone=self.zone, here=house_zone())

    def clean(self) -> dict[str, Any]:
        """A time that was typed goes before one that was picked, unless picking answers what the words left open."""
        cleaned = super().clean() or {}
        field = "due" if cleaned.get("due") else "when"
        reading = self.read(cleaned.get(field) or "")
        options = {_written(at, self.zone): at for at in reading.choices}
        if reading.at or cleaned.get("when") in options:
            cleaned["due_at"] = reading.at or options[cleaned["when"]]
            return cleaned
        self.add_error(field, explain(reading, now=self.now, zone=self.zone))
        if options:
            self._set_times([(key, dates.both_clocks(at, now=self.now, zone=self.zone)) for key, at in options.items()])
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
        owner_id="owner_id",
        place="touch_point__name",
    )


PROMISES = Part("promises", _ask, PromiseRow.read)


def _ask_people(user: User) -> ArraySubquery:
    people = colleagues_who_promise(user).values(json=Told(pk="pk", name="display_name"))
    return ArraySubquery(people[:_MOST_PEOPLE])


def _read_people(rows: list[dict[str, Any]] | None, _user: User) -> Places:
    return [(str(row["pk"]), row["name"]) for row in rows or []]


PEOPLE = Part("people", _ask_people, _read_people)
