"""What is sensitive, noted while the customer takes their consent back: in neither order is it kept."""

import threading
from collections.abc import Callable

import pgtrigger
import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from customers.enums import ConsentPurpose
from customers.models import Customer, Preference
from customers.services.consents import note_consent
from customers.services.preferences import note_preference
from tests.factories import make_customer

pytestmark = pytest.mark.django_db(transaction=True)


def note(customer: Customer) -> None:
    note_preference(customer=customer, text="No nuts", category="health")


def withdraw(customer: Customer) -> None:
    note_consent(customer=customer, purpose=ConsentPurpose.SPECIAL, is_given=False)


def overlap(customer: Customer, first: Callable[[Customer], None], second: Callable[[Customer], None]) -> list[str]:
    """Do one in a transaction that stays open until the other has begun; return what refused the other."""
    refused: list[str] = []

    def other() -> None:
        try:
            second(customer)
        except ValidationError as error:
            refused.extend(error.messages)
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    with transaction.atomic():
        first(customer)
        thread.start()
        # Long enough to be waiting for the lock, where there is one; the outcome does not hang on it.
        thread.join(0.5)
    thread.join()
    return refused


@pytest.fixture
def customer() -> Customer:
    customer = make_customer()
    note_consent(customer=customer, purpose=ConsentPurpose.SPECIAL, is_given=True)
    return customer


def test_a_note_on_its_way_is_let_go(customer: Customer) -> None:
    assert overlap(customer, note, withdraw) == []
    assert Preference.objects.get().retired_at


def test_a_note_that_comes_too_late_is_refused(customer: Customer) -> None:
    assert overlap(customer, withdraw, note) == ["Ask first whether we may remember this. Then say that they agree."]
    assert not Preference.objects.exists()


def test_the_control_without_the_guard_it_would_be_kept(customer: Customer) -> None:
    def unguarded(customer: Customer) -> None:
        with pgtrigger.ignore("customers.Preference:preference_special_needs_consent"):
            note(customer)

    overlap(customer, withdraw, unguarded)
    assert Preference.objects.live().filter(category="health").exists()
