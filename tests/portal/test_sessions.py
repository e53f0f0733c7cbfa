"""Who is signed in: read anew for each page, by statements of the house's own."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts import AccountBackend
from portal.models import User
from portal.sessions import SessionStore
from tests.factories import make_user, signed_in

pytestmark = pytest.mark.django_db


def is_in(client: Client) -> bool:
    response = client.get("/")
    assert response.status_code in (200, 302)
    return response.status_code == 200


def whose(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def test_reads_the_session_and_the_colleague_in_a_query_each() -> None:
    client = signed_in()
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/accounts/login/").status_code == 302
    assert len(asked) == 2


@pytest.mark.parametrize("key", ["-", "nobody", "' OR true --", "x" * 200, "clé-clé-clé", "nobody-at-all\0"])
def test_a_key_that_we_do_not_have_opens_nothing(client: Client, key: str) -> None:
    signed_in()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    assert not is_in(client)


def test_a_session_that_has_ended_opens_nothing_and_is_not_taken_up_again() -> None:
    client = signed_in()
    key = client.session.session_key
    assert is_in(client)
    Session.objects.filter(pk=key).update(expire_date=Now() - timedelta(seconds=1))
    assert not is_in(client)
    store = SessionStore(key)
    assert store.load() == {}
    assert store.session_key is None


def _is_no_longer_active(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def _is_no_longer_there(user: User) -> None:
    user.delete()


def _has_another_password(user: User) -> None:
    user.set_password("another long test password")
    user.save()


@pytest.mark.parametrize("happens", [_is_no_longer_active, _is_no_longer_there, _has_another_password])
def test_who_may_no_longer_come_in_is_out_at_the_next_page(happens: Callable[[User], None]) -> None:
    client = signed_in()
    assert is_in(client)
    happens(whose(client))
    assert not is_in(client)


def test_another_role_holds_from_the_next_page_on() -> None:
    client = signed_in("manager")
    assert client.get("/admin/").status_code == 200
    User.objects.filter(pk=whose(client).pk).update(role="agent")
    assert client.get("/admin/").status_code == 302


def test_a_session_of_another_way_to_sign_in_opens_nothing() -> None:
    client = signed_in()
    session = client.session
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session.save()
    assert not is_in(client)


def test_keeps_what_a_page_writes(client: Client) -> None:
    store: Any = SessionStore()
    store["said"] = {"name": "Zoë"}
    store.create()
    assert SessionStore(store.session_key)["said"] == {"name": "Zoë"}
    store.delete()
    assert SessionStore(store.session_key).load() == {}


def test_finds_a_colleague_as_django_does() -> None:
    user, gone = make_user(), make_user(is_active=False)
    backend = AccountBackend()
    assert backend.get_user(user.pk) == user
    assert backend.get_user(gone.pk) is None
    assert backend.get_user(-1) is None
