"""The form in which a manager writes the rules of a scheme, a sentence to a rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import BASE_CLASSES, SELECT_CLASSES

from tiers.engine import AT_MOST
from tiers.enums import Basis, Measure, Rule
from tiers.models import Scheme, Tier
from tiers.selectors.wording import sign
from tiers.services.drafts import NewBar, NewWeight

# Asked of almost everybody; the other measures wait behind a fold until one of them is wanted.
_EVERYDAY = (Measure.MARGIN, Measure.ORDERS, Measure.RECENCY)
_RATED = (Measure.INFLUENCE, Measure.ADVOCACY, Measure.SCORE)
_WHOLE = (Measure.ORDERS, Measure.RECENCY, Measure.TENURE, Measure.ENGAGEMENT, Measure.INFLUENCE, Measure.ADVOCACY)
# The browser's own arrow stands in the place of unfold's, which needs a box of its own around it.
_CHOICE = " ".join((*(name for name in SELECT_CLASSES if name != "appearance-none"), "rule-choice"))
_WEIGHED = tuple(measure for measure in Measure if measure is not Measure.SCORE)


@dataclass(frozen=True, slots=True)
class BarField:
    """One bar as it stands in the sentence: words, perhaps a choice, the number, words."""

    before: str
    basis: forms.BoundField | None
    value: forms.BoundField
    after: str
    is_asked: bool


@dataclass(frozen=True, slots=True)
class RuleFields:
    """What one rule of a tier may ask: what is asked or often is, and the rest."""

    title: str
    shown: list[BarField]
    more: list[BarField]


@dataclass(frozen=True, slots=True)
class Card:
    """A tier and its two rules; none for the lowest, where everybody begins."""

    tier: Tier
    rules: list[RuleFields]


@dataclass(frozen=True, slots=True)
class WeightField:
    """One part of the score: `[5] parts margin in 12 months, all of them from £ [2000] on`."""

    parts: forms.BoundField
    measure: str
    before: str
    full_at: forms.BoundField
    is_weighed: bool


class _Number(forms.DecimalField):
    """A number with two places at most, in a field as wide as the number."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            max_digits=14,
            decimal_places=2,
            required=False,
            error_messages={"invalid": gettext_lazy("Write a number, like 700 or 2.5.")},
            widget=_box("decimal"),
            **more,
        )

    def prepare_value(self, value: Any) -> Any:
        # 700 and not 700.00; what somebody typed stays as they typed it.
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _box(mode: str) -> forms.TextInput:
    classes = " ".join((*BASE_CLASSES, "px-3", "py-2", "rule-number"))
    return forms.TextInput(attrs={"class": classes, "inputmode": mode, "autocomplete": "off"})


def _days() -> forms.IntegerField:
    return forms.IntegerField(
        min_value=0,
        max_value=3650,
        widget=_box("numeric"),
        error_messages={"invalid": gettext_lazy("Write a whole number of days.")},
    )


class SchemeForm(forms.Form):
    """A draft's name and rules. `tiers` lowest first; `scheme` is the draft, or None for a new one.

    An empty field asks for nothing. When it is valid, `bars` and `weights` are what was written.
    """

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"class": " ".join((*BASE_CLASSES, "px-3", "py-2", "w-full", "max-w-2xl"))}),
    )

    def __init__(self, data: Any = None, *, tiers: Sequence[Tier], scheme: Scheme | None = None) -> None:
        super().__init__(data)
        self.tiers = tiers
        self.bars: list[NewBar] = []
        self.weights: list[NewWeight] = []
        for tier in tiers[1:]:
            for rule in Rule:
                for measure in Measure:
                    self._add_bar(tier, rule, measure)
        for measure in _WEIGHED:
            self.fields[f"parts-{measure}"] = forms.IntegerField(
                required=False,
                min_value=1,
                max_value=100,
                widget=_box("numeric"),
                error_messages={"invalid": gettext_lazy("Write a whole number of parts.")},
            )
            self.fields[f"full-{measure}"] = _Number()
        self.fields["hold_days"] = _days()
        self.fields["grace_days"] = _days()
        self.initial = self._initial(scheme)

    def _add_bar(self, tier: Tier, rule: Rule, measure: Measure) -> None:
        name = _bar_name(tier, rule, measure)
        self.fields[name] = _Number()
        if measure not in AT_MOST:
            unit = f" {sign(settings.HOUSE_CURRENCY).strip()}" if measure.is_money else ""
            label = _("%(measure)s: at least, or among the best") % {"measure": measure.label}
            self.fields[f"{name}-in"] = forms.ChoiceField(
                choices=[
                    (Basis.VALUE.value, _("at least%(unit)s") % {"unit": unit}),
                    (Basis.SHARE.value, _("among the best %")),
                ],
                required=False,
                widget=forms.Select(attrs={"class": _CHOICE, "aria-label": label}),
            )

    def _initial(self, scheme: Scheme | None) -> dict[str, Any]:
        if scheme is None:
            blank = Scheme()
            return {"hold_days": blank.hold_days, "grace_days": blank.grace_days}
        found: dict[str, Any] = {
            "name": scheme.name,
            "hold_days": scheme.hold_days,
            "grace_days": scheme.grace_days,
        }
        tiers = {tier.pk: tier for tier in self.tiers}
        for bar in scheme.bars.all():
            name = _bar_name(tiers[bar.tier_id], bar.rule, bar.measure)
            found |= {name: bar.value, f"{name}-in": bar.basis}
        for part in scheme.weights.all():
            found |= {f"parts-{part.measure}": part.weight, f"full-{part.measure}": part.full_at}
        return found

    # --- reading what was written ----------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        self.bars = [
            NewBar(tier.pk, rule, measure, value, basis)
            for tier in self.tiers[1:]
            for rule in Rule
            for measure in Measure
            for value, basis in self._bar(_bar_name(tier, rule, measure), measure)
        ]
        self.weights = [part for measure in _WEIGHED for part in self._weight(measure)]
        return found

    def _bar(self, name: str, measure: Measure) -> Iterator[tuple[Decimal, Basis]]:
        value = self.cleaned_data.get(name)
        if value is None:
            return
        basis = Basis(self.cleaned_data.get(f"{name}-in") or Basis.VALUE)
        if basis is Basis.SHARE:
            if not 0 < value <= 100:
                self.add_error(name, _("A share is more than 0 and at most 100 per cent."))
        elif value < 0:
            self.add_error(name, _("Less than 0 is not possible here."))
        elif measure in _RATED and value > 100:
            self.add_error(name, _("It goes from 0 to 100."))
        elif measure in _WHOLE and value != value.to_integral_value():
            self.add_error(name, _("Write a whole number."))
        yield value, basis

    def _weight(self, measure: Measure) -> Iterator[NewWeight]:
        parts, full = f"parts-{measure}", f"full-{measure}"
        if parts in self.errors or full in self.errors:
            return
        weight, full_at = self.cleaned_data.get(parts), self.cleaned_data.get(full)
        if full_at is not None and full_at <= 0:
            self.add_error(full, _("It has to be more than 0."))
        elif full_at is not None and measure in _WHOLE and full_at != full_at.to_integral_value():
            self.add_error(full, _("Write a whole number."))
        elif weight is None and full_at is not None:
            self.add_error(parts, _("How many parts? Or leave both empty."))
        elif weight is not None and full_at is None:
            self.add_error(full, _("From which value on does it give all of them?"))
        elif weight is not None and full_at is not None:
            yield NewWeight(measure, weight, full_at)

    @property
    def rules(self) -> dict[str, Any]:
        """What `write_rules` takes; only of a valid form."""
        return {name: self.cleaned_data[name] for name in ("name", "hold_days", "grace_days")} | {
            "bars": self.bars,
            "weights": self.weights,
        }

    # --- as the page shows it --------------------------------------------------------------------

    def cards(self) -> list[Card]:
        """Return the tiers, highest first, with their fields."""
        lowest = self.tiers[0] if self.tiers else None
        return [
            Card(tier, [] if tier == lowest else [self._rule(tier, rule) for rule in Rule])
            for tier in reversed(self.tiers)
        ]

    def _rule(self, tier: Tier, rule: Rule) -> RuleFields:
        title = _("To enter %(tier)s") if rule is Rule.ENTRY else _("To stay in %(tier)s")
        fields = [(measure, self._bar_field(_bar_name(tier, rule, measure), measure)) for measure in Measure]
        return RuleFields(
            title=title % {"tier": tier.name},
            shown=[field for measure, field in fields if measure in _EVERYDAY or field.is_asked],
            more=[field for measure, field in fields if measure not in _EVERYDAY and not field.is_asked],
        )

    def _bar_field(self, name: str, measure: Measure) -> BarField:
        before, after = "", measure.label[:1].lower() + measure.label[1:]
        if measure is Measure.RECENCY:
            before, after = _("the last order at most"), _("days ago")
        elif measure in AT_MOST:
            before = _("at most %(sign)s") % {"sign": sign(settings.HOUSE_CURRENCY)}
        elif measure in _RATED:
            after = _("%(measure)s, out of 100") % {"measure": after}
        value = self[name]
        return BarField(
            before=before,
            basis=self[f"{name}-in"] if measure not in AT_MOST else None,
            value=value,
            after=after,
            is_asked=value.value() not in (None, "") or bool(value.errors),
        )

    def score_shown(self) -> list[WeightField]:
        """Return the parts of the score."""
        return [part for part in self._weight_fields() if part.is_weighed]

    def score_more(self) -> list[WeightField]:
        """Return what could be a part of the score, and is none."""
        return [part for part in self._weight_fields() if not part.is_weighed]

    def _weight_fields(self) -> list[WeightField]:
        found = []
        for measure in _WEIGHED:
            parts, full_at = self[f"parts-{measure}"], self[f"full-{measure}"]
            unit = sign(settings.HOUSE_CURRENCY) if measure.is_money else ""
            before = _("(the less the better), none of them from") if measure in AT_MOST else _("all of them from")
            found.append(
                WeightField(
                    parts=parts,
                    measure=measure.label[:1].lower() + measure.label[1:],
                    before=f"{before} {unit}".strip(),
                    full_at=full_at,
                    is_weighed=any(field.value() not in (None, "") or field.errors for field in (parts, full_at)),
                )
            )
        return found


def _bar_name(tier: Tier, rule: str, measure: str) -> str:
    return f"{rule}-{tier.pk}-{measure}"
