"""A version of predicted value as a manager reads it: what was learned, how sure it is, and whether it holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tiers.charts import calibration
from tiers.charts.calibration import Chart, Pair
from tiers.models import ValueFit
from tiers.selectors import value_wording
from tiers.selectors.value import as_fit
from tiers.selectors.value_wording import Concern, decimal, number
from tiers.selectors.wording import money
from tiers.value.calibration import MOST_REPEATS
from tiers.value.fitting import Fit


@dataclass(frozen=True, slots=True)
class Part:
    """What was learned about one thing: parameters with their sentences, and what is doubtful about them."""

    title: str
    meanings: list[tuple[str, str]]
    doubts: list[str]


@dataclass(frozen=True, slots=True)
class Check:
    """The held-out time: a chart, a table (heads, then rows of cells), what it was, and what is doubtful about it."""

    summary: str
    chart: Chart | None
    heads: list[str]
    rows: list[list[str]]
    doubts: list[str]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page of a version shows."""

    summary: str
    parts: list[Part]
    check: Check


def page_of(version: ValueFit, *, shows_margin: bool) -> Page:
    """Return the page of a version (no query). Without `shows_margin` nothing on it gives money away."""
    fit = as_fit(version)
    parts = [
        Part(
            _("How often customers come back"),
            value_wording.buying(fit) + value_wording.leaving(fit),
            value_wording.doubts(fit, Concern.PURCHASES),
        )
    ]
    if shows_margin:
        parts.append(
            Part(
                _("What a purchase brings"),
                value_wording.spending(fit, settings.HOUSE_CURRENCY),
                value_wording.doubts(fit, Concern.VALUE),
            )
        )
    return Page(_summary(fit), parts, _check(fit, version.calibration, shows_margin))


def _summary(fit: Fit) -> str:
    names = {
        "customers": number(fit.customers),
        "repeaters": number(fit.repeaters),
        "window": value_wording.window(fit),
        "days": number(fit.horizon_days),
    }
    return (
        ngettext(
            "Learned from %(customers)s customer, of whom %(repeaters)s came back: orders of %(window)s. "
            "Predictions look %(days)s days ahead.",
            "Learned from %(customers)s customers, of whom %(repeaters)s came back: orders of %(window)s. "
            "Predictions look %(days)s days ahead.",
            fit.customers,
        )
        % names
    )


def _check(fit: Fit, found: Mapping[str, Any], shows_margin: bool) -> Check:
    classes: list[dict[str, Any]] = found.get("classes", [])
    if not classes:
        return Check(_("No part of these orders was held out to check against."), None, [], [], _all_doubts(fit))
    pairs = [Pair(_label(row["frequency"]), row["predicted"], row["actual"]) for row in classes]
    summary = _(
        "Fitted a second time to orders up to %(day)s alone, by %(model)s, and held against the %(days)s days "
        "after it: purchase days per customer, by how often they had come back before."
    ) % {
        "day": value_wording.day(found["fitted_until"]),
        "model": value_wording.model(found["model"]),
        "days": number(found["held_out_days"]),
    }
    heads = [_("Had come back"), _("Customers"), _("Purchases predicted"), _("Purchases in fact")]
    if shows_margin:
        heads += [_("Margin predicted"), _("Margin in fact")]
    rows = [_cells(_label(row["frequency"]), row, shows_margin) for row in classes]
    rows.append(_cells(_("All"), _together(classes), shows_margin))
    return Check(summary, calibration.draw(pairs), heads, rows, _all_doubts(fit))


def _all_doubts(fit: Fit) -> list[str]:
    """What is doubtful about the check itself, and about how often, which the whole of it rests on."""
    return value_wording.doubts(fit, Concern.CHECK)


def _label(frequency: int) -> str:
    return f"{frequency}+" if frequency == MOST_REPEATS else str(frequency)


def _cells(label: str, row: Mapping[str, Any], shows_margin: bool) -> list[str]:
    cells = [label, number(row["customers"]), decimal(row["predicted"], 2), decimal(row["actual"], 2)]
    if shows_margin:
        cells += [_money(row["predicted_value"]), _money(row["actual_value"])]
    return cells


def _money(worth: float | None) -> str:
    return "–" if worth is None else money(round(100 * worth), settings.HOUSE_CURRENCY)


def _together(classes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the means over all classes."""
    rows = list(classes)
    customers = sum(row["customers"] for row in rows)
    together: dict[str, Any] = {"customers": customers}
    for name in ("predicted", "actual", "predicted_value", "actual_value"):
        numbers = [(row[name], row["customers"]) for row in rows]
        is_known = all(mean is not None for mean, _count in numbers)
        together[name] = sum(mean * count for mean, count in numbers) / customers if is_known else None
    return together
