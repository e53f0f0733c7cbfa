"""The API: what it answers to good calls, and what it says to bad ones."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from customers.models import Currency, Customer, Interaction, Order, Touch
from portal.models import ApiToken, Reading
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_touch_point, make_user
from tests.portal.known import EMAIL, PHONE, make_known_customer, signed_in, with_token

pytestmark = pytest.mark.django_db
CUSTOMERS, ORDERS, INTERACTIONS = "/api/v1/customers/", "/api/v1/orders/", "/api/v1/interactions/"


@pytest.fixture
def program() -> APIClient:
    return with_token()


@pytest.fixture
def customer() -> Customer:
    Currency.objects.get_or_create(code="GBP", defaults={"rate": 1})
    make_touch_point()
    return make_customer(source="webshop", external_id="17850")


def order(of: Customer, **changes: Any) -> dict[str, Any]:
    return {
        "source": "webshop",
        "external_id": "536365",
        "customer": str(of.public_id),
        "placed_at": "2026-03-01T14:30:00+01:00",
        "amount": "249.90",
        "currency": "GBP",
    } | changes


def call(of: Customer, **changes: Any) -> dict[str, Any]:
    return {
        "source": "phone-system",
        "external_id": "call-1",
        "customer": str(of.public_id),
        "channel": "phone",
        "touch_point": "phone-desk",
        "waited_seconds": 95,
    } | changes


# --- customers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("notation", [PHONE[:-1] + "0", "020 7946 0110", "(020) 7946-0110", "0044 20 7946 0110"])
def test_found_by_phone_in_any_notation(program: APIClient, notation: str) -> None:
    known = make_known_customer()
    make_customer()
    response = program.get(CUSTOMERS, {"phone": notation})
    assert [row["public_id"] for row in response.json()["results"]] == [str(known.public_id)]


def test_found_by_email_in_any_case(program: APIClient) -> None:
    known = make_known_customer()
    response = program.get(CUSTOMERS, {"email": EMAIL.upper()})
    assert [row["public_id"] for row in response.json()["results"]] == [str(known.public_id)]
    assert program.get(CUSTOMERS, {"email": "nobody@mail.example"}).json()["results"] == []


@pytest.mark.parametrize(
    ("parameters", "status", "about"),
    [
        ({"phone": "12"}, 400, "phone"),
        ({"phone": ""}, 400, "phone"),
        ({"phone": "\0"}, 400, "phone"),
        ({"phone": "not a phone"}, 400, "phone"),
        ({"email": "nobody"}, 400, "email"),
        ({"email": "a\0b@mail.example"}, 400, "email"),
        ({"email": "a@mail.example", "phone": PHONE}, 400, "email"),
        ({"page": "-1"}, 404, "detail"),
        ({"page": "0"}, 404, "detail"),
        ({"page": "rubbish"}, 404, "detail"),
        ({"page": "٢"}, 404, "detail"),
        ({"page": "9" * 400}, 404, "detail"),
        ({"page": "2"}, 404, "detail"),
        ({"page_size": "0"}, 400, "page_size"),
        ({"page_size": "201"}, 400, "page_size"),
        ({"page_size": "many"}, 400, "page_size"),
    ],
)
def test_bad_parameters_get_a_sentence(program: APIClient, parameters: dict[str, str], status: int, about: str) -> None:
    response = program.get(CUSTOMERS, parameters)
    assert response.status_code == status
    assert list(response.json()) == [about]
    assert response.json()[about]


def test_pages_are_in_order(program: APIClient) -> None:
    everybody = [str(make_customer().public_id) for _ in range(5)]
    pages = [program.get(CUSTOMERS, {"page": page, "page_size": 2}).json() for page in (1, 2, 3)]
    assert [row["public_id"] for page in pages for row in page["results"]] == everybody
    assert [page["count"] for page in pages] == [5, 5, 5]


@pytest.mark.parametrize("public_id", ["rubbish", "%00", "00000000-0000-4000-8000-000000000000", "-1"])
@pytest.mark.parametrize("tail", ["", "context/"])
def test_customer_that_is_not_there(program: APIClient, public_id: str, tail: str) -> None:
    response = program.get(f"{CUSTOMERS}{public_id}/{tail}")
    assert response.status_code == 404
    assert response.json()["detail"]


# Token, customers counted and fetched, contact points, the record of the reading.
@pytest.mark.parametrize("many", [1, 3])
def test_list_costs_the_same_for_one_and_three(
    program: APIClient, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(many):
        make_known_customer(many)
    program.get("/api/v1/")
    with django_assert_num_queries(5):
        assert len(program.get(CUSTOMERS).json()["results"]) == many


@pytest.mark.parametrize("many", [1, 3])
def test_context_costs_the_same_for_one_and_three(
    program: APIClient, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    known = make_known_customer(many)
    program.get("/api/v1/")
    with django_assert_num_queries(15):
        told = program.get(f"{CUSTOMERS}{known.public_id}/context/").json()
    assert len(told["preferences"]) == len(told["open_promises"]) == many
    assert len(told["before_you_speak"]["overdue_promises"]) == many


def test_context_says_what_matters() -> None:
    known = make_known_customer()
    told = signed_in(Role.LEAD).get(f"{CUSTOMERS}{known.public_id}/context/").json()
    assert told["customer"]["address_as"] == known.full_name
    assert told["tier"]["tier"]["slug"] == "guest"
    assert told["tier"]["sentence"]
    first = told["before_you_speak"]
    assert [(one["enjoyed"], one["comment"]) for one in first["recoveries"]] == [("no", "I waited.")]
    assert [one["text"] for one in first["open_incidents"]] == ["Late 0"]
    assert [(one["purpose"], one["is_given"]) for one in first["consents"]] == [("feedback", True)]
    assert len(told["open_interactions"]) == 1
    kinds = {line["kind"] for line in told["timeline"]}
    assert kinds == {"order_purchase", "interaction", "incident", "promise", "letter"}
    times = [line["at"] for line in told["timeline"]]
    assert times == sorted(times, reverse=True)


def test_context_of_somebody_new(program: APIClient) -> None:
    told = program.get(f"{CUSTOMERS}{make_customer().public_id}/context/").json()
    assert told["tier"] is None
    assert told["timeline"] == []


# --- tokens --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["unknown", "empty", "two words", "expired", "revoked", "dismissed"])
def test_dead_tokens_look_alike(kind: str) -> None:
    past = timezone.now() - timedelta(seconds=1)
    changes: dict[str, Any] = {"expired": {"expires_at": past}, "revoked": {"revoked_at": past}}.get(kind, {})
    client = with_token(**changes)
    if kind == "dismissed":
        ApiToken.objects.get().user.__class__.objects.update(is_active=False)
    header = {"unknown": "Bearer reg_unknown", "empty": "Bearer", "two words": "Bearer reg_a reg_b"}.get(kind)
    if header:
        client.credentials(HTTP_AUTHORIZATION=header)
    response = client.get(CUSTOMERS)
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert response.json() == {"detail": "This token is not known here, or it has ended."}
    assert not Reading.objects.exists()


def test_use_of_a_token_is_seen(program: APIClient) -> None:
    program.get(CUSTOMERS)
    assert ApiToken.objects.get().last_used_at is not None


# --- orders --------------------------------------------------------------------------------------


def test_order_is_recorded_once(program: APIClient, customer: Customer) -> None:
    first, again = program.post(ORDERS, order(customer)), program.post(ORDERS, order(customer))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["amount"] == "249.90"
    assert first.json()["margin"] is None
    assert Order.objects.count() == 1
    assert Touch.objects.get().customer == customer


def test_order_of_a_customer_by_number(program: APIClient, customer: Customer) -> None:
    body = order(customer, customer_source="webshop", customer_external_id="17850")
    del body["customer"]
    assert program.post(ORDERS, body).json()["customer"] == str(customer.public_id)


@pytest.mark.parametrize(
    ("change", "differs"),
    [({"amount": "249.91"}, "amount"), ({"placed_at": "2026-03-02T14:30:00Z"}, "placed"), ({}, "customer")],
)
def test_order_that_says_something_else(
    program: APIClient, customer: Customer, change: dict[str, str], differs: str
) -> None:
    program.post(ORDERS, order(customer))
    response = program.post(ORDERS, order(customer if change else make_customer(), **change))
    assert response.status_code == 409
    assert differs in response.json()["detail"]
    assert "249.90" not in response.content.decode()
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ({"currency": "XYZ"}, "currency"),
        ({"currency": "pounds"}, "currency"),
        ({"currency": "G\0P"}, "currency"),
        ({"amount": 249.9}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "1e3"}, "amount"),
        ({"amount": "1_0"}, "amount"),
        ({"amount": "٢"}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"amount": "9" * 13}, "amount"),
        ({"amount": "1.00\n"}, "amount"),
        ({"amount": None}, "amount"),
        ({"margin": "much"}, "margin"),
        ({"placed_at": "2026-03-01T14:30:00"}, "placed_at"),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, "placed_at"),
        ({"placed_at": "2026-02-30T00:00:00Z"}, "placed_at"),
        ({"placed_at": 1}, "placed_at"),
        ({"customer": "00000000-0000-4000-8000-000000000000"}, "customer"),
        ({"customer": 7}, "customer"),
        ({"customer": "rubbish"}, "customer"),
        ({"customer": None}, "customer"),
        ({"customer_source": "webshop", "customer_external_id": "17850"}, "customer"),
        ({"customer_external_id": "17850"}, "customer"),
        ({"external_id": ""}, "external_id"),
        ({"external_id": "a\0b"}, "external_id"),
        ({"external_id": "x" * 81}, "external_id"),
        ({"is_our_fault": "yes"}, "is_our_fault"),
        ({"descripton": "misspelt"}, "descripton"),
    ],
)
def test_bad_order_gets_a_sentence(program: APIClient, customer: Customer, change: dict[str, Any], about: str) -> None:
    response = program.post(ORDERS, order(customer, **change))
    assert response.status_code == 400, response.content
    assert list(response.json()) == [about]
    assert not Order.objects.exists()


# --- interactions --------------------------------------------------------------------------------


def test_interaction_is_opened_once(program: APIClient, customer: Customer) -> None:
    colleague = make_user()
    body = call(customer, agent=colleague.email.upper())
    first, again = program.post(INTERACTIONS, body), program.post(INTERACTIONS, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["agent"] == colleague.email
    assert first.json()["waited_seconds"] == 95
    assert Interaction.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "differs"),
    [({"channel": "chat"}, "channel"), ({"subject": "Bill"}, "about"), ({"waited_seconds": 1}, "kept waiting")],
)
def test_interaction_that_says_something_else(
    program: APIClient, customer: Customer, change: dict[str, Any], differs: str
) -> None:
    program.post(INTERACTIONS, call(customer))
    response = program.post(INTERACTIONS, call(customer, **change))
    assert response.status_code == 409
    assert response.json()["detail"].endswith(f"differs in: {differs}.")
    response = program.post(INTERACTIONS, call(make_customer()))
    assert response.status_code == 409
    assert response.json()["detail"].endswith("differs in: customer.")


def test_colleague_opens_in_their_own_name(customer: Customer) -> None:
    client = signed_in(Role.AGENT)
    other = make_user()
    assert client.post(INTERACTIONS, call(customer, agent=other.email)).json().keys() == {"agent"}
    response = client.post(INTERACTIONS, call(customer))
    assert (response.status_code, response.json()["agent"]) == (201, Interaction.objects.get().agent.email)  # type: ignore[union-attr]
    second = client.post(INTERACTIONS, call(customer, external_id="call-2"))
    assert second.status_code == 409
    assert "another contact open" in second.json()["detail"]


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ({"touch_point": "nowhere"}, "touch_point"),
        ({"touch_point": "a\0b"}, "touch_point"),
        ({"channel": "telegraph"}, "channel"),
        ({"channel": 1}, "channel"),
        ({"waited_seconds": -1}, "waited_seconds"),
        ({"waited_seconds": "95"}, "waited_seconds"),
        ({"waited_seconds": True}, "waited_seconds"),
        ({"agent": "nobody@house.example"}, "agent"),
        ({"customer": "rubbish"}, "customer"),
    ],
)
def test_bad_interaction_gets_a_sentence(
    program: APIClient, customer: Customer, change: dict[str, Any], about: str
) -> None:
    response = program.post(INTERACTIONS, call(customer, **change))
    assert response.status_code == 400, response.content
    assert list(response.json()) == [about]


def test_interaction_closes_once(program: APIClient) -> None:
    interaction = make_interaction()
    door = f"{INTERACTIONS}{interaction.public_id}/close/"
    first, again = program.post(door, {"note": "Sent again."}), program.post(door, {"note": "Something else."})
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json()["is_closed_now"], again.json()["is_closed_now"]) == (True, False)
    assert again.json()["note"] == "Sent again."
    assert first.json()["closed_at"] == again.json()["closed_at"]
    assert not again.json()["closed_itself"]


def test_interaction_closes_by_itself(program: APIClient) -> None:
    interaction = make_interaction()
    told = program.post(f"{INTERACTIONS}{interaction.public_id}/close/", {"closed_itself": True}).json()
    assert (told["closed_itself"], told["is_closed_now"]) == (True, True)
    interaction.refresh_from_db()
    assert interaction.closed_itself


def test_interaction_was_opened_by_mistake(program: APIClient) -> None:
    interaction = make_interaction()
    told = program.post(f"{INTERACTIONS}{interaction.public_id}/close/", {"is_mistaken": True}).json()
    assert (told["is_mistaken"], told["is_closed_now"]) == (True, True)
    interaction.refresh_from_db()
    assert interaction.is_mistaken
    lines = program.get(f"/api/v1/customers/{interaction.customer.public_id}/context/").json()["timeline"]
    assert [(line["kind"], line["state"]) for line in lines] == [("interaction", "mistaken")]


@pytest.mark.parametrize("public_id", ["rubbish", "00000000-0000-4000-8000-000000000000"])
def test_interaction_that_is_not_there(program: APIClient, public_id: str) -> None:
    assert program.post(f"{INTERACTIONS}{public_id}/close/", {}).status_code == 404


# --- bodies --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\x00", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b'{"amount": NaN}', "application/json", 400),
        (b'{"external_id": "\\ud800"}', "application/json", 400),
        (b'{"a\\ud800": 1}', "application/json", 400),
        (b'{"channel": "\\ud800"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"<a/>", "application/xml", 415),
        (b"{}", "rubbish", 415),
    ],
)
def test_body_of_rubbish(program: APIClient, body: bytes, content_type: str, status: int) -> None:
    for door in (ORDERS, INTERACTIONS, f"{INTERACTIONS}{make_interaction().public_id}/close/"):
        response = program.generic("POST", door, body, content_type=content_type)  # type: ignore[arg-type]
        if door.endswith("close/") and not body:
            # Nothing need be said to close one.
            assert response.status_code == 200
            continue
        assert response.status_code == status, (door, response.content)
        assert response.json()


def test_huge_body_is_not_read(program: APIClient) -> None:
    body = b'"' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"'
    response = program.generic("POST", ORDERS, body, content_type="application/json")  # type: ignore[arg-type]
    assert response.status_code == 413
    assert response.json()["detail"]


def test_nothing_about_customers_stays_in_a_cache_of_the_api() -> None:
    client, customer = signed_in(Role.AGENT), make_customer()
    for name in ("api-customer", "api-context"):
        answer = client.get(reverse(name, args=[customer.public_id]))
        assert "no-store" in answer.get("Cache-Control", ""), name
