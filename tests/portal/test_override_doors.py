"""The doors to overrides: the contact view, the desk, the admin and the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from customers.models import Customer
from portal.models import Reading
from portal.roles import Role
from tests.factories import make_customer, make_user, signed_in
from tests.portal.known import make_override
from tiers.models import Override, Standing, Tier
from tiers.services.runs import retier_customers

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def customer() -> Customer:
    """Somebody in the lowest tier."""
    customer = make_customer(full_name="Customer A")
    retier_customers(ids=[customer.pk])
    return customer


@pytest.fixture
def override(customer: Customer) -> Override:
    override = make_override(customer)
    Override.objects.filter(pk=override.pk).update(tier=Tier.objects.get(slug="house-guest"))
    retier_customers(ids=[customer.pk])
    return override


def a_week_away() -> str:
    return (timezone.localdate() + timedelta(days=7)).isoformat()


def filled(**more: str) -> dict[str, str]:
    return {"kind": "floor", "tier": "regular", "ends_on": a_week_away(), "reason": "They wrote about us"} | more


def set_url(customer: Customer) -> str:
    return reverse("override_set", args=[customer.public_id])


def end_url(override: Override) -> str:
    return reverse("override_end", args=[override.customer.public_id, override.pk])


def tier_of(customer: Customer) -> str:
    return Standing.objects.get(customer=customer, valid_until=None).tier.slug


# --- the contact view ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.MANAGER, Role.ANALYST])
def test_everybody_at_the_desk_sees_the_badge(role: Role, override: Override) -> None:
    page = signed_in(role).get(reverse("contact", args=[override.customer.public_id])).content.decode()
    assert "Never below House guest until " in page
    assert f"by {override.owner}" in page
    # A colleague's words may speak of money.
    assert ("They wrote about us" in page) == (role != Role.AGENT)
    assert (end_url(override) in page) is (role in (Role.LEAD, Role.MANAGER))


@pytest.mark.parametrize(("role", "offered"), [(Role.AGENT, False), (Role.LEAD, True), (Role.MANAGER, True)])
def test_leads_and_managers_are_offered_the_form(role: Role, offered: bool, customer: Customer) -> None:
    page = signed_in(role).get(reverse("contact", args=[customer.public_id])).content.decode()
    assert (set_url(customer) in page) is offered


def test_an_override_that_is_over_is_no_badge(override: Override) -> None:
    Override.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    page = signed_in(Role.AGENT).get(reverse("contact", args=[override.customer.public_id])).content.decode()
    assert "Never below" not in page


def test_a_lead_decides_with_script_and_without(customer: Customer) -> None:
    client = signed_in(Role.LEAD)
    response = client.post(set_url(customer), filled(), follow=True)
    assert "Decided. It holds from now on." in response.content.decode()
    assert tier_of(customer) == "regular"
    client.post(end_url(Override.objects.get()), headers=HTMX)
    page = client.post(set_url(customer), filled(tier="family"), headers=HTMX).content.decode()
    assert 'id="standing"' in page
    assert "Never below Family" in page
    assert 'id="perks" tabindex="-1" hx-swap-oob="true"' in page
    assert tier_of(customer) == "family"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"reason": ""}, "This field is required"),
        ({"ends_on": ""}, "Only managers"),
        ({"ends_on": "2001-01-01"}, "has passed"),
        ({"ends_on": "rubbish"}, "valid date"),
        ({"tier": "palace"}, "valid choice"),
        ({"kind": "wish"}, "valid choice"),
        ({"tier": "guest"}, "Nobody is below Guest"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_to_be_mended_stands_in_the_form(
    more: dict[str, str], sentence: str, headers: dict[str, str], customer: Customer
) -> None:
    response = signed_in(Role.LEAD).post(set_url(customer), filled(**more), headers=headers)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Override.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_pressed_twice_it_says_that_there_is_one(headers: dict[str, str], customer: Customer) -> None:
    client = signed_in(Role.LEAD)
    client.post(set_url(customer), filled(), headers=headers)
    page = client.post(set_url(customer), filled(), headers=headers, follow=True).content.decode()
    assert "End that one first." in page
    assert Override.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_ended_twice_is_ended_once(headers: dict[str, str], override: Override) -> None:
    client = signed_in(Role.LEAD)
    assert "Ended." in client.post(end_url(override), headers=headers, follow=True).content.decode()
    ended = Override.objects.get().ended_at
    assert "had ended already" in client.post(end_url(override), headers=headers, follow=True).content.decode()
    assert Override.objects.get().ended_at == ended


@pytest.mark.parametrize("role", [Role.AGENT, Role.ANALYST, Role.INTEGRATION])
def test_others_may_not(role: Role, override: Override) -> None:
    client = signed_in(role)
    assert client.post(set_url(make_customer()), filled()).status_code == 403
    assert client.post(end_url(override)).status_code == 403
    assert Override.objects.get().ended_at is None


def test_strangers_sign_in_and_a_write_is_a_post(override: Override) -> None:
    for url in (set_url(override.customer), end_url(override)):
        response = Client().post(url)
        assert (response.status_code, "login" in response["Location"]) == (302, True)
        assert signed_in(Role.LEAD).get(url).status_code == 405
    assert Override.objects.get().ended_at is None


def test_somebody_elses_override_is_not_there(override: Override) -> None:
    url = reverse("override_end", args=[make_customer().public_id, override.pk])
    assert signed_in(Role.LEAD).post(url).status_code == 404


# --- the desk ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "sees"), [(Role.AGENT, False), (Role.LEAD, True), (Role.MANAGER, True)])
def test_the_desk_shows_what_is_about_to_end(role: Role, sees: bool, override: Override) -> None:
    page = signed_in(role).get("/").content.decode()
    assert ("Overrides about to end" in page) is sees
    assert ("Customer A" in page) is sees


@pytest.mark.parametrize("many", [1, 3])
def test_the_desk_of_a_lead_takes_eight_queries(django_assert_num_queries: DjangoAssertNumQueries, many: int) -> None:
    for _ in range(many):
        make_override()
    client = signed_in(Role.LEAD)
    with django_assert_num_queries(8):
        client.get("/")


def test_the_desk_shows_the_five_nearest() -> None:
    for days in range(7):
        Override.objects.filter(pk=make_override(make_customer(full_name=f"Customer in {days}")).pk).update(
            ends_on=timezone.localdate() + timedelta(days=days)
        )
    page = signed_in(Role.LEAD).get("/").content.decode()
    assert [f"Customer in {days}" in page for days in range(7)] == [True] * 5 + [False] * 2


# --- the admin -----------------------------------------------------------------------------------

ADD = "/admin/tiers/override/add/"


def in_admin(customer: Customer, **more: str) -> dict[str, str]:
    tier = Tier.objects.get(slug=more.pop("tier", "regular"))
    return {"customer": str(customer.pk), **filled(**more), "tier": str(tier.pk)}


def test_a_manager_sets_and_ends_one(customer: Customer) -> None:
    client = signed_in(Role.MANAGER)
    response = client.post(ADD, in_admin(customer, ends_on=""))
    assert response.status_code == 302
    override = Override.objects.get()
    assert (override.owner, override.ends_on) == (response.wsgi_request.user, None)
    assert tier_of(customer) == "regular"
    page = client.get(f"/admin/tiers/override/{override.pk}/change/").content.decode()
    assert "End it now" in page
    end = f"/admin/tiers/override/{override.pk}/end/"
    assert client.get(end).status_code == 405
    assert "Ended." in client.post(end, follow=True).content.decode()
    assert "had ended already" in client.post(end, follow=True).content.decode()
    assert client.post("/admin/tiers/override/0/end/").status_code == 404
    override.refresh_from_db()
    assert override.ended_by == override.owner


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"reason": ""}, "This field is required"),
        ({"ends_on": "2001-01-01"}, "has passed"),
        ({"tier": "guest"}, "Nobody is below Guest"),
    ],
)
def test_the_admin_says_what_to_mend(more: dict[str, str], sentence: str, customer: Customer) -> None:
    response = signed_in(Role.MANAGER).post(ADD, in_admin(customer, **more))
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not Override.objects.exists()


def test_the_admin_refuses_a_second(override: Override) -> None:
    page = signed_in(Role.MANAGER).post(ADD, in_admin(override.customer)).content.decode()
    assert "End that one first." in page
    assert Override.objects.count() == 1


def test_an_analyst_looks_and_ends_nothing(override: Override) -> None:
    client = signed_in(Role.ANALYST)
    assert "End it now" not in client.get(f"/admin/tiers/override/{override.pk}/change/").content.decode()
    assert client.post(f"/admin/tiers/override/{override.pk}/end/").status_code == 403
    assert client.post(ADD, in_admin(make_customer())).status_code == 403
    assert Override.objects.get().ended_at is None


def test_the_list_filters() -> None:
    for name, days, is_ended in (("soon", 3, False), ("late", 60, False), ("ended", 3, True)):
        override = make_override(make_customer(full_name=f"Customer {name}"))
        Override.objects.filter(pk=override.pk).update(
            ends_on=timezone.localdate() + timedelta(days=days),
            ended_at=timezone.now() + timedelta(seconds=1) if is_ended else None,
        )
    client = signed_in(Role.MANAGER)
    seen = {
        state: {
            name
            for name in ("soon", "late", "ended")
            if f"Customer {name}" in client.get(f"/admin/tiers/override/?state={state}").content.decode()
        }
        for state in ("live", "soon", "ended", "")
    }
    assert seen == {
        "live": {"soon", "late"},
        "soon": {"soon"},
        "ended": {"ended"},
        "": {"soon", "late", "ended"},
    }


# --- the API -------------------------------------------------------------------------------------


def api(role: str) -> APIClient:
    client = APIClient()
    client.force_login(make_user(role))
    return client


def test_a_program_reads_sets_and_ends(customer: Customer) -> None:
    client, door = api(Role.LEAD), reverse("api-overrides", args=[customer.public_id])
    made = client.post(door, filled())
    assert made.status_code == 201, made.json()
    assert tier_of(customer) == "regular"
    assert made.json()["tier"] == "regular"
    listed = client.get(door).json()
    assert [row["id"] for row in listed["results"]] == [made.json()["id"]]
    assert Reading.objects.filter(customer_id=customer.pk, door=Reading.Door.API).count() == 1
    end = reverse("api-override-end", args=[customer.public_id, made.json()["id"]])
    assert client.post(end, {}).json()["is_ended_now"] is True
    again = client.post(end, {}).json()
    assert (again["is_ended_now"], again["ended_at"] is None) == (False, False)


@pytest.mark.parametrize(
    ("more", "field", "sentence"),
    [
        ({"reason": ""}, "reason", "may not be blank"),
        ({"ends_on": None}, "ends_on", "Only managers"),
        ({"ends_on": "2001-01-01"}, "ends_on", "has passed"),
        ({"ends_on": 7}, "ends_on", "2026-03-31"),
        ({"ends_on": "31.3.2026"}, "ends_on", "2026-03-31"),
        ({"tier": "palace"}, "tier", "no tier of this name"),
        ({"kind": "wish"}, "kind", "not a valid choice"),
        ({"wish": "x"}, "wish", "no field of this name"),
    ],
)
def test_the_api_says_what_to_mend(more: dict[str, Any], field: str, sentence: str, customer: Customer) -> None:
    response = api(Role.LEAD).post(reverse("api-overrides", args=[customer.public_id]), filled() | more)
    assert response.status_code == 400
    assert sentence in response.json()[field][0]
    assert not Override.objects.exists()


def test_the_api_refuses_a_second_and_what_is_not_there(override: Override) -> None:
    client = api(Role.LEAD)
    response = client.post(reverse("api-overrides", args=[override.customer.public_id]), filled())
    assert (response.status_code, "End that one first" in response.json()["detail"][0]) == (400, True)
    elsewhere = make_customer().public_id
    for pk in (override.pk, "rubbish", "9" * 30):
        assert client.post(reverse("api-override-end", args=[elsewhere, pk]), {}).status_code == 404
    assert Override.objects.get().ended_at is None


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_takes_so_many_queries(django_assert_num_queries: DjangoAssertNumQueries, many: int) -> None:
    customer = make_customer()
    for _ in range(many):
        Override.objects.update(ended_at=timezone.now() + timedelta(seconds=1))
        make_override(customer)
    client = api(Role.LEAD)
    # Session, user, customer, the reading, how many, and they themselves.
    with django_assert_num_queries(6):
        client.get(reverse("api-overrides", args=[customer.public_id]))


def test_the_api_tells_an_agent_no_reason_of_an_override() -> None:
    customer = make_customer()
    make_override(customer)
    client = APIClient()
    client.force_login(make_user(Role.AGENT))
    (row,) = client.get(reverse("api-overrides", args=[customer.public_id])).json()["results"]
    # Beside the tier, on the contact view and by the explanation it is kept from them: it may speak of money.
    assert row["reason"] is None
