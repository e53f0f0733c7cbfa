"""What a finished preview says to its reader: its results as sentences, tables and the places of a chart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import Customer
from tiers import previewing
from tiers.charts import matrix as drawing
from tiers.enums import Measure
from tiers.models import Preview
from tiers.previewing import ENOUGH, Share
from tiers.selectors.wording import money


@dataclass(frozen=True, slots=True)
class Part:
    """A share as it is written."""

    hits: int
    percent: str
    # “4.1 to 9.0 %”; nothing where too few tell.
    interval: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the matrix, and whose list it leads to: primary keys of tiers, 0 for none yet."""

    drawn: drawing.Cell
    percent: str
    from_pk: int
    to_pk: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table that compares before and after."""

    name: str
    before: str
    after: str
    change: str
    # −1, 0 or 1.
    sign: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """A customer near a bar; None for one who is gone since."""

    customer: Customer | None
    value: str
    distance: str


@dataclass(frozen=True, slots=True)
class BarLines:
    """A bar with those just above and just below it; `is_hidden` from readers who may not see margin."""

    tier: str
    measure: str
    cut: str
    is_hidden: bool
    above: list[Near]
    below: list[Near]


@dataclass(frozen=True, slots=True)
class Group:
    """How a group of customers fares beside all of them."""

    name: str
    customers: int
    up: Part
    down: Part
    # "more", "fewer", or "" where it cannot be told from the whole.
    more_up: str
    more_down: str

    @property
    def is_told(self) -> bool:
        """Whether there are enough of them to say anything."""
        return self.customers >= ENOUGH


@dataclass(frozen=True, slots=True)
class Kind:
    """All groups of one kind."""

    kind: str
    groups: list[Group]

    @property
    def large(self) -> list[Group]:
        """Those that can be told about."""
        return [group for group in self.groups if group.is_told]

    @property
    def small(self) -> list[Group]:
        """Those of too few customers."""
        return [group for group in self.groups if not group.is_told]

    @property
    def apart(self) -> list[Group]:
        """Those that fare differently from the whole, beyond chance."""
        return [group for group in self.groups if group.more_up or group.more_down]


@dataclass(frozen=True, slots=True)
class Grace:
    """Whose days of grace begin or end in a tier, though they stay in it, and what may follow."""

    said: str
    more: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that is told."""

    counts: dict[str, int]
    graces: list[Grace]
    customers: int
    chart: drawing.Chart
    table: list[tuple[drawing.Label, list[Cell]]]
    costs: list[Line]
    cost: Line
    load: list[Line]
    bars: list[BarLines]
    up: Part
    down: Part
    kinds: list[Kind]


def customers_near(preview: Preview, *, shows_margin: bool) -> set[int]:
    """Return the numbers of the customers whom the page will name."""
    return {
        near[0]
        for bar in (preview.results or {}).get("bars", ())
        if shows_margin or not Measure(bar["measure"]).tells_money
        for side in ("above", "below")
        for near in bar[side]
    }


def page(preview: Preview, customers: Mapping[int, Customer], *, shows_margin: bool) -> Page:
    """Return what a finished preview says; `customers`: those near the bars, by number."""
    results: dict[str, Any] = preview.results or {}
    matrix, names = results["matrix"], [tier["name"] for tier in results["tiers"]]
    counts = previewing.directions(matrix)
    had_one = sum(previewing.before_of(matrix))
    up, down = previewing.share_of(counts["up"], had_one), previewing.share_of(counts["down"], had_one)
    chart = drawing.lay_out(matrix, names, _("New"))
    costs = [
        _cost(name, row["each"] * row["before"], row["each"] * row["after"], note=money(row["each"], _currency()))
        for name, row in zip(names, results["perks"], strict=True)
    ]
    sums = [sum(row["each"] * row[side] for row in results["perks"]) for side in ("before", "after")]
    return Page(
        counts=counts,
        graces=graces(results),
        customers=sum(previewing.after_of(matrix)),
        chart=chart,
        table=_table(chart, [tier["pk"] for tier in results["tiers"]]),
        costs=costs[::-1],
        cost=_cost(_("All of them"), sums[0], sums[1]),
        load=[_hours(row["skill"], row["before"], row["after"]) for row in results["load"]],
        bars=[_bar(bar, names, customers, shows_margin) for bar in reversed(results["bars"])],
        up=_part(up),
        down=_part(down),
        kinds=[
            Kind(kind, [_group(row, up, down) for row in results["groups"] if row["kind"] == kind])
            for kind in dict.fromkeys(row["kind"] for row in results["groups"])
        ],
    )


def graces(results: Mapping[str, Any]) -> list[Grace]:
    """Return whose days of grace would begin or end, highest tier first; nothing of a preview that did not count it."""
    if "grace" not in results:
        return []
    names = [tier["name"] for tier in results["tiers"]]
    each = [row["each"] for row in results["perks"]]
    found = []
    for level, row in reversed(list(enumerate(results["grace"]["tiers"]))):
        if row["begins"]:
            change = row["begins"] * (each[row["to"]] - each[level])
            found.append(_begun(row, results["grace"]["days"], names[level], names[row["to"]], change))
        if row["stops"]:
            found.append(_stopped(row["stops"], names[level]))
    return found


def amount(measure: str, value: int) -> str:
    """Return a value of a measure with its unit, as people write it."""
    known = Measure(measure)
    if known.is_money:
        return money(value, _currency())
    if known == Measure.SCORE:
        return _("%(points)s points") % {"points": number_format(value / 100, 2)}
    number = number_format(value, force_grouping=True)
    if known in (Measure.RECENCY, Measure.TENURE):
        return ngettext("%(number)s day", "%(number)s days", value) % {"number": number}
    if known == Measure.ORDERS:
        return ngettext("%(number)s order", "%(number)s orders", value) % {"number": number}
    if known == Measure.ENGAGEMENT:
        return ngettext("%(number)s contact", "%(number)s contacts", value) % {"number": number}
    return _("%(number)s of 100") % {"number": number}


def percent(share: float) -> str:
    """Return a share as people write it; a few are never none, and nearly all never all."""
    if 0 < share < 0.001:
        return _("under 0.1 %")
    if 0.999 < share < 1:
        return _("over 99.9 %")
    return _("%(number)s %%") % {"number": _figure(100 * share, 0 if share in (0, 1) else 1)}


def _begun(row: Mapping[str, Any], grace_days: int, name: str, lower: str, change: int) -> Grace:
    """Say how many are newly below, and what follows if they stay so; `change`: of the perks of all, in cents."""
    said = ngettext(
        "%(tier)s: %(number)s customer would be below the bar for staying.",
        "%(tier)s: %(number)s customers would be below the bar for staying.",
        row["begins"],
    ) % {"tier": name, "number": number_format(row["begins"], force_grouping=True)}
    more = [
        ngettext(
            "They keep their tier for %(days)d day of grace, and longer where a hold or a colleague's decision keeps "
            "them; whoever is still below then goes one step down, to %(lower)s.",
            "They keep their tier for %(days)d days of grace, and longer where a hold or a colleague's decision keeps "
            "them; whoever is still below then goes one step down, to %(lower)s.",
            grace_days,
        )
        % {"days": grace_days, "lower": lower}
    ]
    if row["first_on"]:
        more.append(
            _("If this is published on the day of the preview, the first could go on %(day)s: %(number)s of them.")
            % {
                "day": date_format(date.fromisoformat(row["first_on"]), "j F Y"),
                "number": number_format(row["first"], force_grouping=True),
            }
        )
    if change:
        sentence = (
            _("If all of them went, that would save %(cost)s a year in perks: at most, if nobody's numbers rise.")
            if change < 0
            else _("If all of them went, that would take %(cost)s a year in perks: at most, if nobody's numbers rise.")
        )
        more.append(sentence % {"cost": money(abs(change), _currency())})
    return Grace(said, " ".join(more))


def _stopped(count: int, name: str) -> Grace:
    said = ngettext(
        "%(tier)s: %(number)s customer who is below the bar for staying now would be so no longer.",
        "%(tier)s: %(number)s customers who are below the bar for staying now would be so no longer.",
        count,
    ) % {"tier": name, "number": number_format(count, force_grouping=True)}
    return Grace(said, _("Their days of grace end, and they keep their tier."))


def _figure(value: float, places: int) -> str:
    """Return a number with so many decimals; `number_format` alone cuts off where it should round."""
    return number_format(round(value, places), places, force_grouping=True)


def _part(share: Share) -> Part:
    interval = ""
    if share.low is not None and share.high is not None:
        ends = {"low": _figure(100 * share.low, 1), "high": _figure(100 * share.high, 1)}
        interval = _("%(low)s to %(high)s %%") % ends
    return Part(hits=share.hits, percent=percent(share.share), interval=interval)


def _table(chart: drawing.Chart, tiers: list[int]) -> list[tuple[drawing.Label, list[Cell]]]:
    """Return the rows of the chart as those of a table."""
    cells = [
        Cell(cell, percent(cell.share), 0 if cell.start < 0 else tiers[cell.start], tiers[cell.end])
        for cell in chart.cells
    ]
    width = len(tiers)
    return [(row, cells[place * width : (place + 1) * width]) for place, row in enumerate(chart.rows)]


def _currency() -> str:
    return str(settings.HOUSE_CURRENCY)


def _cost(name: str, before: int, after: int, note: str = "") -> Line:
    change = after - before
    said = f"+{money(change, _currency())}" if change > 0 else money(change, _currency()) if change else _("no change")
    return Line(name, money(before, _currency()), money(after, _currency()), said, _sign(change), note)


def _hours(name: str, before: int, after: int) -> Line:
    """Return a line about colleagues' time, given in minutes."""
    change = after - before
    said = ("+" if change > 0 else "−") + _time(abs(change)) if change else _("no change")
    return Line(name, _time(before), _time(after), said, _sign(change))


def _time(minutes: int) -> str:
    places = 0 if minutes >= 6_000 or minutes % 60 == 0 else 1
    return _("%(hours)s h") % {"hours": _figure(minutes / 60, places)}


def _sign(change: int) -> int:
    return (change > 0) - (change < 0)


def _bar(bar: dict[str, Any], names: list[str], customers: Mapping[int, Customer], shows_margin: bool) -> BarLines:
    measure = Measure(bar["measure"])
    is_hidden = measure.tells_money and not shows_margin
    above, below = (
        [
            Near(customers.get(number), amount(measure, value), amount(measure, distance))
            for number, value, distance in ([] if is_hidden else bar[side])
        ]
        for side in ("above", "below")
    )
    return BarLines(
        tier=names[bar["level"]],
        measure=str(measure.label),
        cut="" if is_hidden else amount(measure, bar["cut"]),
        is_hidden=is_hidden,
        above=above,
        below=below,
    )


def _group(row: dict[str, Any], up: Share, down: Share) -> Group:
    own_up, own_down = (previewing.share_of(row[side], row["customers"]) for side in ("up", "down"))
    return Group(
        name=row["name"],
        customers=row["customers"],
        up=_part(own_up),
        down=_part(own_down),
        more_up=_beside(own_up, up),
        more_down=_beside(own_down, down),
    )


def _beside(own: Share, whole: Share) -> str:
    if not own.is_apart_from(whole):
        return ""
    return "more" if own.share > whole.share else "fewer"
