"""How many promises are kept, by the touch point and by the tier that the customer had when it was made.

A promise counts when its time has come, within the last year. Kept is kept in time; kept late, given up, and still
open are not.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext as _

from customers.models import Promise
from customers.sheets import MARK, csv_line
from feedback.charts.dots import Chart, Dot, draw
from feedback.rates import ENOUGH, Rate
from feedback.selectors.insight_page import interval
from tiers.models import Standing, Tier
from tiers.previewing import wilson
from tiers.selectors.preview_page import percent

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Kept:
    """What became of the promises of one kind whose time has come. `rate` is None where there are too few to say."""

    name: str
    kept: int
    late: int
    broken: int
    open: int

    @property
    def due(self) -> int:
        return self.kept + self.late + self.broken + self.open

    @property
    def rate(self) -> Rate | None:
        if self.due < ENOUGH:
            return None
        return Rate(self.kept / self.due, *wilson(self.kept, self.due), self.due)

    @property
    def percent(self) -> str:
        return percent(self.rate.share) if self.rate else ""

    @property
    def interval(self) -> str:
        return interval(self.rate.low, self.rate.high) if self.rate else ""


@dataclass(frozen=True)
class Group:
    """All kinds by one thing, and the same drawn."""

    kind: str
    title: str
    rows: list[Kept]
    chart: Chart


@dataclass(frozen=True)
class Rates:
    """Of the whole house, and by touch point and tier."""

    whole: Kept
    groups: list[Group]


def read_rates() -> Rates:
    """Count what fell due within the last year, in two queries."""
    counted = list(_counted())
    tiers = {tier.pk: tier for tier in Tier.objects.order_by("-rank")}
    whole = _kept(_("All"), counted)
    places = sorted({row["place"] or "" for row in counted})
    by_place = [
        _kept(place or _("Nowhere in particular"), [r for r in counted if (r["place"] or "") == place])
        for place in places
    ]
    known = [*tiers, None]
    by_tier = [(key, [row for row in counted if row["tier"] == key]) for key in known]
    named = [_kept(tiers[key].name if key else _("No tier yet"), rows) for key, rows in by_tier if rows]
    by_place.sort(key=lambda one: -one.due)
    groups = [("place", _("By touch point"), by_place), ("tier", _("By tier, when it was made"), named)]
    return Rates(whole, [Group(kind, title, rows, _draw(rows, whole)) for kind, title, rows in groups])


def _counted() -> Any:
    """One row for each touch point and tier: counts of what became of them."""
    standings = Standing.objects.filter(customer=OuterRef("customer"), valid_from__lte=OuterRef("made_at"))
    past = standings.filter(valid_until__isnull=False, valid_until__gt=OuterRef("made_at"))
    in_time = Q(kept_at__lte=F("due_at"))
    return (
        Promise.objects.filter(due_at__lte=Now(), due_at__gt=Now() - YEAR, is_mistaken=False)
        .order_by()
        # Apart, so that each reads its own index: the present standing, or the past one that held.
        .annotate(
            tier=Coalesce(
                Subquery(past.values("tier")[:1]), Subquery(standings.filter(valid_until=None).values("tier")[:1])
            )
        )
        .values("tier", place=Coalesce("touch_point__name", "interaction__touch_point__name"))
        .annotate(
            kept=Count("pk", filter=in_time),
            late=Count("pk", filter=Q(kept_at__isnull=False) & ~in_time),
            broken=Count("pk", filter=Q(broken_at__isnull=False)),
            open=Count("pk", filter=Q(kept_at=None, broken_at=None)),
        )
    )


def _kept(name: str, rows: list[dict[str, Any]]) -> Kept:
    total: Counter[str] = Counter()
    for row in rows:
        total.update({what: row[what] for what in ("kept", "late", "broken", "open")})
    return Kept(name, total["kept"], total["late"], total["broken"], total["open"])


def _draw(rows: list[Kept], whole: Kept) -> Chart:
    dots = [
        Dot(one.name, one.percent, one.rate.share, one.rate.low, one.rate.high)
        if one.rate
        else Dot(one.name, _("too few to say"))
        for one in rows
    ]
    return draw(dots, whole.rate.share if whole.rate else None)


def rate_lines(rates: Rates) -> Iterator[str]:
    """Yield the lines of a file with every rate; shares are from 0 to 1."""
    head = [_("By"), _("Which"), _("Due"), _("Kept in time"), _("Kept late"), _("Given up"), _("Still open")]
    yield MARK + csv_line([*head, _("Kept-rate"), _("Low"), _("High"), _("Enough to say")])
    for title, row in [(_("All"), rates.whole), *((group.title, row) for group in rates.groups for row in group.rows)]:
        counts = [str(count) for count in (row.due, row.kept, row.late, row.broken, row.open)]
        share, low, high = (row.kept / row.due, *wilson(row.kept, row.due)) if row.due else ("", "", "")
        shares = [f"{value:.4f}" if value != "" else "" for value in (share, low, high)]
        yield csv_line([title, row.name, *counts, *shares, _("yes") if row.rate else _("no")])
