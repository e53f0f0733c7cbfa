"""Who may use which door of the API: a row for every route, so that a new one without a row fails."""

from collections.abc import Callable

import pytest
from django.urls import URLPattern, reverse
from rest_framework.test import APIClient

from customers.models import Interaction
from portal import roles
from portal.api import urls
from portal.models import Reading
from portal.models.token import Scope
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_user
from tests.portal.known import (
    AMOUNT,
    EMAIL,
    MARGIN,
    MEASURED,
    PHONE,
    make_known_customer,
    make_override,
    signed_in,
    with_token,
)

pytestmark = pytest.mark.django_db

ROLES = (Role.AGENT, Role.LEAD, Role.MANAGER, Role.ANALYST, Role.ADMINISTRATOR, Role.INTEGRATION)
EVERY = dict.fromkeys(ROLES, 200)
DECIDES = dict.fromkeys(ROLES, 403)
NOT_ANALYST = {**EVERY, Role.ANALYST: 403}
# (route, method) → status by role. Bodies are empty: 400 means that the door opened and the body was read.
MATRIX: dict[tuple[str, str], dict[Role, int]] = {
    ("api-root", "GET"): EVERY,
    ("api-customers", "GET"): EVERY,
    ("api-customer", "GET"): EVERY,
    ("api-context", "GET"): EVERY,
    ("api-explanation", "GET"): EVERY,
    ("api-overrides", "GET"): {**EVERY, Role.INTEGRATION: 403},
    ("api-overrides", "POST"): DECIDES | dict.fromkeys((Role.LEAD, Role.MANAGER, Role.ADMINISTRATOR), 400),
    ("api-override-end", "POST"): DECIDES | dict.fromkeys((Role.LEAD, Role.MANAGER, Role.ADMINISTRATOR), 200),
    ("api-orders", "POST"): {**dict.fromkeys(ROLES, 403), Role.INTEGRATION: 400},
    ("api-interactions", "POST"): {**dict.fromkeys(ROLES, 400), Role.ANALYST: 403},
    ("api-interaction-close", "POST"): NOT_ANALYST,
    ("api-hint-press", "POST"): {**dict.fromkeys(ROLES, 400), Role.ANALYST: 403},
    ("api-pops", "POST"): {**dict.fromkeys(ROLES, 403), Role.INTEGRATION: 400},
}
SCOPES: dict[tuple[str, str], str] = {
    ("api-root", "GET"): "read",
    ("api-customers", "GET"): "read",
    ("api-customer", "GET"): "read",
    ("api-context", "GET"): "read",
    ("api-explanation", "GET"): "read",
    ("api-overrides", "GET"): "read",
    ("api-overrides", "POST"): "overrides",
    ("api-override-end", "POST"): "overrides",
    ("api-orders", "POST"): "orders",
    ("api-interactions", "POST"): "interactions",
    ("api-interaction-close", "POST"): "interactions",
    ("api-hint-press", "POST"): "interactions",
    ("api-pops", "POST"): "pops",
}
# The schema and its page say nothing about anybody, and are open.
OPEN = {"api-schema", "api-docs"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def routes() -> list[str]:
    return [route.name for route in urls.urlpatterns if isinstance(route, URLPattern) and route.name]


def address(name: str) -> str:
    if name in {"api-interaction-close", "api-hint-press"}:
        return reverse(name, args=[make_interaction().public_id])
    if name == "api-override-end":
        override = make_override()
        return reverse(name, args=[override.customer.public_id, override.pk])
    if name in {"api-customer", "api-context", "api-explanation", "api-overrides"}:
        return reverse(name, args=[make_customer().public_id])
    return reverse(name)


def test_every_route_has_its_row() -> None:
    assert len(routes()) == len(urls.urlpatterns)
    assert {name for name, _method in MATRIX} == set(routes()) - OPEN
    for route in urls.urlpatterns:
        if route.name not in OPEN:
            view = route.callback.view_class
            assert set(view.permission_required) == {method for name, method in MATRIX if name == route.name}
            assert view.scope_required == {
                method: scope for (name, method), scope in SCOPES.items() if name == route.name
            }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("sign_in", [signed_in, with_token])
def test_each_role_at_each_door(role: Role, sign_in: Callable[[str], APIClient]) -> None:
    client = sign_in(role)
    seen = {
        (name, method): client.generic(method, address(name), "{}", content_type="application/json").status_code
        for name in routes()
        if name not in OPEN
        for method in METHODS
    }
    for door, status in seen.items():
        assert status == (MATRIX[door][role] if door in MATRIX else 405), door


@pytest.mark.parametrize("door", MATRIX)
def test_stranger_is_told_to_sign_in(door: tuple[str, str]) -> None:
    response = APIClient().generic(door[1], address(door[0]), "{}", content_type="application/json")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("door", MATRIX)
@pytest.mark.parametrize("scope", Scope.values)
def test_token_opens_only_doors_of_its_scope(door: tuple[str, str], scope: str) -> None:
    client = with_token(Role.INTEGRATION, [scope])
    status = client.generic(door[1], address(door[0]), "{}", content_type="application/json").status_code
    assert status == (MATRIX[door][Role.INTEGRATION] if SCOPES[door] == scope else 403)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("sign_in", [signed_in, with_token])
def test_nothing_masked_gets_out(role: Role, sign_in: Callable[[str], APIClient]) -> None:
    customer = make_known_customer()
    client = sign_in(role)
    is_private = role == Role.ANALYST
    is_margin = role in {Role.AGENT, Role.INTEGRATION}
    digits = PHONE.removeprefix("+44")
    pages = [
        client.get(address)
        for address in (
            "/api/v1/",
            "/api/v1/customers/",
            f"/api/v1/customers/?phone={PHONE[:-1]}0",
            f"/api/v1/customers/?email={EMAIL}",
            f"/api/v1/customers/{customer.public_id}/",
            f"/api/v1/customers/{customer.public_id}/context/",
            f"/api/v1/customers/{customer.public_id}/explanation/",
            "/api/v1/customers/?page=-1",
            f"/api/v1/customers/{PHONE}/",
        )
    ]
    told = " ".join(page.content.decode() for page in pages[:-1])
    assert (digits[:-1] in told) is not is_private
    assert (EMAIL in told) is not is_private
    assert (MARGIN in told or MEASURED in told) is not is_margin
    assert AMOUNT in told
    assert [page.status_code for page in pages[2:4]] == ([403, 403] if is_private else [200, 200])


def test_amounts_are_masked_without_the_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    """No role that reads is without `view_money` today; the mask holds where one comes to be."""
    monkeypatch.setitem(roles.PERMISSIONS, Role.ANALYST, roles.PERMISSIONS[Role.ANALYST] - {"customers.view_money"})
    customer = make_known_customer()
    response = signed_in(Role.ANALYST).get(f"/api/v1/customers/{customer.public_id}/context/")
    assert response.status_code == 200
    assert AMOUNT not in response.content.decode()


def test_session_write_needs_csrf() -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(make_user())
    interaction = make_interaction()
    response = client.post(f"/api/v1/interactions/{interaction.public_id}/close/", {})
    assert response.status_code == 403
    assert "CSRF" in response.json()["detail"]
    assert Interaction.objects.get().closed_at is None


@pytest.mark.parametrize("role", [Role.ANALYST])
def test_each_reading_is_written_down(role: Role) -> None:
    one, _other = make_customer(), make_customer()
    client = signed_in(role)
    for path in (f"{one.public_id}/", f"{one.public_id}/context/", "", "?page=9", "rubbish/"):
        client.get(f"/api/v1/customers/{path}")
    rows = list(Reading.objects.order_by("pk").values_list("customer_id", "door"))
    assert rows[:2] == [(one.pk, "api")] * 2
    assert sorted(rows[2:]) == [(one.pk, "api"), (_other.pk, "api")]
