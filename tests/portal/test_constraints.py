"""What the database itself refuses about colleagues, tokens and the record of readings."""

from datetime import timedelta

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from portal.models import ApiToken, Reading, User
from tests.factories import make_user
from tests.refusing import refused

pytestmark = pytest.mark.django_db


def test_an_address_signs_in_one_colleague_whatever_its_case() -> None:
    make_user(email="one@house.example")
    with refused("user_email_once_whatever_case"):
        User.objects.bulk_create([User(email="ONE@house.example", display_name="Another")])


def test_a_role_is_one_of_the_map() -> None:
    user = make_user()
    with refused("user_role_known"):
        User.objects.filter(pk=user.pk).update(role="owner")


@pytest.mark.parametrize("scopes", [["read", "everything"], []])
def test_a_token_has_scopes_and_they_are_known(scopes: list[str]) -> None:
    token, _key = ApiToken.issue(
        user=make_user(), name="A program", scopes=["read"], expires_at=timezone.now() + timedelta(days=1)
    )
    with refused("apitoken_scopes_known"):
        ApiToken.objects.filter(pk=token.pk).update(scopes=scopes)


@pytest.mark.parametrize("statement", ["UPDATE portal_reading SET user_id = 0", "DELETE FROM portal_reading"])
def test_readings_are_only_ever_added(statement: str) -> None:
    Reading.objects.create(user_id=1, customer_id=1, door=Reading.Door.API)
    with pytest.raises(Error, match="Cannot update or delete rows from portal_reading"), transaction.atomic():
        connection.cursor().execute(statement)
    assert Reading.objects.count() == 1
