"""The prevention page in numbers: by month, by place and cause, and for each action before and after."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.utils.formats import date_format

from customers.models import TouchPoint
from feedback.enums import Base
from feedback.models import PreventionAction
from feedback.ratios import LOOK, Rate, Ratio, Verdict, Windows, compare, windows
from feedback.selectors.causes import Tree, cause_tree
from feedback.selectors.noise import Noise, listen, months_until
from feedback.trends import Chart, Strip, draw, strip

# So many places and causes are listed, those with the most troubles first.
MOST = 30
# The last so many days are compared with as many before them.
_SEASON = timedelta(days=91)
# Actions whose beginning lies further back than this are listed without their numbers.
_OLDEST = timedelta(days=731)


@dataclass(frozen=True)
class Wanted:
    """What a reader wants to see: a touch point and a cause (keys, None for all), and by what to count."""

    touch_point: int | None = None
    cause: int | None = None
    base: str = Base.CONTACTS

    @classmethod
    def read(cls, asked: Any, *, places: list[TouchPoint], tree: Tree) -> "Wanted":
        """Read the address; what is not there is left out."""
        place, cause, base = asked.get("touch_point", ""), asked.get("cause", ""), asked.get("base", "")
        return cls(
            next((one.pk for one in places if str(one.pk) == place), None),
            next((pk for pk in tree.causes if str(pk) == cause), None),
            base if base in Base.values else Base.CONTACTS,
        )


@dataclass(frozen=True)
class Month:
    """One month: its troubles, its base, and how many per 1,000."""

    label: str
    full: str
    rate: Rate
    is_running: bool


@dataclass(frozen=True)
class Line:
    """One place and cause: the last twelve months, and the last three against the three before."""

    place: str
    cause: str
    rate: Rate
    before: Rate
    lately: Rate
    ratio: Ratio


@dataclass(frozen=True)
class Looked:
    """An action with its rates before and after; without numbers while it is not done, or where it is too long ago."""

    action: PreventionAction
    cause: str
    windows: Windows | None
    before: Rate | None
    after: Rate | None
    ratio: Ratio | None
    strip: Strip | None
    is_overdue: bool

    @property
    def verdict(self) -> str:
        return self.ratio.verdict.value if self.ratio else ""

    @property
    def percent(self) -> int | None:
        """By how many hundredths the rate has changed; None where there is no ratio."""
        known = self.ratio.ratio if self.ratio else None
        return None if known is None or known == float("inf") else round(abs(1 - known) * 100)


@dataclass(frozen=True)
class Page:
    """All of the page."""

    wanted: Wanted
    tree: Tree
    places: list[TouchPoint]
    months: list[Month]
    chart: Chart
    lines: list[Line]
    more: int
    actions: list[Looked]


def read_page(*, asked: Any, today: date) -> Page:
    """Read it all; eight queries, whatever there is to count."""
    tree, places = cause_tree(), list(TouchPoint.objects.order_by("name"))
    wanted = Wanted.read(asked, places=places, tree=tree)
    actions = list(PreventionAction.objects.select_related("owner", "touch_point")[:MOST])
    months = months_until(today)
    starts = [one.started_on - LOOK for one in actions if one.done_on and one.started_on]
    since = min([months[0][0], *(start for start in starts if start > today - _OLDEST)])
    noise = listen(since=since, until=months[-1][1], tree=tree)
    shown = [_month(noise, tree, wanted, *month, today) for month in months]
    lines, more = _lines(noise, tree, places, wanted, months[0][0], today)
    return Page(
        wanted=wanted,
        tree=tree,
        places=places,
        months=shown,
        chart=draw([(month.label, month.rate.per_thousand) for month in shown]),
        lines=lines,
        more=more,
        actions=[_look(one, noise, tree, since, today) for one in actions],
    )


def _rate(
    noise: Noise, since: date, until: date, *, touch_point: int | None, causes: Collection[int | None] | None, base: str
) -> Rate:
    count = noise.cases(since, until, causes=causes, touch_point=touch_point)
    if base == Base.ORDERS:
        return Rate(count, noise.orders_in(since, until))
    return Rate(count, noise.contacts_in(since, until, touch_point=touch_point))


def _month(noise: Noise, tree: Tree, wanted: Wanted, first: date, after: date, today: date) -> Month:
    causes = tree.within(wanted.cause) if wanted.cause else None
    rate = _rate(noise, first, after, touch_point=wanted.touch_point, causes=causes, base=wanted.base)
    return Month(date_format(first, "M"), date_format(first, "F Y"), rate, first <= today < after)


def _lines(
    noise: Noise, tree: Tree, places: list[TouchPoint], wanted: Wanted, since: date, today: date
) -> tuple[list[Line], int]:
    """Return a line for each place and top cause with a trouble in it, the most first, and how many were left out.

    Those of no known cause come too.
    """
    names = {place.pk: place.name for place in places}
    within = tree.within(wanted.cause) if wanted.cause else None
    pairs: Counter[tuple[int, int | None]] = Counter()
    for one in noise.troubles:
        is_wanted = one.day >= since and (within is None or one.cause in within)
        if is_wanted and wanted.touch_point in (None, one.touch_point):
            pairs[one.touch_point, tree.root_of(one.cause) if one.cause else None] += one.count
    ordered = sorted(pairs.items(), key=lambda pair: (-pair[1], names[pair[0][0]], pair[0][1] or 0))
    half = today - _SEASON
    lines = []
    for (place, top), _count in ordered[:MOST]:
        causes: frozenset[int | None] = frozenset({None}) if top is None else frozenset(tree.within(top))
        if within is not None:
            causes &= within
        rate = partial(_rate, noise, touch_point=place, causes=causes, base=wanted.base)
        before, lately = rate(half - _SEASON, half), rate(half, today)
        whole = rate(since, today + timedelta(days=1))
        name = tree.causes[top].name if top else ""
        lines.append(Line(names[place], name, whole, before, lately, compare(before, lately)))
    return lines, len(ordered) - len(lines)


def _look(action: PreventionAction, noise: Noise, tree: Tree, since: date, today: date) -> Looked:
    is_overdue = action.done_on is None and action.due_on < today
    cause = tree.name_of(action.cause_id)
    if not (action.done_on and action.started_on) or action.started_on - LOOK < since:
        return Looked(action, cause, None, None, None, None, None, is_overdue)
    spans = windows(action.started_on, action.done_on, today)
    causes = tree.within(action.cause_id)
    before, after = (
        _rate(noise, *span, touch_point=action.touch_point_id, causes=causes, base=action.base)
        for span in (spans.before, spans.after)
    )
    ratio = compare(before, after)
    drawn = None if ratio.verdict is Verdict.NOTHING else strip(ratio)
    return Looked(action, cause, spans, before, after, ratio, drawn, is_overdue)
