"""Previews: what they say, that nothing but their own is written, and that publishing then does just that."""

import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from customers.models import Customer, Segment, SegmentMember
from customers.services.incidents import record_incident
from tests.factories import make_customer, make_touch_point, make_user
from tests.tiers.customers_in_tiers import make_buyer
from tiers.engine import unbound
from tiers.models import Move, Override, Perk, Preview, PreviewMove, PreviewShard, Scheme, Skill, Standing, Tier
from tiers.selectors.population import Range
from tiers.selectors.previews import batches, count_of, mark_of, moves_of, progress, waiting_previews
from tiers.services import previews, settling
from tiers.services.previews import cancel_preview, drop_old_previews, end_preview, request_preview, work_preview
from tiers.services.runs import retier
from tiers.services.schemes import publish_scheme

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
EVERYBODY = Range(0, 2**40)
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


def test_numbers_of_perks_load_groups_and_bars() -> None:
    today = timezone.localdate()
    tiers = {tier.rank: tier for tier in Tier.objects.all()}
    Perk.objects.all().delete()
    phone = Skill.objects.create(slug="phone", name="On the phone")
    Perk.objects.create(tier=tiers[2], text="A card", yearly_cost=Decimal("1.50"))
    Perk.objects.create(tier=tiers[3], text="A call", yearly_cost=10, yearly_minutes=90, skill=phone)
    loyal = Segment.objects.create(slug="loyal", name="Loyal", kind="behavioural")
    gone = Segment.objects.create(slug="gone", name="Gone", kind="behavioural", is_active=False)
    movers = [
        make_buyer(today, f"{400 + n}.00", orders=6, customer=make_customer(country="FR" if n else ""))
        for n in range(13)
    ]
    short = [make_buyer(today, "349.99", orders=6), make_buyer(today, "349.00", orders=6)]
    # Short of orders too: this bar does not decide about them.
    make_buyer(today, "349.50", orders=2)
    for customer in movers[:2]:
        SegmentMember.objects.create(customer=customer, segment=loyal)
        SegmentMember.objects.create(customer=customer, segment=gone)
    retier(as_of=today)
    results = finished(make_draft()).results
    assert results is not None
    assert results["matrix"][2] == [0, 3, 13, 0]
    assert results["perks"][1:3] == [{"each": 150, "before": 16, "after": 3}, {"each": 1000, "before": 0, "after": 13}]
    assert results["load"] == [{"skill": "On the phone", "before": 0, "after": 90 * 13}]
    assert results["groups"] == [
        {"kind": "country", "name": "FR", "customers": 12, "up": 12, "down": 0},
        {"kind": "country", "name": "", "customers": 4, "up": 1, "down": 0},
        {"kind": "segment", "name": "Loyal", "customers": 2, "up": 2, "down": 0},
    ]
    (bar,) = [bar for bar in results["bars"] if (bar["level"], bar["measure"]) == (2, "margin")]
    assert bar["cut"] == 350_00
    assert bar["above"] == [[movers[n].pk, (400 + n) * 100, (50 + n) * 100] for n in range(10)]
    assert bar["below"] == [[short[0].pk, 349_99, 1], [short[1].pk, 349_00, 1_00]]


# --- grace ---------------------------------------------------------------------------------------


# --- how it is worked ----------------------------------------------------------------------------


def spread(count: int = 4) -> None:
    """Customers in so many ranges, all of whom a draft with the day's rules moves."""
    for number in range(count):
        make_buyer(
            timezone.localdate(), f"{400 + number}.00", orders=6, customer=make_customer(pk=1_000_000 + number * 20_000)
        )


@pytest.mark.parametrize("shares", [False, True])
@pytest.mark.parametrize("pieces", [1, 3, 5, 6, 8, 10])
def test_one_that_broke_off_is_taken_up_where_it_stood(
    shares: bool, pieces: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After any number of pieces of work the process is gone; another one ends it, with the same to tell."""
    spread()
    draft = make_draft(shares=shares)
    clean = finished(draft)
    preview = request_preview(scheme=draft, by=None)
    steps = previews._step
    left = iter(range(pieces))

    def breaks(preview_id: int) -> bool:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return steps(preview_id)

    with monkeypatch.context() as patch:
        patch.setattr(previews, "_step", breaks)
        try:
            work_preview(preview_id=preview.pk)
        except KeyboardInterrupt:
            preview.refresh_from_db()
            assert progress(preview).total == 4
            assert waiting_previews() == ([preview.pk] if preview.is_under_way else [])
    preview = end_preview(preview=preview)
    assert (preview.state, preview.results, preview.cutoffs) == ("finished", clean.results, clean.cutoffs)
    assert foreseen(preview) == foreseen(clean)
    assert waiting_previews() == []


def test_a_piece_that_broke_half_way_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    spread()
    preview = request_preview(scheme=make_draft(), by=None)

    def broken(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(previews, "_tally", broken)
        with pytest.raises(KeyboardInterrupt):
            work_preview(preview_id=preview.pk)
    assert not PreviewMove.objects.exists()
    assert end_preview(preview=preview).moved.count() == 4


def test_a_stint_ends_and_says_that_something_is_left() -> None:
    spread()
    preview = request_preview(scheme=make_draft(), by=None)
    assert work_preview(preview_id=preview.pk, seconds=0)
    assert not work_preview(preview_id=preview.pk)
    preview.refresh_from_db()
    assert preview.state == "finished"
    assert not work_preview(preview_id=preview.pk)


def test_rules_that_change_meanwhile_end_it_with_a_sentence() -> None:
    spread()
    draft = make_draft()
    preview = request_preview(scheme=draft, by=None)
    work_preview(preview_id=preview.pk, seconds=0)
    draft.bars.filter(measure="margin", tier__rank=4).update(value=5_000)
    preview = end_preview(preview=preview)
    assert (preview.state, preview.failure) == (
        "failed",
        "The rules were changed while this was being worked out. Please start it anew.",
    )
    assert not PreviewShard.objects.exists()
    assert not PreviewMove.objects.exists()
    assert finished(draft).digest == mark_of(draft) != preview.digest


def test_what_breaks_ends_it_and_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    spread()
    preview = request_preview(scheme=make_draft(), by=None)

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(previews, "_tally", broken)
        with pytest.raises(ZeroDivisionError):
            work_preview(preview_id=preview.pk)
    preview.refresh_from_db()
    assert (preview.state, preview.failure) == ("failed", "Something broke on our side. Please start it anew.")


def test_cancelling_drops_what_was_counted() -> None:
    spread()
    draft = make_draft()
    preview = request_preview(scheme=draft, by=None)
    work_preview(preview_id=preview.pk, seconds=0)
    assert cancel_preview(preview=preview)
    assert not cancel_preview(preview=preview)
    assert not PreviewShard.objects.exists()
    assert not work_preview(preview_id=preview.pk)
    preview.refresh_from_db()
    assert preview.state == "cancelled"
    assert finished(draft).pk != preview.pk


def test_nobody_at_all() -> None:
    results = finished(make_draft(shares=True)).results
    assert results is not None
    assert sum(map(sum, results["matrix"])) == 0


def test_a_retired_scheme_is_refused_and_the_published_one_is_not() -> None:
    published, draft = Scheme.objects.get(state="published"), make_draft()
    assert finished(published).moved.count() == 0
    publish_scheme(scheme=draft, by=None)
    published.refresh_from_db()
    with pytest.raises(ValidationError, match="retired"):
        request_preview(scheme=published, by=None)


def test_old_ones_are_dropped_with_their_moves() -> None:
    spread()
    old, young = finished(make_draft()), finished(Scheme.objects.get(state="published"))
    assert old.moved.exists()
    Preview.objects.filter(pk=old.pk).update(ended_at=timezone.now() - timedelta(days=31))
    assert drop_old_previews() == 1
    assert Preview.objects.get() == young
    assert set(PreviewMove.objects.values_list("preview", flat=True)) <= {young.pk}
    assert drop_old_previews() == 0


def test_moves_are_counted_out_of_the_matrix_and_read_in_batches() -> None:
    make_everybody()
    preview = finished(make_draft())
    starts = [None, 0, *Tier.objects.values_list("pk", flat=True)]
    for start in starts:
        for end in (None, *starts[2:]):
            moves = moves_of(preview, start, end)
            assert count_of(preview, start, end) == moves.count()
    assert [move.pk for batch in batches(moves_of(preview)) for move in batch] == list(
        moves_of(preview).values_list("pk", flat=True)
    )


def test_a_customer_who_goes_takes_their_rows_along() -> None:
    spread()
    preview = finished(make_draft())
    customer = Customer.objects.filter(pk__in=preview.moved.values("customer")).first()
    assert customer is not None
    customer.orders.all().delete()
    customer.delete()
    assert preview.moved.count() == 3


# --- the command ---------------------------------------------------------------------------------


def test_the_command_prints_the_matrix_or_everything() -> None:
    today = timezone.localdate()
    for _ in range(3):
        make_buyer(today, "400.00", orders=6)
    retier(as_of=today)
    make_customer()
    make_draft()
    out = StringIO()
    call_command("preview", "2", stdout=out)
    lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert lines == [
        "from / to Guest Regular House guest Family",
        "Family 0 0 0 0",
        "House guest 0 0 0 0",
        "Regular 0 0 3 0",
        "Guest 0 0 0 0",
        "(new) 1 0 0 0",
        f"4 customers as of {today}: 3 up, 0 down, 0 stay, 1 new.",
    ]
    out = StringIO()
    call_command("preview", "2", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["scheme"] == 2
    assert told["matrix"][0] == [1, 0, 0, 0]
    with pytest.raises(CommandError, match="There is no scheme of version 77"):
        call_command("preview", "77")
