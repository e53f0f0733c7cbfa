"""What the tests of the portal share."""

import pytest

from customers.models import Customer, Preference
from portal.models import User
from tests.factories import make_customer, make_user
from tests.portal.hinting import make_incident, make_offer
from tests.portal.worlds import give_tier, make_tiers


@pytest.fixture
def agent() -> User:
    return make_user()


@pytest.fixture
def customer() -> Customer:
    return make_customer()


@pytest.fixture
def rich(customer: Customer) -> Customer:
    """A customer with a hint of every kind but the service; two preferences."""
    give_tier(customer, make_tiers()[2])
    make_offer()
    make_incident(customer, text="Her vase broke")
    for text in ("Tea, no milk", "The side door"):
        Preference.objects.create(customer=customer, text=text)
    return customer
