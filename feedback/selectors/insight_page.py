"""What we hear, as it is told: each number with how sure it is, and how many answered."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from customers.enums import Channel
from customers.models import Segment, TouchPoint
from feedback import rates
from feedback.charts import dots, months
from feedback.rates import ENOUGH, Cell, Fair, Rate, Tally
from feedback.selectors.insight import Counted, Slice, count
from tiers.models import Tier
from tiers.selectors.preview_page import percent

Parts = Mapping[Cell, Tally]


@dataclass(frozen=True, slots=True)
class Names:
    """What tiers (the highest first), touch points, segments and colleagues are called, by primary key.

    `agents`: only those whom the reader may be told about. 0 is no tier, and nobody of the house.
    """

    tiers: Mapping[int, str]
    touch_points: Mapping[int, str]
    segments: Mapping[int, str]
    agents: Mapping[int, str]

    def tier(self, key: object) -> str:
        """What a tier is called."""
        return self.tiers.get(key or 0, "")  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True)
class Told:
    """A share as it is written, and as it is drawn."""

    percent: str
    interval: str
    rate: Rate


@dataclass(frozen=True, slots=True)
class Row:
    """What we hear from one group. `key`: the value of the filter that leads to its answers.

    `raw`: as the answers came; `weighted`: weighted for those who did not answer; `fair`: for colleagues, to compare.
    """

    key: str
    name: str
    tally: Tally
    raw: Told | None
    weighted: Told | None
    fair: Told | None = None

    @property
    def is_told(self) -> bool:
        """Whether enough of them answered to say anything."""
        return self.tally.said >= ENOUGH

    @property
    def response(self) -> str:
        """The response rate as it is written."""
        return percent(self.tally.response)

    @property
    def main(self) -> Told | None:
        """The number that stands for the group."""
        return self.fair or self.weighted


@dataclass(frozen=True, slots=True)
class Group:
    """All groups of one kind, with their chart. `kind`: the name of the filter."""

    kind: str
    title: str
    rows: list[Row]
    chart: dots.Chart | months.Chart


@dataclass(frozen=True, slots=True)
class Page:
    """All that is told."""

    whole: Row
    partly: Told | None
    no: Told | None
    groups: list[Group]


def names(agents: Mapping[int, str]) -> Names:
    """Return what everything is called (3 queries); `agents`: whom the reader may be told about."""
    tiers = dict(Tier.objects.order_by("-rank").values_list("pk", "name"))
    return Names(
        tiers=tiers | {0: _("No tier yet")},
        touch_points=dict(TouchPoint.objects.order_by("name").values_list("pk", "name")),
        segments=dict(Segment.objects.filter(is_active=True).order_by("name").values_list("pk", "name")),
        agents=dict(agents) | {0: _("Nobody of ours")},
    )


def page(chosen: Slice, known: Names) -> Page:
    """Return what a slice's contacts tell (1 query, and what `count` puts around it)."""
    counted = count(chosen)
    cells = _by_cell(row for row in counted if row.by == "month")
    weights = rates.response_weights(cells)

    def row(key: object, name: str, parts: Parts) -> Row:
        tally = rates.total(parts.values())
        return Row(str(key or 0), name, tally, told(rates.raw_rate(tally)), told(rates.weighted_rate(parts, weights)))

    whole = row("", _("All"), cells)
    groups = []
    for place, kind in enumerate(("tier", "touch_point", "channel")):
        parts = _parted({cell[place]: {cell: tally}} for cell, tally in cells.items())
        groups.append(_group(kind, [row(key, name, parts[key]) for key, name in _order(kind, parts, known)], whole))
    by_agent = _parts(counted, "agent")
    fair = fair_by_agent(counted)
    agents = [row(key, name, by_agent[key]) for key, name in _order("agent", by_agent, known)]
    groups.append(_group("agent", [_with_fair(one, fair) for one in agents], whole))
    by_segment = _parts(counted, "segment")
    segments = [row(key, name, by_segment[key]) for key, name in _order("segment", by_segment, known)]
    groups.append(_group("segment", segments, whole))
    by_month = _parts(counted, "month")
    groups.append(_months([row(key, _month(key), by_month.get(key, {})) for key in _months_of(by_month)]))
    partly, no = (told(rates.weighted_rate(cells, weights, of=answer)) for answer in ("partly", "no"))
    return Page(whole, partly, no, [group for group in groups if group.rows])


def fair_by_agent(counted: Iterable[Counted]) -> dict[str, Fair]:
    """Return colleagues' rates for comparison, by primary key as text; contacts with nobody of ours are left out."""
    people: dict[object, dict[Cell, tuple[int, int]]] = defaultdict(dict)
    for row in counted:
        if row.by == "agent" and row.key is not None:
            people[str(row.key)][(*row.cell, row.in_trouble)] = (row.tally.yes, row.tally.said)
    return {str(key): fair for key, fair in rates.fair_rates(people).items()}


def interval(low: float, high: float) -> str:
    """Return an interval of shares as it is written: “71.2 to 77.0 %”."""
    ends = {"low": number_format(round(100 * low, 1), 1), "high": number_format(round(100 * high, 1), 1)}
    return _("%(low)s to %(high)s %%") % ends


def told(rate: Rate | None) -> Told | None:
    """Return a share as it is written."""
    return None if rate is None else Told(percent(rate.share), interval(rate.low, rate.high), rate)


def _with_fair(row: Row, fair: Mapping[str, Fair]) -> Row:
    known = fair.get(row.key)
    if known is None:
        return row
    rate = Rate(known.rate, known.low, known.high, row.tally.said)
    return Row(row.key, row.name, row.tally, row.raw, row.weighted, told(rate))


def _by_cell(rows: Iterable[Counted]) -> dict[Cell, Tally]:
    cells: dict[Cell, Tally] = {}
    for row in rows:
        cells[row.cell] = cells[row.cell].plus(row.tally) if row.cell in cells else row.tally
    return cells


def _parts(counted: Iterable[Counted], by: str) -> dict[object, dict[Cell, Tally]]:
    """Return tallies by cell, for each key of one kind."""
    rows: dict[object, list[Counted]] = defaultdict(list)
    for row in counted:
        if row.by == by:
            rows[row.key].append(row)
    return {key: _by_cell(some) for key, some in rows.items()}


def _parted(some: Iterable[Mapping[object, Parts]]) -> dict[object, dict[Cell, Tally]]:
    parts: dict[object, dict[Cell, Tally]] = defaultdict(dict)
    for one in some:
        for key, cells in one.items():
            parts[key].update(cells)
    return parts


def _order(kind: str, found: Collection[object], known: Names) -> list[tuple[object, str]]:
    """Return those groups that have a name, in the order of their names' list: nobody is ranked."""
    if kind == "channel":
        listed: list[tuple[object, str]] = [(value, str(label)) for value, label in Channel.choices]
    else:
        of_kind: Mapping[int, str] = getattr(known, f"{kind}s")
        listed = [(key or None, name) for key, name in of_kind.items()]
    return [(key, name) for key, name in listed if key in found]


def _group(kind: str, rows: list[Row], whole: Row) -> Group:
    titles = {
        "tier": _("By tier"),
        "touch_point": _("By touch point"),
        "channel": _("By channel"),
        "agent": _("By colleague"),
        "segment": _("By segment"),
    }
    middle = whole.weighted.rate.share if whole.weighted and whole.is_told else None
    return Group(kind, titles[kind], rows, dots.draw([_dot(row) for row in rows], middle))


def _dot(row: Row) -> dots.Dot:
    if not row.is_told or row.main is None or row.raw is None:
        return dots.Dot(row.name, _("too few to say"))
    rate = row.main.rate
    return dots.Dot(row.name, row.main.percent, rate.share, rate.low, rate.high, row.raw.rate.share)


def _months(rows: list[Row]) -> Group:
    drawn = []
    for row in rows:
        short = date_format(date.fromisoformat(f"{row.key}-01"), "M y")
        if row.is_told and row.weighted and row.raw:
            rate, text = row.weighted.rate, f"{row.name}: {row.weighted.percent}"
            drawn.append(months.Month(short, text, rate.share, rate.low, rate.high, row.raw.rate.share))
        else:
            drawn.append(months.Month(short, row.name))
    return Group("month", _("By month"), rows, months.draw(drawn))


def _months_of(found: Collection[object]) -> list[str]:
    """Return all months from the first to the last that anybody was asked about."""
    keys = sorted(map(str, found))
    if not keys:
        return []
    (year, month), last = map(int, keys[0].split("-")), keys[-1]
    listed = [keys[0]]
    while listed[-1] < last:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        listed.append(f"{year}-{month:02}")
    return listed


def _month(key: str) -> str:
    return date_format(date.fromisoformat(f"{key}-01"), "F Y")
