"""Taking in CSV files of gestures, of ratings, and of the segments that customers are in."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from customers.imports import Report, import_rows
from customers.models import Customer, Gesture, Rating, Segment, SegmentMember, Touch
from tests.customers.merging import merge
from tests.factories import make_customer

GESTURES = """external_id,customer_external_id,what,cost,given_at
a,1,Flowers,12.5,2026-03-01T09:30:00Z
b,1,A  card,0,2026-03-02T09:30:00+01:00
c,2,Cake,8.00,2026-03-03T09:30:00Z
"""
RATINGS = """customer_external_id,influence,advocacy,as_of
1,70,,2026-03-01
2,0,100,2026-03-01
3,,5,2026-03-01
"""
SEGMENTS = """external_id,full_name,segments
1,Customer 1,abroad;bakers
2,Customer 2, Abroad ;
3,Customer 3,
"""
# The queries of an import of one batch, the lock and the savepoint included, whether it has one row or three.
FIRST_GESTURES, AGAIN_GESTURES, FIRST_RATINGS, AGAIN_RATINGS, NEWER_RATINGS = 6, 5, 6, 5, 6
FIRST_SEGMENTS, AGAIN_SEGMENTS = 7, 6

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def customers() -> None:
    for slug in ("abroad", "bakers"):
        Segment.objects.create(slug=slug, name=slug.title(), kind="behavioural")
    for number in (1, 2, 3):
        make_customer(source="shop", external_id=str(number), full_name=f"Customer {number}")
    make_customer(source="web", external_id="9")
    Touch.objects.all().delete()


def take(kind: Any, text: str, **options: Any) -> Report:
    return import_rows(kind=kind, file=io.StringIO(text, newline=""), source="shop", **options)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, report.bad_rows


def everything() -> list[list[dict[str, Any]]]:
    models: tuple[type[Model], ...] = (Gesture, Rating, SegmentMember, Touch)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def touched() -> set[str | None]:
    return set(Touch.objects.values_list("customer__external_id", flat=True))


@pytest.mark.parametrize(("kind", "text"), [("gestures", GESTURES), ("ratings", RATINGS), ("customers", SEGMENTS)])
def test_a_dry_run_and_a_second_time_change_nothing(kind: str, text: str) -> None:
    before = everything()
    dry = take(kind, text, is_dry_run=True)
    assert (dry.is_kept, everything()) == (False, before)
    first = take(kind, text)
    assert (counts(first), first.is_kept) == (counts(dry), True)
    Touch.objects.all().delete()
    before = everything()
    assert counts(take(kind, text)) == (0, 0, 3, 0)
    assert everything() == before


def test_gestures_arrive_whole() -> None:
    assert counts(take("gestures", GESTURES)) == (3, 0, 0, 0)
    a, b, c = Gesture.objects.order_by("external_id")
    assert (a.what, a.cost, a.source, a.customer.external_id) == ("Flowers", Decimal("12.50"), "shop", "1")
    assert (b.what, b.cost, b.given_at.isoformat()) == ("A card", Decimal(0), "2026-03-02T08:30:00+00:00")
    assert c.customer.external_id == "2"
    assert touched() == {"1", "2"}


BAD_GESTURES = [
    ("a,1,Flowers,-1,2026-03-01T09:30:00Z", "cost", "What a gesture costs cannot be below zero."),
    ("a,1,Flowers,1.005,2026-03-01T09:30:00Z", "cost", "Please give at most two decimals."),
    ("a,1,Flowers,free,2026-03-01T09:30:00Z", "cost", "This is not an amount."),
    ("a,1,Flowers,,2026-03-01T09:30:00Z", "cost", "This must not be blank."),
    ("a,1,,1,2026-03-01T09:30:00Z", "what", "This must not be blank."),
    (f"a,1,{'x' * 301},1,2026-03-01T09:30:00Z", "what", "Ensure this value has at most 300 characters"),
    ("a,9,Flowers,1,2026-03-01T09:30:00Z", "customer_external_id", "No customer of “shop” has the number “9”."),
    ("a,1,Flowers,1,2026-03-01T09:30:00", "given_at", "Please say which clock this is by"),
    ("a,1,Flowers,1,2999-03-01T09:30:00Z", "given_at", "This time has not come yet."),
    ("ok,1,Flowers,1,2026-03-01T09:30:00Z", "external_id", "The number “ok” is already on line 2."),
]


@pytest.mark.parametrize(("row", "column", "message"), BAD_GESTURES)
def test_a_bad_gesture_names_its_line_and_column(row: str, column: str, message: str) -> None:
    good = "ok,1,Flowers,1,2026-03-01T09:30:00Z"
    report = take("gestures", f"external_id,customer_external_id,what,cost,given_at\n{good}\n\n{row}\n")
    error = report.errors[0]
    assert (error.line, error.column) == (4, column)
    assert error.message.startswith(message)
    assert (len(report.errors), report.is_kept, Gesture.objects.count()) == (1, False, 0)


def test_another_content_under_a_known_number_is_an_error() -> None:
    take("gestures", GESTURES)
    report = take("gestures", GESTURES.replace("12.5", "13").replace("Flowers", "Roses"))
    assert str(report.errors[0]) == "line 2, external_id: Gesture a is already recorded, and differs in: what, cost."
    assert counts(report) == (0, 0, 2, 1)
    assert Gesture.objects.get(external_id="a").cost == Decimal("12.50")


def test_ratings_arrive_and_blank_is_not_supplied() -> None:
    assert counts(take("ratings", RATINGS)) == (3, 0, 0, 0)
    found = Rating.objects.order_by("customer__external_id", "kind")
    assert list(found.values_list("customer__external_id", "kind", "value")) == [
        ("1", "influence", 70),
        ("2", "advocacy", 100),
        ("2", "influence", 0),
        ("3", "advocacy", 5),
    ]
    assert set(Rating.objects.values_list("source", "as_of")) == {("shop", date(2026, 3, 1))}
    assert touched() == {"1", "2", "3"}


def test_an_older_day_changes_nothing_and_a_newer_one_only_whom_it_is_about() -> None:
    take("ratings", RATINGS)
    Touch.objects.all().delete()
    heading = "customer_external_id,influence,advocacy,as_of\n"
    older = heading + "1,1,,2026-02-28\n2,1,1,2026-02-28\n3,,,2026-03-05\n"
    assert counts(take("ratings", older)) == (0, 0, 3, 0)
    assert touched() == set()
    newer = heading + "1,80,90,2026-03-02\n2,0,100,2026-03-01\n3,4,,2026-02-01\n"
    assert counts(take("ratings", newer)) == (1, 1, 1, 0)
    assert touched() == {"1", "3"}
    assert Rating.objects.get(customer__external_id="1", kind="influence").value == 80


BAD_RATINGS = [
    ("2,101,,2026-03-01", "influence", "This should be a whole number from 0 to 100."),
    ("2,,-1,2026-03-01", "advocacy", "This is not a whole number. It should be written like 40."),
    ("2,7.5,,2026-03-01", "influence", "This is not a whole number. It should be written like 40."),
    ("2,7,,1.3.2026", "as_of", "This is not a day. It should be written like 2026-03-01."),
    ("2,7,,2999-03-01", "as_of", "That day has not come yet."),
    ("2,7,,", "as_of", "This must not be blank."),
    ("9,7,,2026-03-01", "customer_external_id", "No customer of “shop” has the number “9”."),
    ("1,7,,2026-03-02", "customer_external_id", "The number “1” is already on line 2."),
]


@pytest.mark.parametrize(("row", "column", "message"), BAD_RATINGS)
def test_a_bad_rating_names_its_line_and_column(row: str, column: str, message: str) -> None:
    report = take("ratings", f"customer_external_id,influence,advocacy,as_of\n1,5,5,2026-03-01\n{row}\n")
    error = report.errors[0]
    assert (error.line, error.column, error.message) == (3, column, message)
    assert (len(report.errors), report.is_kept, Rating.objects.count()) == (1, False, 0)


def test_segments_of_new_and_known_customers() -> None:
    text = SEGMENTS + "4,Customer 4,bakers\n"
    assert counts(take("customers", text)) == (1, 2, 1, 0)
    found = SegmentMember.objects.order_by("customer__external_id", "segment__slug")
    assert list(found.values_list("customer__external_id", "segment__slug", "source")) == [
        *(("1", "abroad", "shop"), ("1", "bakers", "shop"), ("2", "abroad", "shop"), ("4", "bakers", "shop")),
    ]


def test_segments_are_replaced_blank_says_nothing_and_a_lone_mark_empties() -> None:
    take("customers", SEGMENTS)
    by_hand = Segment.objects.get(slug="bakers").members.create(customer=Customer.objects.get(external_id="2"))
    text = "external_id,full_name,segments\n1,Customer 1,bakers\n2,Customer 2,;\n3,Customer 3,\n"
    assert counts(take("customers", text)) == (0, 2, 1, 0)
    found = SegmentMember.objects.order_by("customer__external_id")
    assert list(found.values_list("customer__external_id", "segment__slug")) == [("1", "bakers"), ("2", "bakers")]
    assert by_hand in found
    assert counts(take("customers", text.replace("1,Customer 1,bakers", "1,Customer 1,"))) == (0, 0, 3, 0)


def test_an_unknown_segment_is_an_error_of_its_row() -> None:
    report = take("customers", SEGMENTS.replace("abroad;bakers", "abroad;sailors"))
    assert [str(error) for error in report.errors] == [
        "line 2, segments: There is no segment “sailors”. Known are: abroad, bakers."
    ]
    assert (report.is_kept, SegmentMember.objects.count()) == (False, 0)


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_rows(rows: int) -> None:
    found = []
    newer = RATINGS.replace("2026-03-01", "2026-03-02")
    for kind, text in (
        *(("gestures", GESTURES), ("gestures", GESTURES)),
        *(("ratings", RATINGS), ("ratings", RATINGS), ("ratings", newer)),
        *(("customers", SEGMENTS), ("customers", SEGMENTS)),
    ):
        part = "".join(text.splitlines(keepends=True)[: rows + 1])
        with CaptureQueriesContext(connection) as queries:
            take(kind, part)
        found.append(len(queries))
    assert found == [
        *(FIRST_GESTURES, AGAIN_GESTURES, FIRST_RATINGS, AGAIN_RATINGS, NEWER_RATINGS),
        *(FIRST_SEGMENTS, AGAIN_SEGMENTS),
    ]


def test_ratings_of_two_numbers_that_are_one_customer() -> None:
    one, two = (make_customer(source="shop", external_id=number) for number in ("31", "32"))
    merge(one, two)
    take("ratings", "customer_external_id,influence,as_of\n31,40,2026-03-01\n32,60,2026-04-01\n")
    assert Rating.objects.get(customer=one).value == 60
