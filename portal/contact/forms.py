"""What a colleague writes down during a conversation. A form knows its name, so that several can stand on a page."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from customers.enums import Channel, IncidentKind, Provenance, Severity
from feedback.amends import kind_words
from feedback.enums import RecoveryState
from feedback.services.recoveries import LETTER_LENGTH
from portal import dates
from tiers.enums import OverrideKind

Places = list[tuple[str, str]]


class HouseForm(forms.Form):
    """A form whose fields carry its name, and that takes in what a service refuses."""

    name = ""

    def __init__(self, data: Any = None, *, name: str = "", **kwargs: Any) -> None:
        self.name = name or self.name
        super().__init__(data, auto_id=f"{self.name}-%s", label_suffix="", **kwargs)

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


_PHONE_DESK = "phone-desk"


class PlacedForm(HouseForm):
    """A form that asks at which touch point."""

    touch_point = forms.ChoiceField(label=_("Where"))

    def __init__(self, data: Any = None, *, places: Places, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["touch_point"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = places


class OpenForm(PlacedForm):
    """A contact begins."""

    name = "open"
    channel = forms.ChoiceField(label=_("By"), choices=Channel.choices)
    subject = forms.CharField(label=_("About"), max_length=200, required=False)
    field_order = ("channel", "touch_point", "subject")

    def __init__(self, data: Any = None, *, places: Places, **kwargs: Any) -> None:
        super().__init__(data, places=places, **kwargs)
        # The first channel offered is the phone; most contacts begin there.
        if any(slug == _PHONE_DESK for slug, _name in places):
            self.initial.setdefault("touch_point", _PHONE_DESK)


class CloseForm(HouseForm):
    """A contact ends."""

    name = "close"
    note = forms.CharField(
        label=_("What was said, for the next colleague"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 2}),
    )


class NoteForm(HouseForm):
    """Something worth remembering."""

    name = "note"
    text = forms.CharField(label=_("What do they like?"), max_length=300)
    provenance = forms.ChoiceField(label=_("How do we know?"), choices=Provenance.choices)
    is_ask_first = forms.BooleanField(label=_("Ask first, each time"), required=False)


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


class IncidentForm(PlacedForm):
    """Something went wrong."""

    name = "incident"
    text = forms.CharField(label=_("What happened, in a sentence?"), max_length=300)
    kind = forms.ChoiceField(label=_("Kind"), choices=IncidentKind.choices)
    severity = forms.TypedChoiceField(
        label=_("How bad was it for them?"), choices=Severity.choices, coerce=int, initial=Severity.REAL
    )
    field_order = ("text", "kind", "severity", "touch_point")


class ResolveForm(HouseForm):
    """It was put right."""

    resolution = forms.CharField(label=_("How was it put right?"), max_length=300, required=False)


class MendForm(HouseForm):
    """A recovery ends, well or not: by its cause, with what was done, and with a word to the customer."""

    cause = forms.ChoiceField(
        label=_("What did it come from?"), error_messages={"required": _("Please choose what it came from.")}
    )
    what_was_done = forms.CharField(label=_("What was done for them?"), max_length=500)
    state = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(state.value, state.label) for state in (RecoveryState.MENDED, RecoveryState.NOT_MENDED)],
        widget=forms.RadioSelect,
        initial=RecoveryState.MENDED,
    )
    letter = forms.CharField(
        label=_("A letter to them, in your words"),
        required=False,
        max_length=LETTER_LENGTH,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("A greeting and your name are added. Leave it empty to send none."),
    )

    def __init__(self, data: Any = None, *, causes: Places, language: str = "", **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["cause"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", _("Please choose")), *causes]
        self.initial.setdefault("letter", kind_words(language=language))

    def clean_letter(self) -> str:
        """A browser sends line breaks of its own kind."""
        return str(self.cleaned_data["letter"]).replace("\r\n", "\n").strip()


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
        field = self.fields["tier"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = tiers
