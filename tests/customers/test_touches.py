"""What counts for a customer leaves a note that somebody looks again: by triggers, whatever writes it."""

from collections.abc import Callable

import pytest
from django.db import connection, models

from customers.models import (
    Customer,
    Gesture,
    Incident,
    Interaction,
    Order,
    Rating,
    Segment,
    SegmentMember,
    Touch,
)
from tests.customers.rows import gesture, incident, interaction, order, rating
from tests.factories import make_customer, make_order

pytestmark = pytest.mark.django_db

# What counts for a customer → how one is made, and a text field of it that may change.
COUNTED: dict[type[models.Model], tuple[Callable[[Customer], models.Model], str]] = {
    Order: (order, "description"),
    Interaction: (interaction, "note"),
    Incident: (incident, "resolution"),
    Gesture: (gesture, "what"),
    Rating: (rating, "source"),
}


@pytest.mark.parametrize("model", COUNTED)
class TestTouch:
    """A customer about whom something that counts changes is touched, however it changes; nobody else is."""

    @pytest.fixture
    def customers(self, model: type[models.Model]) -> list[Customer]:
        customers = [make_customer() for _ in range(4)]
        make_order(customers[0])  # and with it the currency
        for customer in customers[:3]:
            COUNTED[model][0](customer).save()
        Touch.objects.all().delete()
        return customers

    def touched(self) -> set[int]:
        found = set(Touch.objects.values_list("customer_id", flat=True))
        Touch.objects.all().delete()
        return found

    def test_insert_one_and_many(self, model: type[models.Model], customers: list[Customer]) -> None:
        make = COUNTED[model][0]
        others = [make_customer(), make_customer()]
        # They are touched by having been added.
        assert self.touched() == {other.pk for other in others}
        make(customers[3]).save()
        assert self.touched() == {customers[3].pk}
        model._default_manager.bulk_create([make(other) for other in others])
        assert self.touched() == {other.pk for other in others}

    def test_update_one_many_and_by_plain_sql(self, model: type[models.Model], customers: list[Customer]) -> None:
        column = COUNTED[model][1]
        model._default_manager.filter(customer=customers[0]).update(**{column: "x"})
        assert self.touched() == {customers[0].pk}
        model._default_manager.update(**{column: "y"})
        assert self.touched() == {customer.pk for customer in customers[:3]}
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {model._meta.db_table} SET {column} = 'z' WHERE customer_id = %s", [customers[2].pk]
            )
        assert self.touched() == {customers[2].pk}

    def test_both_when_it_changes_hands(self, model: type[models.Model], customers: list[Customer]) -> None:
        model._default_manager.filter(customer=customers[0]).update(customer=customers[3])
        assert self.touched() == {customers[0].pk, customers[3].pk}

    def test_delete_one_and_by_plain_sql(self, model: type[models.Model], customers: list[Customer]) -> None:
        model._default_manager.filter(customer=customers[0]).delete()
        assert self.touched() == {customers[0].pk}
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
        assert self.touched() == {customers[1].pk, customers[2].pk}

    def test_a_statement_that_finds_nothing_touches_nobody(
        self, model: type[models.Model], customers: list[Customer]
    ) -> None:
        model._default_manager.filter(pk=0).update(**{COUNTED[model][1]: "x"})
        assert self.touched() == set()

    def test_touched_again_is_one_row_with_a_later_time(
        self, model: type[models.Model], customers: list[Customer]
    ) -> None:
        changed = model._default_manager.filter(customer=customers[0])
        changed.update(**{COUNTED[model][1]: "x"})
        first = Touch.objects.get().touched_at
        changed.update(**{COUNTED[model][1]: "y"})
        assert Touch.objects.get().touched_at > first


def test_segments_touch_nobody() -> None:
    customer = make_customer()
    Touch.objects.all().delete()
    segment = Segment.objects.create(slug="abroad", name="Abroad", kind="geographic")
    member = SegmentMember.objects.create(customer=customer, segment=segment)
    SegmentMember.objects.update(source="other")
    member.delete()
    assert not Touch.objects.exists()
