"""The desk, search, the pop, and who may open which door."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Customer, Promise
from customers.services.merges import merge_customers
from customers.services.people import index_names
from portal.models import Reading, User
from portal.pops.selectors import match_for
from portal.roles import Role
from tests.factories import make_customer, make_email, make_interaction, make_user, signed_in
from tests.feedback.giving_makers import make_asked
from tests.portal.worlds import PHONE, give_tier, make_phone, make_recovery, make_tiers

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}

# --- who may open which door ---------------------------------------------------------------------------

_IN, _OUT, _SIGN_IN = 200, 403, 302
_READS = {
    "/": {},
    "/customers/": {},
    "/customers/?q=x": {},
    "/keys/": {},
    "/pop/?phone=%2B442079460999": {},
    "/customers/add/": {Role.ANALYST: _OUT},
    "contact": {},
}


@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize("path", _READS)
def test_who_may_open_which_door(client: Client, path: str, role: Role | None) -> None:
    url = reverse("contact", args=[make_customer().public_id]) if path == "contact" else path
    if role is None:
        expected = _SIGN_IN
    else:
        client.force_login(make_user(role))
        expected = _READS[path].get(role, _OUT if role == Role.INTEGRATION else _IN)
    response = client.get(url)
    assert response.status_code == expected
    if role is None:
        assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("path", ["/", "/customers/", "/pop/?phone=1"])
def test_reading_doors_take_no_posts(client: Client, path: str) -> None:
    client.force_login(make_user())
    assert client.post(path).status_code == 405


def test_a_colleague_who_left_cannot_come_in(client: Client) -> None:
    user = make_user(is_active=False)
    client.force_login(user)
    assert client.get("/").status_code == 302


# --- the desk ------------------------------------------------------------------------------------------


def test_an_empty_desk_is_kind(client: Client) -> None:
    client.force_login(make_user())
    html = client.get("/").content.decode()
    assert "Nothing is waiting for you." in html
    assert "autofocus" in html


def test_amends_head_the_desk_the_latest_first(client: Client) -> None:
    agent = make_user()
    make_recovery(make_customer(full_name="Customer later"), agent, hours=20)
    make_recovery(make_customer(full_name="Customer late"), agent, hours=-5)
    make_interaction(make_customer(full_name="Customer talking"), agent=agent)
    make_promise("Customer promised", agent, -1)
    make_promise("Customer much later", agent, 400)
    client.force_login(agent)
    html = client.get("/").content.decode()
    names = ["Customer late<", "Customer later<", "Customer talking<", "Customer promised<"]
    places = [html.index(name) for name in names]
    assert places == sorted(places)
    assert "Customer much later" not in html
    assert "five hours late" in html


def make_promise(name: str, owner: User, hours: int) -> Promise:
    now = timezone.now()
    return Promise.objects.create(
        customer=make_customer(full_name=name),
        text="Ring back",
        owner=owner,
        made_at=now - timedelta(days=9),
        due_at=now + timedelta(hours=hours),
    )


@pytest.mark.parametrize(("role", "sees"), [(Role.AGENT, False), (Role.LEAD, True), (Role.MANAGER, True)])
def test_leads_and_managers_see_everybodys_amends_with_their_owner(client: Client, role: Role, sees: bool) -> None:
    owner = make_user(display_name="Colleague A")
    make_recovery(make_customer(full_name="Customer upset"), owner)
    make_interaction(make_customer(full_name="Customer of another"), agent=owner)
    client.force_login(make_user(role))
    html = client.get("/").content.decode()
    assert ("Customer upset" in html) is sees
    assert ("Colleague A" in html) is sees
    assert "Customer of another" not in html


@pytest.mark.parametrize("many", [1, 3])
def test_seven_queries_for_the_desk(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    agent = make_user()
    for _ in range(many):
        make_recovery(make_customer(), agent)
        make_interaction(agent=agent)
        make_promise("Customer", agent, 2)
        make_asked(agent)
    client.force_login(agent)
    with django_assert_num_queries(7):
        client.get("/")


def make_found(**fields: Any) -> Customer:
    """A customer that search knows by name."""
    customer = make_customer(**fields)
    index_names(customers=[customer])
    return customer


# --- search --------------------------------------------------------------------------------------------


def test_who_is_found_is_listed_with_tier_and_place(client: Client) -> None:
    customer = make_found(full_name="Customer Zephyr", city="Leeds", country="GB")
    give_tier(customer, make_tiers()[3])
    client.force_login(make_user())
    html = client.get("/customers/?q=zeph").content.decode()
    assert "Customer Zephyr" in html
    assert "Family" in html
    assert "Leeds, United Kingdom" in html


def test_while_typing_only_the_list_comes_back(client: Client) -> None:
    make_found(full_name="Customer Zephyr")
    client.force_login(make_user())
    response = client.get("/customers/?q=zeph", headers=HTMX)
    assert "Customer Zephyr" in response.content.decode()
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("text", ["020 7946 0123", PHONE, "customer.one@mail.example"])
def test_a_whole_number_or_address_of_one_leads_straight_to_them(client: Client, text: str) -> None:
    customer = make_customer()
    make_phone(customer)
    make_email(customer, "customer.one@mail.example")
    client.force_login(make_user())
    response = client.get("/customers/", {"q": text})
    assert response.status_code == 302
    assert response["Location"] == reverse("contact", args=[customer.public_id])
    assert client.get("/customers/", {"q": text}, headers=HTMX).status_code == 200


def test_the_last_digits_alone_are_a_list(client: Client) -> None:
    make_phone(make_found(full_name="Customer Zephyr"))
    client.force_login(make_user())
    response = client.get("/customers/", {"q": "0123"})
    assert response.status_code == 200
    assert "Customer Zephyr" in response.content.decode()


@pytest.mark.parametrize(
    ("text", "field"),
    [("Nobody", "full_name=Nobody"), ("no@mail.example", "email=no%40"), ("07700 900111", "phone=077")],
)
def test_nobody_found_offers_to_add_them(client: Client, text: str, field: str) -> None:
    client.force_login(make_user())
    html = client.get("/customers/", {"q": text}).content.decode()
    assert "Nobody here goes by" in html
    assert f"/customers/add/?{field}" in html


@pytest.mark.parametrize(
    "text",
    ["", " ", "%", "_", "'", '"', "\\", "\0", "x" * 5000, "<script>alert(1)</script>", "🙂", "+", "@", "'; --", "((("],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_odd_searches_are_harmless(client: Client, text: str, headers: dict[str, str]) -> None:
    make_customer()
    client.force_login(make_user())
    response = client.get("/customers/", {"q": text}, headers=headers)
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize("many", [1, 3])
def test_six_queries_for_a_search(client: Client, django_assert_num_queries: DjangoAssertNumQueries, many: int) -> None:
    for _ in range(many):
        give_tier(make_found(full_name="Customer Zephyr"), make_tiers()[0])
    client.force_login(make_user())
    with django_assert_num_queries(6):
        html = client.get("/customers/?q=zeph").content.decode()
    assert html.count("Customer Zephyr") == many


# --- adding --------------------------------------------------------------------------------------------

SHEET = "00000000-0000-4000-8000-000000000001"


def test_a_customer_is_added_once_however_often_the_sheet_is_sent(client: Client) -> None:
    client.force_login(make_user())
    data = {"full_name": "Customer New", "phone": "020 7946 0123", "email": "new@mail.example", "sheet": SHEET}
    for _ in range(2):
        response = client.post("/customers/add/", data)
        customer = Customer.objects.get()
        assert response["Location"] == reverse("contact", args=[customer.public_id])
    assert {point.normalised for point in customer.contact_points.all()} == {PHONE, "new@mail.example"}


@pytest.mark.parametrize(
    "wrong", [{"full_name": ""}, {"phone": "12"}, {"email": "nowhere"}, {"country": "ZZ"}, {"sheet": "rubbish"}]
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client: Client, wrong: dict[str, str]) -> None:
    client.force_login(make_user())
    data = {"full_name": "Customer New", "city": "Typed City", "sheet": SHEET} | wrong
    response = client.post("/customers/add/", data)
    assert response.status_code == 422
    assert "Typed City" in response.content.decode()
    assert not Customer.objects.exists()


def test_a_national_number_is_that_of_the_country_that_was_chosen(client: Client) -> None:
    client.force_login(make_user())
    data = {"full_name": "Customer New", "phone": "22 12 34 56", "sheet": SHEET}
    for country in ("", "GB"):
        response = client.post("/customers/add/", data | {"country": country})
        assert response.status_code == 422
        assert list(response.context["form"].errors) == ["phone"]
    assert client.post("/customers/add/", data | {"country": "NO"}).status_code == 302
    assert Customer.objects.get().contact_points.get().normalised == "+4722123456"


def test_an_analyst_adds_nobody(client: Client) -> None:
    client.force_login(make_user(Role.ANALYST))
    assert client.post("/customers/add/", {"full_name": "Customer", "sheet": SHEET}).status_code == 403
    client.logout()
    assert client.post("/customers/add/", {"full_name": "Customer", "sheet": SHEET}).status_code == 302
    assert not Customer.objects.exists()


# --- the pop -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["phone=%2B442079460123", "phone=+442079460123", "phone=020%207946%200123"])
def test_a_known_number_pops_its_customer(client: Client, query: str) -> None:
    customer = make_customer()
    make_phone(customer)
    client.force_login(make_user())
    html = client.get(f"/pop/?{query}").content.decode()
    assert f'<h1 tabindex="-1" data-key="1">{customer.full_name}</h1>' in html
    assert "Calling now · certain match" in html
    # The number does not stay in the address, nor with whoever goes back to it.
    assert f'data-address="{reverse("contact", args=[customer.public_id])}?match=phone"' in html
    assert "/pop/" not in html
    assert Reading.objects.get().customer_id == customer.pk


def test_the_number_stays_out_of_a_page_that_tells_what_was_done_before(client: Client) -> None:
    customer = make_customer()
    make_phone(customer)
    client.force_login(make_user())
    assert client.post(reverse("caution_note", args=[customer.public_id]), {"text": "The vase"}).status_code == 302
    html = client.get("/pop/?phone=%2B442079460123").content.decode()
    assert "Nobody will say it." in html
    assert "/pop/" not in html


def test_a_known_address_pops_its_customer(client: Client) -> None:
    customer = make_customer()
    make_email(customer, "one@mail.example")
    client.force_login(make_user())
    assert "Writing now · certain match" in client.get("/pop/?email=One@Mail.example").content.decode()


def test_four_queries_for_a_pop_with_its_customer(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_phone(make_customer())
    client.force_login(make_user())
    with django_assert_num_queries(4):
        assert client.get("/pop/?phone=%2B442079460123").status_code == 200


def test_a_customer_who_is_merged_while_they_call_leads_on(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    customer, other = make_customer(), make_customer()
    make_phone(customer)
    client.force_login(make_user())

    def match_then_merge(**asked: Any) -> Any:
        found = match_for(**asked)
        merge_customers(survivor=other, absorbed=customer, by=None)
        return found

    monkeypatch.setattr("portal.pops.views.match_for", match_then_merge)
    assert client.get("/pop/?phone=%2B442079460123", follow=True).redirect_chain == [
        (reverse("contact", args=[customer.public_id]) + "?match=phone", 302),
        (reverse("contact", args=[other.public_id]), 302),
    ]


def test_a_shared_number_asks_who_it_is(client: Client) -> None:
    for number in (1, 2):
        make_phone(make_customer(full_name=f"Customer sharing {number}"))
    client.force_login(make_user())
    html = client.get("/pop/?phone=02079460123").content.decode()
    assert "2 people share" in html
    assert "Customer sharing 1" in html
    assert "Customer sharing 2" in html


def test_an_unknown_number_offers_to_add_them(client: Client) -> None:
    client.force_login(make_user())
    html = client.get("/pop/?phone=%2B442079460999").content.decode()
    assert "Somebody new" in html
    assert 'value="+442079460999"' in html
    assert 'action="/customers/add/"' in html


@pytest.mark.parametrize(
    "query",
    [
        "",
        "phone=",
        "phone=12",
        "phone=rubbish",
        "email=nowhere",
        "phone=1&email=a@mail.example",
        "phone=%00",
        "x=1",
        "phone=" + "9" * 4000,
    ],
)
def test_a_broken_pop_says_what_to_mend(client: Client, query: str) -> None:
    client.force_login(make_user())
    response = client.get(f"/pop/?{query}")
    assert response.status_code == 400
    assert 'name="q"' in response.content.decode()


# --- keys ----------------------------------------------------------------------------------------------


def test_single_keys_can_be_switched_off_and_on(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    assert "data-keys>" in client.get("/").content.decode()
    for _ in range(2):
        assert client.post("/keys/", {"has_keys": "no", "next": "/customers/"})["Location"] == "/customers/"
    assert "data-keys>" not in client.get("/").content.decode()
    assert client.post("/keys/", {"has_keys": "yes", "next": "https://elsewhere.example/"})["Location"] == "/"
    client.logout()
    assert client.post("/keys/", {"has_keys": "no"}).status_code == 302


# --- the door ------------------------------------------------------------------------------------------


def test_nobody_is_invited_to_sign_up(client: Client) -> None:
    html = client.get(reverse("account_login")).content.decode()
    assert "sign up" not in html.lower()
    assert "Good to see you" in html


def test_sign_in_leads_to_the_desk(client: Client) -> None:
    user = make_user()
    data = {"login": user.email, "password": "a long test password"}
    assert client.post(reverse("account_login"), data)["Location"] == "/"


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_change_password",
        "account_logout",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "account_reauthenticate",
    ],
)
def test_the_rooms_of_an_account_look_like_the_house(client: Client, name: str) -> None:
    user = make_user()
    client.post(reverse("account_login"), {"login": user.email, "password": "a long test password"})
    response = client.get(reverse(name), follow=True)
    assert response.status_code == 200
    html = response.content.decode()
    assert "portal/house.css" in html
    assert " style=" not in html


@pytest.mark.parametrize("name", ["account_reset_password", "account_reset_password_done"])
def test_the_doors_of_strangers_look_like_the_house(client: Client, name: str) -> None:
    assert "portal/house.css" in client.get(reverse(name)).content.decode()


def test_a_page_that_is_not_there_says_so_in_the_houses_words(client: Client) -> None:
    assert "There is nothing here" in client.get("/nowhere/").content.decode()


@pytest.mark.parametrize("back", ["foo", "?"])
def test_a_way_back_that_leads_nowhere_is_no_crash(back: str) -> None:
    assert signed_in(Role.AGENT).post(reverse("keys"), {"has_keys": "yes", "next": back}).status_code == 302
