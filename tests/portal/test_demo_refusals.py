"""Where the demo does not belong."""

import pytest
from django.core.management import CommandError, call_command

from customers.models import Order
from portal.demo.accounts import AGENT, ensure_accounts
from portal.demo.loading import is_somebodys
from portal.models import User
from tests.factories import make_customer, make_user

pytestmark = pytest.mark.django_db


def test_an_empty_house_is_nobodys() -> None:
    assert not is_somebodys()


def test_a_house_with_customers_is_left_alone() -> None:
    make_customer(source="house")
    with pytest.raises(CommandError, match="customers or colleagues of its own"):
        call_command("load_demo")
    assert not Order.objects.exists()
    assert not User.objects.exists()


def test_a_house_with_colleagues_is_left_alone() -> None:
    make_user()
    with pytest.raises(CommandError, match="--beside"):
        call_command("load_demo")
    assert User.objects.count() == 1


def test_beside_real_colleagues_nobody_gets_the_printed_password() -> None:
    agents = ensure_accounts(may_sign_in=False)
    assert agents[0].email == AGENT
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_accounts_are_made_once_and_left_as_they_are() -> None:
    ensure_accounts(may_sign_in=True)
    User.objects.filter(email=AGENT).update(display_name="Somebody else", is_active=False)
    before = set(User.objects.values_list("pk", "password", "display_name", "is_active"))
    ensure_accounts(may_sign_in=True)
    assert set(User.objects.values_list("pk", "password", "display_name", "is_active")) == before


@pytest.mark.parametrize("arguments", [["--tour"], ["--customers", "0"]])
def test_what_cannot_be_done_is_said(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("load_demo", *arguments)
