"""What came of asking, counted and told: by tier at the time, touch point, channel, colleague, segment and month."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Incident, Letter, Segment
from feedback.rates import Tally, total
from feedback.selectors import insight_page
from feedback.selectors.insight import Counted, Slice, count
from feedback.selectors.insight_page import Group, Page, Row
from tests.factories import make_customer, make_touch_point, make_user
from tests.feedback.heard import hear, times
from tests.portal.worlds import give_tier, make_tiers
from tiers.models import Standing

pytestmark = pytest.mark.django_db


def lately(**fields: Any) -> Slice:
    """All contacts of two years up to today, or those of one kind."""
    today = timezone.localdate()
    return Slice(since=today - timedelta(days=730), until=today, **fields)


def told(chosen: Slice | None = None, agents: dict[int, str] | None = None) -> Page:
    return insight_page.page(chosen or lately(), insight_page.names(agents or {}))


def group_of(page: Page, kind: str) -> Group:
    return next(group for group in page.groups if group.kind == kind)


def rows_of(page: Page, kind: str) -> dict[str, Row]:
    return {row.name: row for row in group_of(page, kind).rows}


def sums(counted: Iterable[Counted], by: str) -> dict[Any, Tally]:
    rows = list(counted)
    return {
        key: total(row.tally for row in rows if (row.by, row.key) == (by, key))
        for key in {row.key for row in rows if row.by == by}
    }


def test_letters_answers_and_those_left_out_are_counted() -> None:
    hear(*times(yes=3, partly=2, no=1, silent=4))
    hear("yes", "no", doubts=("too_soon",))
    (tally,) = sums(count(lately()), "month").values()
    assert (tally.asked, tally.yes, tally.partly, tally.no, tally.said, tally.doubtful) == (12, 3, 2, 1, 6, 2)
    assert (tally.weight, tally.squares) == (12.0, 6.0)


@pytest.mark.parametrize(
    ("state", "asked"), [("sent", 1), ("uncertain", 1), ("refused", 0), ("suppressed", 0), ("queued", 0)]
)
def test_only_letters_that_may_have_arrived_count_as_asked(state: str, asked: int) -> None:
    hear(None)
    Letter.objects.update(state=state, sent_at=timezone.now() if state == "sent" else None)
    assert sum(row.tally.asked for row in count(lately()) if row.by == "month") == asked


def test_a_doubtful_answer_does_not_hide_the_person_who_came_later() -> None:
    (machine,) = hear("yes", doubts=("all_links",))
    machine.invitation.answers.create(enjoyed="no")
    (tally,) = sums(count(lately()), "month").values()
    assert (tally.asked, tally.yes, tally.no, tally.doubtful) == (1, 0, 1, 1)


def test_the_tier_is_that_of_the_day_of_the_contact() -> None:
    guest, regular, *_ = make_tiers()
    customer = make_customer()
    now = timezone.now()
    Standing.objects.create(
        customer=customer,
        tier=guest,
        earned_tier=guest,
        reason="first",
        valid_from=now - timedelta(days=60),
        valid_until=now - timedelta(days=30),
    )
    Standing.objects.create(
        customer=customer,
        tier=regular,
        earned_tier=regular,
        reason="promoted",
        valid_from=now - timedelta(days=30),
    )
    for days in (70, 50, 10):
        hear("yes", customer=customer, at=now - timedelta(days=days))
    found = {row.cell[0]: row.tally.yes for row in count(lately()) if row.by == "agent"}
    assert found == {None: 1, guest.pk: 1, regular.pk: 1}
    assert [row.name for row in group_of(told(), "tier").rows] == ["Regular", "Guest", "No tier yet"]
    for tier, said in ((0, 1), (guest.pk, 1), (regular.pk, 1)):
        assert told(lately(tier=tier)).whole.tally.said == said


@override_settings(TIME_ZONE="America/New_York")
def test_months_and_days_are_those_of_the_house() -> None:
    timezone.activate("America/New_York")
    hear("yes", at=datetime(2026, 3, 1, 2, 0, tzinfo=UTC))
    hear("no", at=datetime(2026, 5, 31, 12, 0, tzinfo=UTC))
    march = Slice(since=date(2026, 2, 28), until=date(2026, 2, 28))
    assert sums(count(march), "month").keys() == {"2026-02"}
    page = told(Slice(since=date(2026, 1, 1), until=date(2026, 5, 31)))
    names = [row.name for row in group_of(page, "month").rows]
    assert names == ["February 2026", "March 2026", "April 2026", "May 2026"]
    timezone.deactivate()


def test_every_kind_has_its_rows() -> None:
    agent = make_user(display_name="Colleague A")
    segment = Segment.objects.create(slug="s", name="Cyclists", kind="behavioural")
    member = make_customer()
    segment.members.create(customer=member)
    give_tier(member, make_tiers()[3])
    hear(*times(yes=15, no=10), customer=member, place="repair", channel="chat", agent=agent)
    hear(*times(yes=30, silent=30), place="phone-desk")
    page = told(agents={agent.pk: "Colleague A"})
    assert {name: row.tally.said for name, row in rows_of(page, "tier").items()} == {"Family": 25, "No tier yet": 30}
    assert {name: row.tally.said for name, row in rows_of(page, "touch_point").items()} == {
        "Phone desk": 30,
        "Repair": 25,
    }
    assert {name: row.tally.said for name, row in rows_of(page, "channel").items()} == {"Phone": 30, "Chat": 25}
    assert {name: row.tally.said for name, row in rows_of(page, "segment").items()} == {"Cyclists": 25}
    assert {name: row.tally.said for name, row in rows_of(page, "agent").items()} == {
        "Colleague A": 25,
        "Nobody of ours": 30,
    }
    family = rows_of(page, "tier")["Family"]
    assert (family.raw and family.raw.percent, family.response, family.is_told) == ("60.0 %", "100 %", True)
    # 25 answers of 25 and 30 of 60: weighted, the silent thirty speak as the thirty did.
    assert page.whole.raw
    assert page.whole.weighted
    assert page.whole.raw.rate.share == pytest.approx(45 / 55)
    assert page.whole.weighted.rate.share == pytest.approx((15 + 60) / 85)
    for fields in (
        {"segment": segment.pk},
        {"agent": agent.pk},
        {"channel": "chat"},
        {"touch_point": make_touch_point("repair").pk},
    ):
        assert told(lately(**fields)).whole.tally.said == 25
    assert told(lately(agent=0)).whole.tally.said == 30


def test_of_colleagues_whom_the_reader_may_not_be_told_about_there_is_no_row() -> None:
    one, other = make_user(), make_user()
    hear(*times(yes=30), agent=one)
    hear(*times(no=30), agent=other)
    page = told(agents={one.pk: "Colleague A"})
    (row,) = group_of(page, "agent").rows
    assert row.name == "Colleague A"
    assert row.fair
    assert row.raw
    # Drawn towards the mean by those who are not shown.
    assert row.fair.rate.share < row.raw.rate.share == 1


def test_contacts_with_a_fault_of_ours_open_are_another_kind_of_contact() -> None:
    customer, now = make_customer(), timezone.now()
    Incident.objects.create(
        customer=customer,
        kind="late",
        touch_point=make_touch_point(),
        text="Late",
        happened_at=now - timedelta(days=3),
        resolved_at=now - timedelta(days=1),
        resolution="Sent again",
    )
    for days in (4, 2, 0.5):
        hear("yes", customer=customer, at=now - timedelta(days=days), agent=make_user())
    found = sorted(row.in_trouble for row in count(lately()) if row.by == "agent")
    assert found == [False, False, True]


def test_too_few_are_said_to_be_too_few() -> None:
    hear(*times(yes=19))
    page = told()
    assert not page.whole.is_told
    assert {line.text for line in group_of(page, "channel").chart.lines} == {"too few to say"}  # type: ignore[union-attr]
    hear("yes")
    assert told().whole.is_told


def test_a_segment_out_of_use_and_nobody_asked_have_no_row() -> None:
    segment = Segment.objects.create(slug="s", name="Gone", kind="behavioural", is_active=False)
    assert told().groups == []
    customer = make_customer()
    segment.members.create(customer=customer)
    hear("yes", customer=customer)
    assert "segment" not in {group.kind for group in told().groups}


@pytest.mark.parametrize("many", [1, 3])
def test_one_query_counts_it_all(django_assert_num_queries: DjangoAssertNumQueries, many: int) -> None:
    for number in range(many):
        hear("yes", "no", place=f"place-{number}", agent=make_user())
    known = insight_page.names({})
    # A savepoint, the room for counting, the count, the savepoint's end.
    with django_assert_num_queries(4):
        assert insight_page.page(lately(), known).whole.tally.said == 2 * many


def test_the_line_is_broken_where_too_few_tell() -> None:
    for month, answers in ((1, 20), (2, 20), (3, 2), (4, 20)):
        hear(*times(yes=answers), at=datetime(2026, month, 10, tzinfo=UTC))
    chart: Any = group_of(told(Slice(since=date(2026, 1, 1), until=date(2026, 6, 30))), "month").chart
    assert (len(chart.points), len(chart.lines), len(chart.bands)) == (3, 1, 1)
    assert chart.lines[0].count(",") == 2


def test_a_letter_that_came_back_asked_nobody() -> None:
    hear(*times(yes=1, silent=3))
    silent = Letter.objects.exclude(invitation__answers__isnull=False).values_list("pk", flat=True)
    Letter.objects.filter(pk__in=list(silent)[:2]).update(bounced_at=Now())
    today = timezone.localdate()
    told = total(row.tally for row in count(Slice(today - timedelta(days=2), today)) if row.by == "month")
    assert (told.asked, told.said) == (2, 1)
