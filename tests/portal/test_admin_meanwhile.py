"""Two who have the same form of the admin open: the later one is told what the other has saved."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client

from customers.models import Currency
from feedback.models import Survey
from portal.models import User
from portal.roles import Role
from tests.factories import make_user
from tests.feedback.asking import make_survey, words
from tests.portal.test_admin_buttons import make_draft
from tiers.models import Scheme

pytestmark = pytest.mark.django_db

PAGE = "/admin/customers/currency/SEK/change/"


def seen_on(client: Client, page: str) -> str:
    """The mark in the form of a page."""
    found = re.search(r'name="_seen" value="(\d+)"', client.get(page).content.decode())
    assert found, page
    return found[1]


def in_form(client: Client, page: str) -> dict[str, Any]:
    """What a browser would send back from the page of a draft as it is."""
    return client.get(page).context["form"].initial | {"_seen": seen_on(client, page), "_continue": "1"}


@pytest.fixture
def two() -> tuple[Client, Client, User]:
    """Two managers, and the name of the second."""
    clients = Client(), Client()
    users = make_user(Role.MANAGER), make_user(Role.MANAGER, display_name="Manager Two")
    for client, user in zip(clients, users, strict=True):
        client.force_login(user)
    Currency.objects.create(code="SEK", rate=11)
    return (*clients, users[1])


def rate() -> str:
    return f"{Currency.objects.get(code='SEK').rate:.0f}"


def test_the_later_one_is_told_and_may_save_then(two: tuple[Client, Client, User]) -> None:
    first, second, _user = two
    old = seen_on(first, PAGE)
    assert second.post(PAGE, {"rate": "12", "_seen": seen_on(second, PAGE)}).status_code == 302
    refused = first.post(PAGE, {"rate": "13", "_seen": old})
    said = refused.content.decode()
    assert refused.status_code == 200
    assert rate() == "12", "what was saved stays"
    assert "Manager Two saved this at" in said
    assert "Changed Worth in the house" in said
    assert 'value="13"' in said, "nothing typed is lost"
    again = re.search(r'name="_seen" value="(\d+)"', said)
    assert again
    assert first.post(PAGE, {"rate": "13", "_seen": again[1]}).status_code == 302
    assert rate() == "13"


def test_ones_own_other_window_is_named_as_such(two: tuple[Client, Client, User]) -> None:
    client = two[0]
    old = seen_on(client, PAGE)
    assert client.post(PAGE, {"rate": "12", "_seen": old}).status_code == 302
    assert "in another window" in client.post(PAGE, {"rate": "13", "_seen": old}).content.decode()
    assert rate() == "12"


@pytest.mark.parametrize("seen", ["", "rubbish", "99999999999999999999", "-1", "\u0663", "1\x00"])
def test_an_odd_mark_breaks_nothing(two: tuple[Client, Client, User], seen: str) -> None:
    assert two[0].post(PAGE, {"rate": "12", "_seen": seen}).status_code == 302
    assert rate() == "12"


@pytest.mark.parametrize("key", ["%00", "SEK%00", "9" * 30, "_00", "\u0663"])
def test_an_odd_key_is_nobodys(two: tuple[Client, Client, User], key: str) -> None:
    assert two[0].get(f"/admin/customers/currency/{key}/change/").status_code == 302


def test_the_house_itself_is_nobody_else(two: tuple[Client, Client, User]) -> None:
    old = seen_on(two[0], PAGE)
    Currency.objects.filter(code="SEK").update(rate=14)
    assert two[0].post(PAGE, {"rate": "13", "_seen": old}).status_code == 302


def draft_of_rules() -> Scheme:
    return make_draft()


def draft_of_questions() -> Survey:
    return make_survey(words())


@pytest.mark.parametrize(
    ("make", "page"),
    [
        (draft_of_rules, "/admin/tiers/scheme/{}/change/"),
        (draft_of_questions, "/admin/feedback/survey/{}/change/"),
    ],
)
def test_a_draft_of_two_is_not_overwritten_unseen(
    two: tuple[Client, Client, User], make: Callable[[], Scheme | Survey], page: str
) -> None:
    first, second, _user = two
    draft = make()
    page = page.format(draft.pk)
    mine, theirs = in_form(first, page), in_form(second, page)
    assert second.post(page, {**theirs, "name": "Theirs"}).status_code == 302
    refused = first.post(page, {**mine, "name": "Mine"})
    said = refused.content.decode()
    draft.refresh_from_db()
    assert (refused.status_code, draft.name) == (200, "Theirs")
    assert "Manager Two saved this at" in said
    assert 'value="Mine"' in said
    again = re.search(r'name="_seen" value="(\d+)"', said)
    assert again
    assert first.post(page, {**mine, "name": "Mine", "_seen": again[1]}).status_code == 302
    draft.refresh_from_db()
    assert draft.name == "Mine"


@pytest.mark.parametrize(
    ("make", "page"),
    [
        (draft_of_rules, "/admin/tiers/scheme/{}/change/"),
        (draft_of_questions, "/admin/feedback/survey/{}/change/"),
    ],
)
def test_a_draft_that_was_published_meanwhile_is_said_to_be(
    two: tuple[Client, Client, User], make: Callable[[], Scheme | Survey], page: str
) -> None:
    first, second, _user = two
    draft = make()
    page = page.format(draft.pk)
    mine = in_form(first, page)
    assert second.post(page, {**mine, "_publish": "1"}).status_code == 302
    refused = first.post(page, {**mine, "name": "Mine"})
    said = refused.content.decode()
    draft.refresh_from_db()
    assert refused.status_code == 403
    assert (draft.state, draft.name != "Mine") == ("published", True)
    assert "is no draft any more, so nothing was saved." in said
    reader = Client()
    reader.force_login(make_user(Role.ANALYST))
    assert reader.post(page, mine).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_two_in_the_same_moment_one_is_told(two: tuple[Client, Client, User]) -> None:
    old = seen_on(two[0], PAGE)
    together, answers = threading.Barrier(2), []

    def save(client: Client, value: str) -> None:
        together.wait()
        answers.append(client.post(PAGE, {"rate": value, "_seen": old}).status_code)
        connection.close()

    for value in range(20, 30):
        old = seen_on(two[0], PAGE)
        threads = [
            threading.Thread(target=save, args=(client, f"{value}{place}")) for place, client in enumerate(two[:2])
        ]
        before = LogEntry.objects.count()
        answers.clear()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [200, 302]
        assert LogEntry.objects.count() == before + 1
