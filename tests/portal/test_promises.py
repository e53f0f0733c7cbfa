"""Promising in words, handing over, and the page of promises: who may, what it says, and how it counts."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Customer, Promise
from portal.models import Reading, User
from portal.promises.rates import read_rates
from portal.roles import Role
from tests.factories import make_customer, make_interaction, make_touch_point, make_user
from tests.portal.worlds import give_tier, make_tiers

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
DAY = timedelta(days=1)


@pytest.fixture
def agent(client: Client) -> User:
    agent = make_user()
    client.force_login(agent)
    return agent


def promised(customer: Customer | None = None, due: timedelta = DAY, **fields: object) -> Promise:
    now = timezone.now()
    fields.setdefault("made_at", now - 20 * DAY)
    return Promise.objects.create(customer=customer or make_customer(), text="Ring back", due_at=now + due, **fields)


# --- by mistake ---


def take_back(client: Client, promise: Promise) -> str:
    url = reverse("promise_take_back", args=[promise.customer.public_id, promise.pk])
    return client.post(url, follow=True).content.decode()


def test_what_was_promised_by_mistake_is_neither_kept_nor_broken(client: Client, agent: User) -> None:
    promise = promised(owner=agent, made_at=timezone.now() - DAY / 24)
    page = reverse("contact", args=[promise.customer.public_id])
    assert 'aria-label="By mistake: Ring back"' in client.get(page).content.decode()
    assert "It does not count any more" in take_back(client, promise)
    promise.refresh_from_db()
    assert promise.is_mistaken
    assert promise.broken_at
    told = client.get(page).content.decode()
    assert "We owe them nothing" in told
    assert "promised by mistake" in client.get(f"{page}?show=timeline").content.decode()
    one = client.get(reverse("promise_one", args=[promise.pk])).content.decode()
    assert "Promised by mistake" in one
    assert "Taken back: it was promised by mistake" in one
    assert "settled already" in take_back(client, promise)
    assert promise.steps.count() == 1
    # Its time passes: nobody is asked to be sorry for it.
    Promise.objects.update(made_at=timezone.now() - 3 * DAY, due_at=timezone.now() - DAY)
    assert "We owe them nothing" in client.get(page).content.decode()
    assert read_rates().whole.due == 0
    Promise.objects.update(is_mistaken=False)
    assert "Ring back" in client.get(page).content.decode(), "the control: what we gave up is said"
    assert read_rates().whole.broken == 1


def test_a_colleagues_or_an_old_promise_is_a_leads_to_take_back(client: Client, agent: User) -> None:
    fresh = timezone.now() - DAY / 24
    others = [
        promised(owner=make_user(), made_at=fresh),
        promised(made_at=fresh),
        promised(owner=agent, made_at=timezone.now() - 25 * DAY / 24),
    ]
    for promise in others:
        assert "By mistake" not in client.get(reverse("contact", args=[promise.customer.public_id])).content.decode()
        assert "By mistake" not in client.get(reverse("promise_one", args=[promise.pk])).content.decode()
        assert "Only whoever keeps it, within a day of promising, or a lead" in take_back(client, promise)
        assert Promise.objects.open().filter(pk=promise.pk).exists()
    client.force_login(make_user(Role.LEAD))
    for promise in others:
        assert "By mistake" in client.get(reverse("promise_one", args=[promise.pk])).content.decode()
        assert "It does not count any more" in take_back(client, promise)
    assert not Promise.objects.open().exists()


def test_what_was_kept_was_no_mistake(client: Client, agent: User) -> None:
    promise = promised(owner=agent, made_at=timezone.now() - DAY / 24, kept_at=timezone.now())
    assert "settled already" in take_back(client, promise)
    promise.refresh_from_db()
    assert not promise.is_mistaken


# --- in words ---


def read(client: Client, customer: Customer, due: str) -> str:
    response = client.get(reverse("promise_read", args=[customer.public_id]), {"due": due}, headers=HTMX)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    return " ".join(response.content.decode().split())


def test_it_says_at_once_what_it_understood_by_both_clocks(client: Client, agent: User, settings: object) -> None:
    settings.TIME_ZONE = "Europe/Paris"  # type: ignore[attr-defined]
    lisbon = make_customer(time_zone="Europe/Lisbon")
    assert "Thursday 1 January 2099, 12:00 in Lisbon, 13:00 here" in read(client, lisbon, "1 January 2099 noon")
    assert "Friday 2 January 2099, 01:00 in Tokyo, Thursday 17:00 here" in read(
        client, make_customer(time_zone="Asia/Tokyo"), "1 January 2099 17:00 our time"
    )
    # Nobody has said where they are, or what was said is nowhere: then the house's clock is meant, and no other named.
    for zone in ("UTC", "Nowhere/Atall"):
        assert ">Thursday 1 January 2099, 12:00<" in read(client, make_customer(time_zone=zone), "1/1/2099 noon")
    assert "We do not understand “soonish”" in read(client, lisbon, "soonish")
    assert "Which one is it?" in read(client, lisbon, "3/4/2099")
    assert "&lt;b&gt;" in read(client, lisbon, "<b>")
    assert read(client, lisbon, " ") == ""
    assert not Promise.objects.exists()


def test_who_may_ask_what_is_understood(client: Client) -> None:
    door = reverse("promise_read", args=[make_customer().public_id])
    assert client.get(door)["Location"].startswith(reverse("account_login"))
    client.force_login(make_user(Role.ANALYST))
    assert client.get(door).status_code == 403
    client.force_login(make_user())
    assert client.post(door).status_code == 405
    assert client.get(reverse("promise_read", args=["00000000-0000-4000-8000-000000000000"])).status_code == 404


def test_what_may_mean_two_days_is_asked_and_picking_one_answers(client: Client, agent: User) -> None:
    customer = make_customer()
    data = {"text": "Send it", "due": "3/4/2099 at 9:30"}
    html = client.post(reverse("promise_make", args=[customer.public_id]), data).content.decode()
    assert "That may be Wednesday 4 March 2099, 09:30 or Friday 3 April 2099, 09:30" in html
    assert 'value="2099-04-03T09:30"' in html
    assert not Promise.objects.exists()
    client.post(reverse("promise_make", args=[customer.public_id]), data | {"when": "2099-04-03T09:30"})
    assert f"{Promise.objects.get().due_at:%Y-%m-%d %H:%M}" == "2099-04-03 09:30"


def test_it_is_mine_and_where_we_talk_unless_something_else_is_said(client: Client, agent: User) -> None:
    customer, other, place = make_customer(), make_user(), make_touch_point("delivery")
    door, talk = reverse("promise_make", args=[customer.public_id]), make_interaction(customer, agent=agent)
    client.post(door, {"text": "One", "due": "tomorrow noon"})
    client.post(door, {"text": "Two", "due": "tomorrow noon", "owner": str(other.pk), "touch_point": place.slug})
    one, two = Promise.objects.order_by("pk")
    assert (one.owner, one.touch_point, one.interaction) == (agent, talk.touch_point, talk)
    assert (two.owner, two.touch_point, two.interaction) == (other, place, talk)
    wrong = {"text": "Three", "due": "tomorrow noon", "owner": str(make_user(Role.ANALYST).pk)}
    assert client.post(door, wrong).status_code == 422


# --- handing over ---


@pytest.mark.parametrize("origin", ["contact", "desk", "promises", "elsewhere"])
def test_it_is_handed_over_from_where_one_stands(client: Client, agent: User, origin: str) -> None:
    other = make_user(Role.LEAD)
    promise = promised(owner=agent)
    page = client.get(reverse("promise_one", args=[promise.pk]) + f"?from={origin}").content.decode()
    assert f'value="{other.pk}"' in page
    assert f'<option value="{agent.pk}"' not in page
    door = reverse("promise_hand_over", args=[promise.pk]) + f"?from={origin}"
    assert client.post(door, {"to": ""}).status_code == 422
    for said in (f"{other.display_name} keeps it now", "It is with"):
        assert said in client.post(door, {"to": str(other.pk), "words": "I am away"}, follow=True).content.decode()
    story = client.get(reverse("promise_one", args=[promise.pk])).content.decode()
    assert story.index("Handed over") < story.index("I am away")
    assert set(Reading.objects.values_list("user_id", "customer_id")) == {(agent.pk, promise.customer_id)}
    assert promise.steps.count() == 1


def test_with_script_it_happens_on_the_customers_page(client: Client, agent: User) -> None:
    promise, other = promised(owner=agent), make_user()
    html = client.get(reverse("contact", args=[promise.customer.public_id])).content.decode()
    door = reverse("promise_one", args=[promise.pk]) + "?from=contact"
    assert f'hx-get="{door}"' in html
    form = client.get(door, headers=HTMX).content.decode()
    assert "<html" not in form
    url = reverse("promise_hand_over", args=[promise.pk]) + "?from=contact"
    assert f'hx-post="{url}"' in form
    assert "errorlist" in client.post(url, {"to": "x"}, headers=HTMX).content.decode()
    done = client.post(url, {"to": str(other.pk)}, headers=HTMX).content.decode()
    assert 'id="speak" hx-swap-oob="true"' in done
    assert f"{other.display_name} keeps it now" in done


def test_who_may_hand_over_and_what_is_not_there(client: Client) -> None:
    agent = make_user()
    promise = promised(owner=agent)
    door = reverse("promise_hand_over", args=[promise.pk])
    assert client.post(door)["Location"].startswith(reverse("account_login"))
    client.force_login(make_user(Role.ANALYST))
    assert client.post(door, {"to": str(agent.pk)}).status_code == 403
    page = client.get(reverse("promise_one", args=[promise.pk])).content.decode()
    assert "<form" not in page[page.index("<main") : page.index("</main>")]
    client.force_login(agent)
    assert client.get(door).status_code == 405
    for name in ("promise_one", "promise_hand_over"):
        for pk in (0, 10**30):
            url = reverse(name, args=[pk])
            assert (client.get(url) if name == "promise_one" else client.post(url)).status_code == 404
    Promise.objects.update(kept_at=timezone.now())
    assert "settled already" in client.post(door, {"to": str(agent.pk)}, follow=True).content.decode()
    assert not promise.steps.exists()


def test_the_desk_leads_to_it(client: Client, agent: User) -> None:
    promise = promised(owner=agent, due=timedelta(hours=2))
    assert reverse("promise_one", args=[promise.pk]) in client.get(reverse("desk")).content.decode()


# --- the page ---


@pytest.mark.parametrize("role", Role.values)
def test_who_may_see_the_page_and_take_it_home(client: Client, role: str) -> None:
    client.force_login(make_user(role))
    sees = role in (Role.LEAD, Role.MANAGER, Role.ANALYST, Role.ADMINISTRATOR)
    takes = sees and role != Role.LEAD
    assert client.get(reverse("promises")).status_code == (200 if sees else 403)
    assert client.get(reverse("promises_file")).status_code == (200 if takes else 403)
    assert client.post(reverse("promises")).status_code == 405 or not sees
    if sees:
        assert (f'href="{reverse("promises")}"' in client.get(reverse("desk")).content.decode()) is True


def test_what_is_late_and_due_stands_by_owner(client: Client) -> None:
    client.force_login(make_user(Role.LEAD))
    one, two = make_user(display_name="Colleague One"), make_user(display_name="Colleague Two")
    late = promised(make_customer(full_name="Waiting Long"), due=-DAY, owner=one)
    promised(make_customer(full_name="Has Time"), due=3 * DAY, owner=two)
    promised(make_customer(full_name="Belongs Nowhere"), due=3 * DAY)
    html = client.get(reverse("promises")).content.decode()
    assert "3 open, <b" in html
    assert html.index("Colleague One") < html.index("Waiting Long") < html.index("Due later") < html.index("Has Time")
    assert "Too few to say: 1 promise fell due" in html
    for query, shown in (("which=late", {"Waiting Long"}), (f"owner={two.pk}", {"Has Time"})):
        found = client.get(reverse("promises") + f"?{query}").content.decode()
        assert {name for name in ("Waiting Long", "Has Time", "Belongs Nowhere") if name in found} == shown
    assert "Belongs Nowhere" in client.get(reverse("promises") + "?owner=nobody").content.decode()
    assert "Waiting Long" in client.get(reverse("promises") + "?owner=%00&which=x").content.decode()
    assert reverse("promise_one", args=[late.pk]) in html


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_takes_seven_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    client.force_login(make_user(Role.LEAD))
    for _ in range(many):
        promised(owner=make_user(), touch_point=make_touch_point())
        promised(due=-DAY, owner=make_user())
    with django_assert_num_queries(7):
        client.get(reverse("promises"))


def test_the_rate_is_by_where_it_was_made_and_by_the_tier_then() -> None:
    tiers, place = make_tiers(), make_touch_point("delivery")
    now = timezone.now()
    early, now_higher = make_customer(), make_customer()
    give_tier(early, tiers[0], days=300)
    standing = give_tier(now_higher, tiers[0], days=300)
    standing.valid_until = now - 10 * DAY
    standing.save()
    give_tier(now_higher, tiers[2], tiers[0], days=10)
    talk = make_interaction(early, touch_point=place)
    for number in range(15):
        promised(early, due=-DAY, kept_at=now - 2 * DAY, interaction=talk)
        made = now - (20 if number < 9 else 5) * DAY
        promised(now_higher, due=-DAY, touch_point=place, made_at=made, kept_at=now if number % 3 else None)
    promised(now_higher, due=-DAY, broken_at=now)
    promised(now_higher, due=DAY, kept_at=now)
    promised(now_higher, due=-400 * DAY, made_at=now - 500 * DAY, kept_at=now - 450 * DAY)
    rates = read_rates()
    assert (rates.whole.due, rates.whole.kept, rates.whole.late) == (31, 15, 10)
    assert (rates.whole.broken, rates.whole.open) == (1, 5)
    by_place, by_tier = rates.groups
    assert [(row.name, row.due, row.kept) for row in by_place.rows] == [
        ("Delivery", 30, 15),
        ("Nowhere in particular", 1, 0),
    ]
    assert [(row.name, row.due) for row in by_tier.rows] == [(tiers[2].name, 6), (tiers[0].name, 25)]
    few, enough = by_tier.rows
    assert few.rate is None
    assert enough.rate
    assert (enough.percent, enough.interval) == ("60.0 %", "40.7 to 76.6 %")
    assert round(enough.rate.low, 3) == 0.407
    assert round(enough.rate.high, 3) == 0.766


def test_the_file_has_the_counts_and_no_formulas(client: Client) -> None:
    client.force_login(make_user(Role.MANAGER))
    place = make_touch_point("bill")
    type(place).objects.filter(pk=place.pk).update(name="=cmd()")
    for _ in range(20):
        promised(due=-DAY, touch_point=place, kept_at=timezone.now() - 2 * DAY)
    response = client.get(reverse("promises_file"))
    assert "attachment" in response["Content-Disposition"]
    rows = list(csv.reader(StringIO(response.content.decode().removeprefix("\ufeff"))))
    assert rows[1] == ["All", "All", "20", "20", "0", "0", "0", "1.0000", "0.8389", "1.0000", "yes"]
    assert rows[2][1] == "'=cmd()"
    assert rows[3][1] == "No tier yet"
