"""What is sensitive, noted while the customer takes their consent back: in neither order is it kept."""

import threading
from collections.abc import Callable

import pgtrigger
import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from customers.enums import ConsentPurpose
from customers.models import Consent, Customer, Preference
from customers.services.consents import note_consent
from customers.services.merges import undo_merge
from customers.services.preferences import note_preference
from portal.roles import Role
from tests.customers.merging import merge
from tests.factories import make_customer, signed_in

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


def test_a_no_that_comes_with_a_merging_lets_go_of_what_is_sensitive() -> None:
    one, two = make_customer(), make_customer()
    note_consent(customer=one, purpose="special", is_given=True)
    preference, _ = note_preference(customer=one, text="Gluten free", category="health")
    note_consent(customer=two, purpose="special", is_given=False)
    made = merge(one, two)
    assert not one.consents.order_by("-noted_at", "-pk")[0].is_given
    preference.refresh_from_db()
    assert preference.retired_at
    undo_merge(merge=made, by=None)
    preference.refresh_from_db()
    assert preference.retired_at is None


def test_a_press_on_still_so_after_such_a_merging_is_no_error() -> None:
    one, two = make_customer(), make_customer()
    note_consent(customer=one, purpose="special", is_given=True)
    preference, _ = note_preference(customer=one, text="Gluten free", category="health")
    note_consent(customer=two, purpose="special", is_given=False)
    merge(one, two)
    client = signed_in(Role.MANAGER)
    client.raise_request_exception = False
    assert client.post(f"/customers/{one.public_id}/preferences/{preference.pk}/confirm/").status_code < 500


def test_what_is_sensitive_does_not_stay_without_a_yes_after_undoing() -> None:
    one, two = make_customer(), make_customer()
    note_consent(customer=two, purpose="special", is_given=True)
    made = merge(one, two)
    preference, _ = note_preference(customer=one, text="Gluten free", category="health")
    undo_merge(merge=made, by=None)
    preference.refresh_from_db()
    yes = Consent.objects.filter(customer=preference.customer, purpose="special", is_given=True)
    assert preference.retired_at or yes.exists()


def test_what_is_noted_again_as_private_is_private() -> None:
    customer = make_customer()
    note_preference(customer=customer, text="Going through a divorce")
    preference, _ = note_preference(customer=customer, text="Going through a divorce", is_private=True)
    assert preference.is_private
