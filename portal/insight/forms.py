"""What to look at: a time, and contacts of one kind. Everything stands in the address, so that a view can be kept."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.enums import Channel
from feedback.enums import Enjoyed, Tone
from feedback.selectors.insight import Slice
from feedback.selectors.insight_answers import LEFT_OUT, Wanted
from feedback.selectors.insight_page import Names

# So many months are looked at unless somebody says otherwise, the present one among them.
MONTHS = 12
# Further away than this no calendar is sure of itself.
_DAYS = (MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2200, 12, 31)))


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, validators=_DAYS, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )


def _choice(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, required=False, coerce=int, empty_value=None)


def _key() -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)


class SliceForm(forms.Form):
    """A time, and contacts of one kind."""

    since = _day(_("From"))
    until = _day(_("Until"))
    tier = _choice(_("Tier"))
    touch_point = _choice(_("Touch point"))
    channel = forms.TypedChoiceField(
        label=_("Channel"), required=False, empty_value=None, choices=[("", _("All")), *Channel.choices]
    )
    agent = _choice(_("Colleague"))
    segment = _choice(_("Segment"))

    def __init__(self, data: Mapping[str, str], known: Names) -> None:
        today = timezone.localdate()
        first = today.year * 12 + today.month - MONTHS
        default = {"since": date(first // 12, first % 12 + 1, 1).isoformat(), "until": today.isoformat()}
        given = {name: value for name, value in data.items() if value}
        super().__init__(default | given, label_suffix="")
        self.is_narrowed = any(given[name] != default.get(name) for name in self.fields if name in given)
        for name in ("tier", "touch_point", "agent", "segment"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = [("", gettext("All")), *getattr(known, f"{name}s").items()]

    def clean(self) -> dict[str, Any]:
        """Refuse a time that ends before it begins."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day lies before the first one."))
        return cleaned

    def slice(self) -> Slice:
        """Return what a valid form asks for."""
        return Slice(**{field.name: self.cleaned_data[field.name] for field in fields(Slice)})

    def wanted(self) -> Wanted:
        """Return which answers a valid form asks for."""
        return Wanted()


class AnswersForm(SliceForm):
    """Which answers behind a number."""

    said = forms.ChoiceField(
        label=_("Answer"),
        required=False,
        choices=[("", _("All")), *Enjoyed.choices, (LEFT_OUT, _("Left out of the numbers"))],
    )

    # Where replies lead to the answers behind them; nobody writes a key by hand.
    question = _key()
    picked = _key()

    def wanted(self) -> Wanted:
        cleaned = self.cleaned_data
        return Wanted(said=cleaned["said"], question=cleaned["question"], picked=cleaned["picked"])


class CommentsForm(AnswersForm):
    """Which comments."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200, widget=forms.TextInput({"type": "search"}))
    tone = forms.ChoiceField(label=_("Tone (a hint)"), required=False, choices=[("", _("All")), *Tone.choices])

    def wanted(self) -> Wanted:
        cleaned = self.cleaned_data
        return replace(super().wanted(), words=cleaned["q"], tone=cleaned["tone"], has_comment=True)


def query_of(chosen: Slice, wanted: Wanted | None = None, **more: str) -> str:
    """Return the part of an address that leads to a slice, and to answers in it."""
    pairs = {field.name: getattr(chosen, field.name) for field in fields(Slice)}
    if wanted is not None:
        pairs |= {"said": wanted.said, "q": wanted.words, "tone": wanted.tone}
        pairs |= {"question": wanted.question, "picked": wanted.picked}
    pairs |= more
    return urlencode({name: value for name, value in pairs.items() if value not in (None, "")})


def narrowed(chosen: Slice, kind: str, key: str) -> Slice:
    """Return the part of a slice that a row tells of; of a month the days that lie in both."""
    if kind != "month":
        value: Any = key if kind == "channel" else int(key)
        return replace(chosen, **{kind: value})
    first = date.fromisoformat(f"{key}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return replace(chosen, since=max(chosen.since, first), until=min(chosen.until, last))
