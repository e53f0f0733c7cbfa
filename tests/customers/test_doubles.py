"""Two presses of one button at the same moment, by two connections: one row, and one who is told that it is new."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from customers.models import (
    Caution,
    Consent,
    ContactPoint,
    Customer,
    Gesture,
    Incident,
    Interaction,
    Order,
    Preference,
    Promise,
    Rating,
    Segment,
    SegmentMember,
)
from customers.services.cautions import note_caution, retire_caution
from customers.services.consents import note_consent
from customers.services.contact_points import add_contact_point, suppress_address
from customers.services.conversations import close_interaction, open_interaction
from customers.services.gestures import record_gesture
from customers.services.incidents import record_incident, resolve_incident
from customers.services.orders import record_order
from customers.services.people import add_customer
from customers.services.preferences import confirm_preference, note_preference, retire_preference
from customers.services.promises import keep_promise, make_promise
from customers.services.ratings import record_rating
from customers.services.segments import place_in_segments
from tests.customers.twice import at_once
from tests.factories import make_customer, make_interaction, make_touch_point, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_customers() -> None:
    by_number = at_once(lambda: add_customer(full_name="Customer 1", external_id="1", phones=["020 7946 0123"]))
    by_phone = at_once(lambda: add_customer(full_name="Customer 2", phones=["020 7946 0123"]))
    by_name = at_once(lambda: add_customer(full_name="Customer 3"))
    for presses in (by_number, by_phone, by_name):
        assert sorted(is_new for _customer, is_new in presses) == [False, True]
        assert len({customer.pk for customer, _is_new in presses}) == 1
    assert Customer.objects.count() == 3


def test_orders() -> None:
    customer = make_customer()
    fields: dict[str, Any] = {"source": "shop", "external_id": "1", "amount": Decimal(10), "currency": "GBP"}
    placed_at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    presses = at_once(lambda: record_order(customer=customer, placed_at=placed_at, **fields))
    assert sorted(is_new for _order, is_new in presses) == [False, True]
    assert Order.objects.count() == 1


def test_gestures_by_number() -> None:
    customer = make_customer()
    fields: dict[str, Any] = {"what": "Flowers", "cost": Decimal(10), "given_at": timezone.now()}
    presses = at_once(lambda: record_gesture(customer=customer, source="shop", external_id="1", **fields))
    assert sorted(is_new for _gesture, is_new in presses) == [False, True]
    assert Gesture.objects.count() == 1


def test_segments() -> None:
    customer = make_customer()
    for slug in ("abroad", "bakers"):
        Segment.objects.create(slug=slug, name=slug, kind="behavioural")
    done = at_once(lambda: place_in_segments(customer=customer, slugs=["abroad", "bakers"], source="crm"))
    assert sorted(done) == [False, True]
    assert SegmentMember.objects.count() == 2


def test_everything_noted_about_a_customer() -> None:
    customer, agent, touch_point = make_customer(), make_user(), make_touch_point()
    happened_at, due_at = timezone.now() - timedelta(hours=1), timezone.now() + timedelta(hours=1)
    presses: dict[type, Callable[[], tuple[Any, bool]]] = {
        ContactPoint: lambda: add_contact_point(customer=customer, kind="email", value="a@mail.example"),
        Interaction: lambda: open_interaction(customer=customer, channel="phone", touch_point=touch_point, agent=agent),
        Preference: lambda: note_preference(customer=customer, text="Tea"),
        Caution: lambda: note_caution(customer=customer, text="Not a word"),
        Promise: lambda: make_promise(customer=customer, text="We ring back", due_at=due_at),
        Incident: lambda: record_incident(
            customer=customer, kind="late", touch_point=touch_point, text="Late", happened_at=happened_at
        ),
        Gesture: lambda: record_gesture(customer=customer, what="Flowers", cost=Decimal(10)),
        Rating: lambda: record_rating(
            customer=customer, kind="influence", value=5, as_of=happened_at.date(), source="crm"
        ),
    }
    for model, press in presses.items():
        done = at_once(press)
        assert sorted(is_new for _row, is_new in done) == [False, True], model
        assert len({row.pk for row, _is_new in done}) == 1
        assert model._default_manager.count() == 1  # type: ignore[attr-defined]
        assert press()[1] is False  # and once more, later


def test_ends() -> None:
    customer = make_customer()
    interaction = make_interaction(customer)
    preference = note_preference(customer=customer, text="Tea")[0]
    caution = note_caution(customer=customer, text="Not a word")[0]
    promise = make_promise(customer=customer, text="We ring back", due_at=timezone.now() + timedelta(hours=1))[0]
    incident = record_incident(customer=customer, kind="late", touch_point=make_touch_point(), text="Late")[0]
    ends: list[Callable[[], bool]] = [
        lambda: close_interaction(interaction=Interaction.objects.get(pk=interaction.pk), note="Done"),
        lambda: confirm_preference(preference=preference),
        lambda: retire_preference(preference=preference),
        lambda: retire_caution(caution=caution),
        lambda: keep_promise(promise=promise),
        lambda: resolve_incident(incident=incident, resolution="Sent again"),
        lambda: suppress_address(address="A@mail.example", reason="refused"),
        lambda: note_consent(customer=customer, purpose="feedback", is_given=True) is not None,
    ]
    for end in ends:
        assert sorted(at_once(end)) == [False, True]
        assert end() is False
    assert Consent.objects.count() == 1
