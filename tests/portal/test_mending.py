"""The board: who sees what, what may be pressed, with script and without, twice, and by those who may not."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from customers.models import Letter
from feedback.models import Cause, PutRight, Recovery
from feedback.services.recoveries import close_recovery, reopen_recovery
from feedback.starter import ensure_causes
from portal.models import Reading, User
from portal.roles import Role
from tests.factories import make_customer, make_email, make_user
from tests.portal.test_prevention import named
from tests.portal.worlds import give_tier, make_recovery, make_tiers

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
PRESSES = ("mending_contacted", "mending_hand_over", "mending_close")


def cause() -> Cause:
    ensure_causes()
    return Cause.objects.get(name="Nobody rang back")


def data(name: str, to: User | None = None) -> dict[str, str]:
    return {
        "mending_contacted": {},
        "mending_hand_over": {"to": str((to or make_user()).pk), "words": "Knows them"},
        "mending_close": {
            "state": "mended",
            "what_was_done": "Rang and apologised",
            "cause": str(cause().pk),
            "letter": "We are sorry.\r\nYours",
        },
    }[name]


def owed(owner: User | None = None, **fields: Any) -> Recovery:
    customer = make_customer()
    make_email(customer)
    return make_recovery(customer, owner, **fields)


def board(client: Client, query: str = "") -> str:
    response = client.get(reverse("mending") + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def lead(client: Client) -> User:
    lead = make_user(Role.LEAD)
    client.force_login(lead)
    return lead


@pytest.mark.parametrize("role", [*Role, None])
def test_who_may_open_the_board_and_a_matter(client: Client, role: Role | None) -> None:
    recovery = owed(make_user())
    if role is not None:
        client.force_login(make_user(role))
    found = [client.get(url).status_code for url in (reverse("mending"), reverse("mending_one", args=[recovery.pk]))]
    expected = {None: [302, 302], Role.INTEGRATION: [403, 403], Role.AGENT: [200, 404]}
    assert found == expected.get(role, [200, 200])


@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize("name", PRESSES)
def test_who_may_press(client: Client, name: str, role: Role | None) -> None:
    recovery = owed(make_user())
    if role is not None:
        client.force_login(make_user(role))
    status = client.post(reverse(name, args=[recovery.pk]), data(name)).status_code
    refused: dict[Role | None, int] = {Role.INTEGRATION: 403, Role.ANALYST: 403, Role.AGENT: 404}
    assert status == refused.get(role, 302)
    recovery.refresh_from_db()
    changed = recovery.state != "open" or Letter.objects.filter(kind="feedback.handed_over").exists()
    assert changed is (role in {Role.LEAD, Role.MANAGER, Role.ADMINISTRATOR})


@pytest.mark.parametrize("name", PRESSES)
def test_a_press_is_a_post(client: Client, lead: User, name: str) -> None:
    assert client.get(reverse(name, args=[owed().pk])).status_code == 405
    assert client.post(reverse("mending")).status_code == 405
    assert client.post(reverse(name, args=[10**9]), data(name)).status_code == 404


def test_an_agent_sees_their_own(client: Client) -> None:
    agent = make_user()
    client.force_login(agent)
    mine, others = owed(agent), owed(make_user())
    page = board(client)
    assert mine.customer.full_name in page
    assert others.customer.full_name not in page
    assert "/prevention/" not in page


def test_what_is_late_comes_first_and_choices_narrow_it(client: Client, lead: User) -> None:
    other = make_user(Role.LEAD, display_name="Lead Other")
    late, later, nobodys = owed(lead, hours=-5), owed(other, hours=200), owed(None, hours=300)
    names = [one.customer.full_name for one in (late, later, nobodys)]

    def shown(query: str = "") -> list[bool]:
        page = board(client, query)
        return [name in page for name in names]

    page = board(client)
    assert page.index(names[0]) < page.index(names[1])
    assert "1 late" in page
    assert "Lead Other" in page
    assert shown("?which=late") == [True, False, False]
    assert shown(f"?owner={other.pk}") == [False, True, False]
    assert shown("?owner=nobody") == [False, False, True]
    assert shown("?which=today") == [True, False, False]
    assert shown("?which=closed") == [False, False, False]
    assert shown("?which=rubbish&owner=%00x") == [True, True, True]


@pytest.mark.parametrize("many", [1, 3])
def test_the_board_costs_the_same_for_one_and_three(
    client: Client, lead: User, many: int, django_assert_num_queries: Any
) -> None:
    tiers = make_tiers()
    for _ in range(many):
        give_tier(owed(make_user()).customer, tiers[2])
    # session, colleague, recoveries, tiers, by owner
    with django_assert_num_queries(5):
        board(client)


@pytest.mark.parametrize("many", [1, 3])
def test_a_matter_costs_the_same_whatever_its_story(
    client: Client, lead: User, many: int, django_assert_num_queries: Any
) -> None:
    recovery = owed(lead)
    for _ in range(many):
        client.post(reverse("mending_hand_over", args=[recovery.pk]), data("mending_hand_over"))
    # session, colleague, the recovery, that it is read, its steps, the causes, the colleagues
    with django_assert_num_queries(7):
        assert client.get(reverse("mending_one", args=[recovery.pk])).status_code == 200
    assert Reading.objects.values_list("user_id", "customer_id").get() == (lead.pk, recovery.customer_id)


@pytest.mark.parametrize("htmx", [False, True])
def test_from_contact_to_close(client: Client, lead: User, htmx: bool) -> None:
    recovery = owed(lead)
    headers = HTMX if htmx else {}

    def press(name: str, query: str = "") -> Any:
        return client.post(reverse(name, args=[recovery.pk]) + query, data(name), headers=headers)

    response = press("mending_contacted", "?from=board&which=late")
    if htmx:
        assert 'id="board"' in response.content.decode()
        assert "house:focus" in response["HX-Trigger-After-Settle"]
    else:
        assert response["Location"] == "/mending/?which=late"
    response = press("mending_close")
    said = [str(message) for message in get_messages(response.wsgi_request)]
    if htmx:
        assert "Mended. Thank you" in response.content.decode()
    else:
        assert any("Your letter is on its way." in one for one in said)
    recovery.refresh_from_db()
    assert (recovery.state, recovery.cause, recovery.closed_by) == ("mended", cause(), lead)
    letter = Letter.objects.get(kind="feedback.mended")
    assert "We are sorry.\nYours" in letter.text
    page = client.get(reverse("mending_one", args=[recovery.pk])).content.decode()
    for words in ("We were in touch", "Mended", "Rang and apologised", "We wrote to them", lead.display_name):
        assert words in page
    assert "<textarea" not in page
    assert recovery.customer.full_name in board(client, "?which=closed")


def test_twice_is_once(client: Client, lead: User) -> None:
    recovery = owed(lead)
    other = make_user()
    for _ in range(2):
        client.post(reverse("mending_hand_over", args=[recovery.pk]), data("mending_hand_over", other))
        client.post(reverse("mending_close", args=[recovery.pk]), data("mending_close"))
    assert Letter.objects.filter(kind="feedback.handed_over").count() == 1
    assert Letter.objects.filter(kind="feedback.mended").count() == 1


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("mending_close", {"cause": ""}),
        ("mending_close", {"cause": "999999"}),
        ("mending_close", {"what_was_done": " "}),
        ("mending_close", {"state": "open"}),
        ("mending_close", {"letter": "x" * 2001}),
        ("mending_hand_over", {"to": ""}),
        ("mending_hand_over", {"to": "999999"}),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_what_needs_mending_is_said_in_the_form(
    client: Client, lead: User, name: str, change: dict[str, str], htmx: bool
) -> None:
    recovery = owed(lead)
    url = reverse(name, args=[recovery.pk])
    response = client.post(url, data(name) | change, headers=HTMX if htmx else {})
    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    recovery.refresh_from_db()
    assert (recovery.state, recovery.owner) == ("open", lead)


def test_an_old_no_does_not_stand_beside_the_new_mending(client: Client, lead: User) -> None:
    recovery = make_recovery(make_customer())
    told: dict[str, Any] = {"state": "mended", "cause": named("Late"), "by": lead}
    close_recovery(recovery=recovery, what_was_done="Rang", **told)
    letter = recovery.answer.invitation.letter
    PutRight.objects.create(recovery=recovery, said="no", said_at=Now(), letter=letter)
    reopen_recovery(recovery=recovery)
    close_recovery(recovery=recovery, what_was_done="Sent a new one", **told)
    page = client.get(reverse("mending") + "?which=closed").content.decode()
    assert "Sent a new one" in page
    assert "they say that we did not" not in page
