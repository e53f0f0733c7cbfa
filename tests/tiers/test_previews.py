"""Previews: what they say, that nothing but their own is written, and that publishing then does just that."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from customers.models import Customer
from customers.services.incidents import record_incident
from tests.factories import make_customer, make_touch_point, make_user
from tests.tiers.customers_in_tiers import make_buyer
from tiers.engine import unbound
from tiers.models import Move, Override, Preview, PreviewShard, Scheme, Standing, Tier
from tiers.services import settling
from tiers.services.previews import (
    end_preview,
    request_preview,
)
from tiers.services.runs import retier
from tiers.services.schemes import publish_scheme

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# What a preview leaves as it is, and a run does not.
DECIDED = ("tiers_measures", "tiers_move", "tiers_standing", "tiers_run", "tiers_override", "customers_touch")


def make_draft(*, shares: bool = False, grace_days: int = 30) -> Scheme:
    """A draft that asks half as much margin for the highest two tiers and more orders for the second.

    `shares`: the highest tier is the best fifth by margin instead.
    """
    published = Scheme.objects.get(state="published")
    draft = Scheme.objects.create(version=2, name="Draft", hold_days=60, grace_days=grace_days)
    for bar in published.bars.select_related("tier"):
        bar.pk, bar.scheme = None, draft
        if bar.measure == "margin":
            bar.value = bar.value / 2 if bar.tier.rank > 2 else bar.value * Decimal("1.25")
        bar.save()
    if shares:
        top = draft.bars.filter(tier__rank=4)
        top.filter(measure="margin").update(basis="share", value=20)
        top.exclude(measure="margin").delete()
        draft.bars.filter(tier__rank__in=(2, 3)).exclude(measure="margin").delete()
        draft.bars.filter(tier__rank=2, measure="margin").update(value=20)
        draft.bars.filter(tier__rank=3, measure="margin").update(value=30)
    return draft


def make_everybody() -> dict[str, Customer]:
    """Customers of all sorts, decided on by the published scheme over the past half year: some in hold, some in grace,
    some with open failures of ours, some bound by colleagues, one who is new."""
    today = timezone.localdate()
    past = today - 200 * DAY
    found: dict[str, Customer] = {}
    for number, margin in enumerate((0, 50, 120, 250, 390, 600, 710, 900, 1200, 1900, 2100, 4000)):
        for orders in (1, 6, 12):
            found[f"{margin} by {orders}"] = make_buyer(
                past - (number % 4) * 20 * DAY, f"{margin}.00", orders=orders, customer=make_customer(country="GB")
            )
    for name in ("floor", "ceiling", "lock", "ended"):
        found[name] = make_buyer(past, "2100.00", orders=12, customer=make_customer(country="FR"))
    found["frozen"] = make_buyer(past, "2100.00", orders=12)
    found["rising"] = make_buyer(past, "20.00")
    retier(as_of=past)
    record_incident(
        customer=found["frozen"],
        kind="late",
        touch_point=make_touch_point(),
        text="Late",
        happened_at=timezone.now() - 40 * DAY,
    )
    retier(as_of=today - 60 * DAY)
    make_buyer(today - 50 * DAY, "2500.00", orders=10, customer=found["rising"])
    make_buyer(today - 2 * DAY, "900.00", orders=6, customer=found["50 by 1"])
    retier(as_of=today - 40 * DAY)
    owner, tiers = make_user("manager"), {tier.rank: tier for tier in Tier.objects.all()}
    for name, kind, rank in (("floor", "floor", 3), ("ceiling", "ceiling", 1), ("lock", "lock", 2)):
        Override.objects.create(customer=found[name], kind=kind, tier=tiers[rank], reason="Agreed", owner=owner)
    retier(as_of=today - 20 * DAY)
    # Bound since the last run: the next one has to see to it.
    Override.objects.create(customer=found["ended"], kind="lock", tier=tiers[2], reason="Agreed", owner=owner)
    found["new"] = make_buyer(today, "5000.00", orders=12)
    return found


def finished(scheme: Scheme) -> Preview:
    preview = end_preview(preview=request_preview(scheme=scheme, by=None))
    assert preview.state == "finished", preview.failure
    return preview


def rows_of(*tables: str) -> dict[str, list[Any]]:
    """Every row of some tables, in order."""
    rows = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} AS t ORDER BY 1")
            rows[table] = cursor.fetchall()
    return rows


def foreseen(preview: Preview) -> set[tuple[Any, ...]]:
    return set(preview.moved.values_list("customer", "from_tier", "to_tier", "reason"))


def published_moves(scheme: Scheme) -> set[tuple[Any, ...]]:
    """Publish a draft, run as of today, and return who moved."""
    publish_scheme(scheme=scheme, by=make_user("manager"))
    run = retier(as_of=timezone.localdate())
    return set(Move.objects.filter(run=run).values_list("customer", "from_tier", "to_tier", "reason"))


# --- what it foresees ----------------------------------------------------------------------------


@pytest.mark.parametrize("shares", [False, True])
@pytest.mark.parametrize("grace_days", [1, 30])
def test_publishing_moves_exactly_those_whom_the_preview_moved(shares: bool, grace_days: int) -> None:
    make_everybody()
    draft = make_draft(shares=shares, grace_days=grace_days)
    preview = finished(draft)
    told = foreseen(preview)
    assert {reason for *_, reason in told} >= {"first", "promoted", "lowered"}
    assert preview.results is not None
    matrix = preview.results["matrix"]
    assert published_moves(draft) == told
    assert sum(map(sum, matrix)) == Customer.objects.count()
    after = [Standing.objects.filter(valid_until=None, tier=tier["pk"]).count() for tier in preview.results["tiers"]]
    assert [sum(column) for column in zip(*matrix, strict=True)] == after


def test_a_preview_that_looked_past_overrides_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same comparison fails where the preview does not see what colleagues decided."""
    make_everybody()
    draft = make_draft()
    with monkeypatch.context() as patch:
        patch.setattr(settling, "bounds", lambda who, ids, *_: unbound(len(ids)))
        told = foreseen(finished(draft))
    assert published_moves(draft) != told


def test_nothing_is_written_about_anybody() -> None:
    make_everybody()
    draft = make_draft(shares=True)
    before = rows_of(*DECIDED)
    preview = finished(draft)
    assert preview.moved.exists()
    assert rows_of(*DECIDED) == before
    assert not PreviewShard.objects.exists()
