"""`manage.py token`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from portal.models import ApiToken
from portal.roles import Role
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("token", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def status(key: str) -> int:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return client.get("/api/v1/customers/").status_code


def test_key_is_printed_once_and_works_until_it_is_revoked() -> None:
    user = make_user(Role.INTEGRATION)
    made = run("create", "--user", user.email.upper(), "--name", "Webshop", "--scope", "read", "--scope", "orders")
    key = made.strip()
    assert status(key) == 200
    token = ApiToken.objects.get()
    assert (token.scopes, token.name) == (["orders", "read"], "Webshop")
    assert key not in run("list")
    assert token.hint in run("list")
    assert "is revoked" in run("revoke", token.hint)
    assert status(key) == 401
    assert "was revoked before" in run("revoke", str(token.pk))
    assert "revoked" in run("list")


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "--user", "nobody@house.example", "--name", "X", "--scope", "read"),
        ("create", "--user", "u@house.example", "--name", "X", "--scope", "read", "--days", "0"),
        ("create", "--user", "u@house.example", "--name", "X", "--scope", "everything"),
        ("create", "--user", "u@house.example", "--name", "X"),
        *(
            ("create", "--user", "u@house.example", "--name", name, "--scope", "read")
            for name in ("X" * 121, " ", "\ud800")
        ),
        ("revoke", "reg_none"),
        ("revoke", "999999"),
        (),
    ],
)
def test_refusals(arguments: tuple[str, ...]) -> None:
    make_user(Role.INTEGRATION, email="u@house.example")
    with pytest.raises(CommandError):
        run(*arguments)
    assert not ApiToken.objects.exists()


def test_two_tokens_of_one_beginning_are_not_guessed_at() -> None:
    user = make_user(Role.INTEGRATION)
    for name in ("One", "Two"):
        run("create", "--user", user.email, "--name", name, "--scope", "read")
    ApiToken.objects.update(hint="reg_same")
    with pytest.raises(CommandError, match="Several"):
        run("revoke", "reg_same")
