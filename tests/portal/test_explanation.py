"""Why a tier, through each door: the desk, the admin and the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from portal.models import Reading
from portal.roles import Role
from tests.chance import without_chance
from tests.factories import make_customer, make_user, signed_in
from tests.portal.known import MEASURED, make_known_customer
from tests.portal.known import signed_in as api_client
from tests.tiers.customers_in_tiers import make_buyer
from tiers.models import Override, Tier
from tiers.services.runs import retier

pytestmark = pytest.mark.django_db


def why(customer: Customer, query: str = "") -> str:
    return reverse("admin:tiers_standing_why", args=[customer.public_id]) + query


@pytest.fixture
def customer() -> Customer:
    """A house guest under a floor that a manager decided."""
    customer = make_buyer(timezone.localdate() - timedelta(days=10), "1240.00", orders=9)
    retier(as_of=timezone.localdate() - timedelta(days=5))
    retier()
    Override.objects.create(
        customer=customer,
        kind="floor",
        tier=Tier.objects.get(slug="house-guest"),
        reason="Promised in writing",
        owner=make_user("manager", display_name="Manager 1"),
    )
    return customer


# --- the admin -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [("agent", 403), ("lead", 403), ("integration", 403), ("analyst", 200), ("manager", 200), ("administrator", 200)],
)
def test_the_page_is_for_those_with_the_admin(customer: Customer, role: str, status: int) -> None:
    assert signed_in(role).get(why(customer), follow=True).status_code == status
    assert Reading.objects.filter(door="admin", customer_id=customer.pk).count() == (1 if status == 200 else 0)


def test_the_page_says_it_all(customer: Customer) -> None:
    shown = signed_in("manager").get(why(customer)).content.decode()
    for words in (
        "£1,240 margin and 9 orders",
        "at least £2,000",
        "at least £560",
        "£760 to go",
        "£760 more margin and 1 more order bring Family.",
        "Never below House guest until it is ended, by Manager 1.",
        "Promised in writing",
        "thank you for ordering with us so often",
    ):
        assert words in shown, words


def test_without_the_right_to_see_margin_the_page_has_no_money(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal import roles

    monkeypatch.setitem(roles.PERMISSIONS, Role.ANALYST, roles.PERMISSIONS[Role.ANALYST] - {"customers.view_margin"})
    shown = signed_in("analyst").get(why(customer)).content.decode().split('id="content-main"')[1]
    assert "9 orders" in shown
    shown = without_chance(shown)
    for canary in ("£", "1,240", "760", "Margin", "Promised in writing"):
        assert canary not in shown, canary


def test_on_another_day(customer: Customer) -> None:
    client = signed_in("manager")
    day = timezone.localdate() - timedelta(days=5)
    assert "Never below" not in client.get(why(customer, f"?on={day}")).content.decode()
    before = timezone.localdate() - timedelta(days=9)
    assert "had no tier yet" in client.get(why(customer, f"?on={before}")).content.decode()


@pytest.mark.parametrize("on", ["rubbish", "2026-02-30", "9999-01-01", "%00", "0001-01-01x"])
def test_a_day_that_is_none_is_refused_with_a_sentence(customer: Customer, on: str) -> None:
    response = signed_in("manager").get(why(customer, f"?on={on}"))
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()


@pytest.mark.parametrize("on", ["0001-01-01", "0001-01-02", "1970-01-01"])
def test_a_day_long_before_us(customer: Customer, on: str) -> None:
    assert signed_in("manager").get(why(customer, f"?on={on}")).status_code == 200


def test_who_is_not_there_and_what_only_reads(customer: Customer) -> None:
    client = signed_in("manager")
    page = "/admin/tiers/standing/why/3869de38-9bfc-4729-b993-ac938e694fc8/"
    assert client.get(page).status_code == 404
    assert client.post(why(customer)).status_code == 405
    assert "/accounts/login/" in Client().get(why(customer), follow=True).redirect_chain[-1][0]


@pytest.mark.parametrize("label", ["standing", "customer"])
def test_lists_lead_to_it(customer: Customer, label: str) -> None:
    app = {"standing": "tiers", "customer": "customers"}[label]
    assert why(customer) in signed_in("manager").get(f"/admin/{app}/{label}/").content.decode()


# --- the desk ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["agent", "manager"])
def test_the_desk_shows_the_badge_and_what_may_be_said(customer: Customer, role: str) -> None:
    shown = signed_in(role).get(reverse("contact", args=[customer.public_id])).content.decode()
    assert "Never below House guest" in shown
    assert "You are one of our House guest customers; thank you for ordering with us so often." in shown
    assert ("Promised in writing" in shown) == (role == "manager")
    assert (why(customer) in shown) is (role == "manager")
    assert ("£1,240" in shown) is (role == "manager")


# --- the API -------------------------------------------------------------------------------------


def ask(role: str, customer: Customer, **query: Any) -> Any:
    return api_client(role).get(f"/api/v1/customers/{customer.public_id}/explanation/", query)


@pytest.mark.parametrize("role", list(Role))
def test_the_api_masks_by_role(customer: Customer, role: str) -> None:
    found = ask(role, customer).json()["explanation"]
    sees_money = role not in {Role.AGENT, Role.INTEGRATION}
    assert found["tier"]["slug"] == "house-guest"
    assert found["override"]["reason"] == ("Promised in writing" if sees_money else None)
    assert ({"margin"} <= {line["measure"] for line in found["table"]}) is sees_money
    assert ("£" in str(found)) is sees_money
    assert found["safe_sentence"].endswith("thank you for ordering with us so often.")


def test_the_api_answers_for_any_day(customer: Customer) -> None:
    today = timezone.localdate()
    assert ask("manager", customer).json()["on"] == str(today)
    then = ask("manager", customer, on=today - timedelta(days=5)).json()
    assert (then["explanation"]["override"], then["explanation"]["tier"]["slug"]) == (None, "house-guest")
    none = ask("manager", customer, on=today - timedelta(days=6)).json()
    assert none == {"on": str(today - timedelta(days=6)), "explanation": None}
    assert Reading.objects.filter(door="api", customer_id=customer.pk).count() == 3


@pytest.mark.parametrize("on", ["rubbish", "2026-02-30", "9999-12-31", "", "2026-01-01T00:00:00"])
def test_the_api_refuses_a_day_that_is_none(on: str) -> None:
    customer = make_customer()
    response = ask("manager", customer, on=on)
    assert response.status_code == 400
    assert response.json()["on"]
    assert not Reading.objects.exists()


def test_the_canary_of_everybody_is_masked_too() -> None:
    customer = make_known_customer()
    assert MEASURED[:4].replace("4444", "4,444") in str(ask("manager", customer).json())
    assert "4,444" not in str(ask("agent", customer).json())
