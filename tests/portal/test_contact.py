"""The contact view: what is on it, for whom, and at what cost."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Customer, Letter, Preference
from feedback.models import Invitation
from portal.contact.timeline import PAGE, Cursor
from portal.models import Reading, User
from portal.roles import Role
from tests.chance import without_chance
from tests.factories import make_customer, make_interaction, make_order, make_touch_point, make_user
from tests.portal.worlds import add_history, give_tier, make_phone, make_tiers, make_world
from tiers.models import Measures

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
# Without it the timeline follows the page in a request of its own.
WHOLE = "?show=timeline"


def url(customer: Customer) -> str:
    return reverse("contact", args=[customer.public_id])


def look(client: Client, user: User, customer: Customer, query: str = "") -> str:
    client.force_login(user)
    response = client.get(url(customer) + query)
    assert response.status_code == 200
    return response.content.decode()


def test_says_who_it_is_and_what_we_owe_in_that_order(client: Client) -> None:
    agent = make_user()
    customer = make_world(agent)
    html = look(client, agent, customer, WHOLE)
    order = ["Mx One", "House guest", "Before you speak", "Late 0", "Not good 0", "Went wrong 0", "Coming 0"]
    order += ["No news or offers", "Open matter", "What they like", "A direct line", "What has happened"]
    places = [html.index(text) for text in order]
    assert places == sorted(places)


def test_a_customer_with_nothing_is_shown_kindly(client: Client) -> None:
    html = look(client, make_user(), make_customer(), WHOLE)
    assert "We owe them nothing" in html
    assert "Nothing noted yet" in html
    assert "This is where it begins" in html


def test_reading_leaves_a_line_in_the_trail(client: Client) -> None:
    agent, customer = make_user(), make_customer()
    look(client, agent, customer)
    reading = Reading.objects.get()
    assert (reading.user_id, reading.customer_id, reading.door) == (agent.pk, customer.pk, "contact_view")


@pytest.mark.parametrize("many", [1, 3])
def test_four_queries_whatever_the_history(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    agent = make_user()
    customer = make_world(agent)
    add_history(customer, agent, many)
    for slug in ("phone-desk", "delivery", "website")[:many]:
        make_touch_point(slug)
    make_interaction(customer, agent=agent)
    client.force_login(agent)
    # The fourth keeps the hints that are new on the page of an open contact; a second look has none.
    with django_assert_num_queries(4):
        client.get(url(customer))
    with django_assert_num_queries(3):
        client.get(url(customer))


def test_the_timeline_of_three_hundred_orders_follows_in_five_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    agent = make_user()
    customer = make_world(agent)
    for _ in range(300):
        make_order(customer)
    client.force_login(agent)
    with django_assert_num_queries(3):
        page = client.get(url(customer)).content.decode()
    assert f'hx-get="{url(customer)}{WHOLE}" hx-trigger="load"' in page
    assert "<time " not in page
    with django_assert_num_queries(5):
        html = client.get(url(customer) + WHOLE, headers=HTMX).content.decode()
    assert html.count("<time ") == PAGE
    assert Reading.objects.count() == 1, "the page and what follows it are one look"
    # Without script the link to it leads to the page with it.
    with django_assert_num_queries(4):
        assert client.get(url(customer) + WHOLE).content.decode().count("<time ") == PAGE


def test_a_timeline_that_follows_nothing_is_a_look(client: Client) -> None:
    agent, customer = make_user(), make_customer()
    client.force_login(agent)
    response = client.get(url(customer) + WHOLE, headers=HTMX)
    assert "HX-Trigger-After-Settle" not in response, "nobody asked for it, so the focus stays where it is"
    assert Reading.objects.get().user_id == agent.pk


def test_the_frame_is_everybodys_own(client: Client) -> None:
    customer = make_customer(full_name="Customer & Sons")
    one, two = make_user(display_name="Agent <One>"), make_user(display_name="Agent Two", has_keys=False)
    seen = {agent: look(client, agent, customer) for agent in (one, two)}
    seen |= {agent: look(client, agent, customer, "?match=phone") for agent in (two, one)}
    assert "<title>Customer &amp; Sons · " in seen[one]
    for agent, other, name in ((one, two, "Agent &lt;One&gt;"), (two, one, "Agent Two")):
        assert f'<li class="me-who">{name}<small>' in seen[agent]
        assert f'data-user="{agent.pk}"' in seen[agent]
        assert f'data-user="{other.pk}"' not in seen[agent]
        assert "\ue000" not in seen[agent]
        assert 'value="/customers/' in seen[agent] or not agent.has_keys
    assert " data-keys>" in seen[one]
    assert " data-keys>" not in seen[two]
    secrets = {
        agent: set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)) for agent, html in seen.items()
    }
    assert [len(found) for found in secrets.values()] == [1, 1], "each page has one secret, in all of its forms"
    assert secrets[one] != secrets[two]


def test_a_message_is_said_once_around_a_contact(client: Client) -> None:
    agent, customer = make_user(), make_customer()
    client.force_login(agent)
    said = {"channel": "phone", "touch_point": make_touch_point("phone-desk").slug, "press": str(uuid4())}
    client.post(reverse("interaction_open", args=[customer.public_id]), said)
    message = "The contact is open."
    assert message in client.get(url(customer)).content.decode()
    assert message not in client.get(url(customer)).content.decode()


def test_the_timeline_goes_back_a_page_at_a_time_and_leaves_nothing_out(client: Client) -> None:
    agent = make_user()
    customer = make_customer()
    at = make_order(customer, description="Order zero").placed_at
    for number in range(1, 2 * PAGE + 5):
        # All at one moment: only the kind and the number keep them apart.
        make_order(customer, placed_at=at, description=f"Order {number} of many")
        make_interaction(customer, opened_at=at, closed_at=at, subject=f"Talk {number} of many")
    html, seen = look(client, agent, customer, WHOLE), set()
    for _ in range(10):
        seen |= set(re.findall(r"(?:Order|Talk) \d+ of many", html))
        earlier = re.search(r'hx-get="[^"?]+(\?before=[^"]+)"', html)
        if earlier is None:
            break
        html = client.get(url(customer) + earlier[1], headers=HTMX).content.decode()
        assert "<html" not in html
    assert len(seen) == 2 * (2 * PAGE + 4)


def test_earlier_entries_without_script_are_a_page(client: Client) -> None:
    agent, customer = make_user(), make_customer()
    for _ in range(PAGE + 2):
        make_order(customer)
    earlier = re.search(r'href="[^"?]+(\?before=[^"#]+)#', look(client, agent, customer, WHOLE))
    assert earlier
    html = look(client, agent, customer, earlier[1])
    assert html.count("<time ") == 2
    assert "Back to the latest" in html


@pytest.mark.parametrize("before", ["rubbish", "20260101T000000.0-99-1", "20260101T000000.0-1--1", "%00", "1-1-1"])
def test_a_broken_link_to_earlier_entries_says_so(client: Client, before: str) -> None:
    client.force_login(make_user())
    response = client.get(url(make_customer()) + f"?before={before}")
    assert response.status_code == 400
    assert "Open the customer again" in response.content.decode()


def test_a_cursor_reads_back_as_it_was_written() -> None:
    at = make_order(make_customer()).placed_at
    assert Cursor.read(str(Cursor(at, 3, 12))) == Cursor(at, 3, 12)


@pytest.mark.parametrize(
    "path", ["rubbish", "3869de38-9bfc-4729-b993-ac938e694fc8", "00000000-0000-0000-0000-00000000000g"]
)
def test_who_does_not_exist_is_not_here(client: Client, path: str) -> None:
    client.force_login(make_user())
    assert client.get(f"/customers/{path}/").status_code == 404
    assert not Reading.objects.exists()


def test_names_and_notes_are_escaped(client: Client) -> None:
    bad = "<script>alert(1)</script>"
    agent = make_user(display_name=bad)
    customer = make_customer(full_name=bad, known_as=bad, say_as=bad, pronouns=bad[:40], city=bad)
    Preference.objects.create(customer=customer, text=bad, noted_by=agent)
    make_order(customer, description=bad)
    html = look(client, agent, customer, WHOLE)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_match_is_said_only_where_the_phone_system_brought_us(client: Client) -> None:
    agent, customer = make_user(), make_customer()
    assert "certain match" not in look(client, agent, customer)
    assert "Calling now · certain match" in look(client, agent, customer, "?match=phone")
    assert "Writing now · certain match" in look(client, agent, customer, "?match=email")
    assert "certain match" not in look(client, agent, customer, "?match=%3Cb%3E")


def test_the_policy_for_scripts_is_strict_and_nothing_stays_in_a_cache(client: Client) -> None:
    client.force_login(make_user())
    response = client.get(url(make_customer()))
    assert "script-src 'self';" in response["Content-Security-Policy"] + ";"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    assert "HX-Request" in response["Vary"]
    html = response.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"\s(style|on\w+|hx-on\S*)=", html)


# --- the canary: what each role may not see is nowhere on the page ---------------------------------

_SECRETS = {
    "money": "7,777.77",
    "margin": "1,204",
    "phone": "946 0188",
    "email": "canary@mail.example",
    "letter": "Canary letter",
}
_SEES = {
    Role.AGENT: {"money", "phone", "email", "letter"},
    Role.LEAD: {"money", "margin", "phone", "email", "letter"},
    Role.MANAGER: {"money", "margin", "phone", "email", "letter"},
    Role.ANALYST: {"money", "margin"},
    Role.ADMINISTRATOR: {"money", "margin", "phone", "email", "letter"},
}


@pytest.mark.parametrize("role", _SEES)
def test_no_role_sees_more_than_it_may(client: Client, role: Role) -> None:
    customer = make_customer()
    standing = give_tier(customer, make_tiers()[2])
    Measures.objects.create(customer=customer, margin="1204.00", orders=12, as_of=standing.valid_from.date())
    make_order(customer, "7777.77", margin="6666.66")
    make_phone(customer, "+442079460188")
    customer.contact_points.create(kind="email", value=_SECRETS["email"], normalised=_SECRETS["email"])
    Letter.objects.create(
        customer=customer, kind="k", subject_key="1", to_address="to@mail.example", subject="Canary letter", text="t"
    )
    html = without_chance(look(client, make_user(role), customer, WHOLE))
    seen = {name for name, text in _SECRETS.items() if text in html}
    assert seen == _SEES[role]
    for hidden in ("6666.66", "6,666", "to@mail.example"):
        assert hidden not in html


def test_money_is_hidden_without_the_permission(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    agent, customer = make_user(), make_customer()
    make_order(customer, "7777.77")
    from portal import roles

    less = roles.PERMISSIONS | {Role.AGENT: roles.PERMISSIONS[Role.AGENT] - {"customers.view_money"}}
    monkeypatch.setattr(roles, "PERMISSIONS", less)
    html = without_chance(look(client, agent, customer, WHOLE))
    assert "7,777" not in html
    assert "7777" not in html
    assert "Order " in html


def test_who_may_only_look_is_offered_nothing_to_write(client: Client) -> None:
    html = look(client, make_user(Role.ANALYST), make_world(), WHOLE)
    main = html[html.index("<main") : html.index("</main>")]
    assert "<form" not in main


def test_the_timeline_says_why_somebody_was_not_asked(client: Client) -> None:
    customer = make_customer()
    now = timezone.now()
    talk = make_interaction(customer, subject="The lamp", opened_at=now, closed_at=now)
    Invitation.objects.create(interaction=talk, customer=customer, not_asked="incident")
    assert "Not asked how it was: something is still wrong" in look(client, make_user(), customer, WHOLE)
    Invitation.objects.update(not_asked="", waits_for="incident", look_again_at=now)
    assert "Not asked yet: that waits until what went wrong is put right" in look(client, make_user(), customer, WHOLE)
