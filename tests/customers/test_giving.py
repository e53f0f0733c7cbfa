"""Gestures, ratings and segments as the services take and refuse them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from customers.exceptions import Conflict
from customers.models import Customer, Gesture, Rating, Segment, SegmentMember, Touch
from customers.services.gestures import record_gesture
from customers.services.ratings import record_rating
from customers.services.segments import place_in_segments
from tests.factories import make_customer, make_interaction, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = date(2026, 3, 1)


def give(customer: Customer, **fields: Any) -> tuple[Gesture, bool]:
    given: dict[str, Any] = {"what": "Flowers", "cost": Decimal("12.50")}
    return record_gesture(customer=customer, **given | fields)


class TestGestures:
    def test_given_now_by_somebody_in_a_contact(self) -> None:
        talk, agent = make_interaction(), make_user()
        gesture, is_new = give(talk.customer, what=" A  card\n", interaction=talk, by=agent)
        gesture.refresh_from_db()
        assert (is_new, gesture.what, gesture.cost, gesture.source) == (True, "A card", Decimal("12.50"), "house")
        assert (gesture.interaction, gesture.given_by, gesture.external_id) == (talk, agent, None)
        assert isinstance(gesture.given_at, datetime)

    def test_a_second_press_is_the_same_gesture_and_later_it_is_another(self) -> None:
        customer = make_customer()
        first = give(customer)[0]
        assert give(customer, what="Flowers ") == (first, False)
        assert give(customer, cost=Decimal(13))[1]
        assert give(customer, what="Cake")[1]
        assert give(make_customer())[1]
        Gesture.objects.filter(pk=first.pk).update(given_at=timezone.now() - timedelta(minutes=3))
        assert give(customer)[1]
        assert Gesture.objects.count() == 5

    def test_a_press_is_the_same_around_the_time_that_was_told(self) -> None:
        customer = make_customer()
        first = give(customer, given_at=NOON)[0]
        assert give(customer, given_at=NOON + timedelta(minutes=1)) == (first, False)
        assert give(customer, given_at=NOON + timedelta(minutes=3))[1]
        assert give(customer)[1]

    def test_the_same_number_is_the_same_gesture(self) -> None:
        customer = make_customer()
        numbered: dict[str, Any] = {"source": "shop", "external_id": "1", "given_at": NOON}
        first = give(customer, **numbered)[0]
        assert give(customer, **numbered) == (first, False)
        # When it was given need not be told again.
        assert give(customer, **numbered | {"given_at": None}) == (first, False)
        assert give(customer, **numbered | {"source": "web"})[1]
        assert give(customer, **numbered | {"external_id": " "})[0].external_id is None

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"cost": Decimal(13)}, "cost."),
            ({"what": "Cake", "given_at": NOON + timedelta(seconds=1)}, "what, given."),
            ({"customer": None}, "customer."),
        ],
    )
    def test_another_content_is_a_conflict_that_says_where(self, fields: dict[str, Any], said: str) -> None:
        customer = make_customer()
        numbered: dict[str, Any] = {"customer": customer, "external_id": "1", "given_at": NOON}
        give(**numbered)
        given = numbered | fields
        given["customer"] = given["customer"] or make_customer()
        with pytest.raises(Conflict) as refused:
            give(**given)
        assert refused.value.messages == [f"Gesture 1 is already recorded, and differs in: {said}"]
        assert Gesture.objects.get().cost == Decimal("12.50")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *(("cost", Decimal(text)) for text in ("NaN", "Infinity", "-0.01", "1.001", "1e11")),
            *(("what", text) for text in ("", " ", "x" * 301, "a\x00")),
            ("external_id", "x" * 81),
            *(("source", text) for text in ("", "x" * 41)),
            ("given_at", datetime(2026, 3, 1, 12)),  # noqa: DTZ001
            ("given_at", timezone.now() + timedelta(days=2)),
        ],
    )
    def test_refusals_name_the_field(self, field: str, value: object) -> None:
        with pytest.raises(ValidationError) as refused:
            give(make_customer(), **{field: value})
        assert list(refused.value.message_dict) == [field]
        assert Gesture.objects.count() == 0

    def test_a_contact_of_another_customer_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="another customer's"):
            give(make_customer(), interaction=make_interaction())

    def test_what_costs_nothing_is_a_gesture_too(self) -> None:
        assert give(make_customer(), cost=Decimal("-0.00"))[0].cost.is_signed() is False


def rate(customer: Customer, **fields: Any) -> tuple[Rating, bool]:
    given: dict[str, Any] = {"kind": "influence", "value": 50, "as_of": DAY, "source": "crm"}
    return record_rating(customer=customer, **given | fields)


class TestRatings:
    def test_the_newest_day_stands(self) -> None:
        customer = make_customer()
        rating, is_new = rate(customer)
        assert is_new
        assert rate(customer) == (rating, False)
        assert rate(customer, value=99, as_of=DAY - timedelta(days=1)) == (rating, False)
        assert rate(customer, value=60)[1]  # a correction on the day itself
        assert rate(customer, value=60, as_of=DAY + timedelta(days=1), source="survey")[1]
        rating.refresh_from_db()
        assert (rating.value, rating.as_of, rating.source) == (60, DAY + timedelta(days=1), "survey")
        assert rate(customer, kind="advocacy")[1]
        assert Rating.objects.count() == 2

    def test_what_changes_nothing_touches_nobody(self) -> None:
        customer = make_customer()
        rate(customer)
        Touch.objects.all().delete()
        rate(customer)
        rate(customer, value=99, as_of=DAY - timedelta(days=1))
        rate(customer, source="survey")
        assert not Touch.objects.exists()

    @pytest.mark.parametrize(
        ("field", "value", "named"),
        [
            ("kind", "height", "kind"),
            ("value", -1, "influence"),
            ("value", 101, "influence"),
            ("as_of", date(2999, 1, 1), "as_of"),
            ("as_of", date(26, 3, 1), "as_of"),
            ("source", "", "source"),
        ],
    )
    def test_refusals_name_the_field(self, field: str, value: object, named: str) -> None:
        with pytest.raises(ValidationError) as refused:
            rate(make_customer(), **{field: value})
        assert list(refused.value.message_dict) == [named]
        assert Rating.objects.count() == 0


class TestSegments:
    @pytest.fixture(autouse=True)
    def segments(self) -> None:
        for slug in ("abroad", "bakers", "cooks"):
            Segment.objects.create(slug=slug, name=slug.title(), kind="behavioural", is_active=slug != "cooks")

    def having(self, customer: Customer) -> set[tuple[str, str]]:
        return set(customer.memberships.values_list("segment__slug", "source"))

    def test_what_a_source_says_replaces_what_it_said(self) -> None:
        customer = make_customer()
        assert place_in_segments(customer=customer, slugs=["abroad", " Bakers "], source="crm")
        assert not place_in_segments(customer=customer, slugs=["bakers", "abroad"], source="crm")
        kept = SegmentMember.objects.get(segment__slug="bakers")
        assert place_in_segments(customer=customer, slugs=["bakers", "cooks"], source="crm")
        assert self.having(customer) == {("bakers", "crm"), ("cooks", "crm")}
        assert SegmentMember.objects.get(segment__slug="bakers") == kept
        assert place_in_segments(customer=customer, slugs=[], source="crm")
        assert self.having(customer) == set()

    def test_what_another_source_says_stays(self) -> None:
        customer, other = make_customer(), make_customer()
        place_in_segments(customer=other, slugs=["abroad"], source="crm")
        place_in_segments(customer=customer, slugs=["abroad"], source="shop")
        assert place_in_segments(customer=customer, slugs=["abroad", "bakers"], source="crm")
        assert place_in_segments(customer=customer, slugs=[], source="crm")
        assert self.having(customer) == {("abroad", "shop")}
        assert self.having(other) == {("abroad", "crm")}

    def test_an_unknown_segment_is_named_and_nothing_changes(self) -> None:
        customer = make_customer()
        place_in_segments(customer=customer, slugs=["abroad"], source="crm")
        with pytest.raises(ValidationError) as refused:
            place_in_segments(customer=customer, slugs=["bakers", "sailors"], source="crm")
        sentence = "There is no segment “sailors”. Known are: abroad, bakers, cooks."
        assert refused.value.message_dict == {"segments": [sentence]}
        assert self.having(customer) == {("abroad", "crm")}
