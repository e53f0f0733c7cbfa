"""Somebody is on the line: a real EventSource in a real browser, under the web server that a house runs."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from customers.models import Customer
from portal.models import Pop
from tests.browser.conftest import assert_accessible
from tests.browser.screens import LOOKS, WIDE
from tests.browser.test_contact import open_customer
from tests.browser.test_desk import known, sign_in
from tests.conftest import Serves, eventually
from tests.factories import make_customer, make_order, make_touch_point, make_user
from tests.portal.known import with_token
from tests.portal.worlds import PHONE, give_tier, make_phone, make_tiers, ring

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def caller(name: str, number: str = PHONE) -> Customer:
    customer = known(full_name=name)
    make_phone(customer, number)
    return customer


def card(page: Page, name: str) -> Any:
    return page.get_by_role("article", name=name)


def test_a_call_arrives_and_is_answered_by_a_key(serve: Serves, page: Page) -> None:
    site, agent, customer = serve(), make_user(), caller("Customer Zephyr")
    give_tier(customer, make_tiers()[3])
    client = Client()
    client.force_login(agent)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site.url}])
    page.goto(site.url)
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("half a na")
    said = {"source": "s", "external_id": "1", "agent": agent.email, "phone": "020 7946 0123", "waited_seconds": 125}
    assert with_token().post("/api/v1/pops/", said).status_code == 201
    expect(card(page, "Customer Zephyr")).to_be_visible()
    # Announced, and nobody's focus is taken: what is being typed goes on.
    expect(page.locator("#pops-said")).to_contain_text("Calling now · certain match, Customer Zephyr, Family")
    expect(page.locator("#pops-said")).to_contain_text("Press A to answer.")
    page.keyboard.type("ax")
    expect(page.get_by_role("searchbox")).to_have_value("half a naax")
    # It stands on the next page, and after a reload, and is not announced again.
    for _ in range(2):
        page.goto(f"{site.url}/keys/")
        expect(card(page, "Customer Zephyr")).to_be_visible()
        expect(page.locator("#pops-said")).to_have_text("")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", level=1, name="Customer Zephyr")).to_be_visible()
    expect(page.get_by_text("Calling now · certain match")).to_be_visible()
    expect(page.locator("#pops article")).to_have_count(0)
    assert Pop.objects.get().opened_at is not None


def test_several_stand_and_each_is_dismissed_by_a_key(page: Page, live_server: Any) -> None:
    agent = make_user()
    caller("Customer One", "+442079460111")
    sign_in(page, live_server, agent)
    other = page.context.new_page()
    other.goto(f"{live_server.url}/keys/")
    page.bring_to_front()
    page.goto(f"{live_server.url}/keys/")
    ring(agent, "1", value="+442079460111")
    expect(card(page, "Customer One")).to_be_visible()
    ring(agent, "2", value="+442079460999")
    ring(agent, "3", value="+442079460998")
    expect(page.locator("#pops article")).to_have_count(3)
    expect(page.locator("#pops article").last).to_contain_text("Customer One")
    page.keyboard.press("x")
    expect(page.locator("#pops article")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator("#pops article")).to_have_count(1)
    # The other page of the same browser hears of it without a line of its own.
    expect(other.locator("#pops article")).to_have_count(1)
    page.get_by_role("button", name="Dismiss").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#pops article")).to_have_count(0)
    expect(page.locator("main")).to_be_focused()
    assert Pop.objects.filter(dismissed_at=None).count() == 0
    # The page that kept the line goes: the other one takes it over.
    page.close()
    ring(agent, "4")
    expect(other.locator("#pops article")).to_have_count(1)
    other.close()


def test_what_is_dismissed_does_not_come_back_with_late_words(page: Page, live_server: Any) -> None:
    """What the house said before it knew of a press arrives after it."""
    agent, late = make_user(), []
    sign_in(page, live_server, agent)
    page.goto(f"{live_server.url}/keys/")
    for number in range(3):
        ring(agent, str(number), value=f"+44207946099{number}")
    expect(page.locator("#pops article")).to_have_count(3)
    page.route("**/pops/standing/", lambda route: late.append((route, route.fetch())))
    for left in (2, 1):
        page.keyboard.press("x")
        expect(page.locator("#pops article")).to_have_count(left)
        while len(late) < 3 - left:
            page.wait_for_timeout(20)
    route, answer = late[0]
    assert len(answer.json()["ids"]) == 2
    with page.expect_response("**/pops/standing/"):
        route.fulfill(response=answer)
    page.wait_for_timeout(200)
    expect(page.locator("#pops article")).to_have_count(1)
    late[1][0].fulfill(response=late[1][1])
    page.unroute_all()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator("#pops article")).to_have_count(0)


def test_whoever_has_the_customer_open_stays_there_with_what_they_write(page: Page, live_server: Any) -> None:
    agent, customer = make_user(), caller("Customer Zephyr")
    sign_in(page, live_server, agent)
    page.goto(f"{live_server.url}/customers/{customer.public_id}/")
    expect(page.get_by_text("Calling now")).to_have_count(0)
    page.keyboard.press("n")
    page.keyboard.type("Likes tea")
    ring(agent, "1")
    expect(card(page, "Customer Zephyr")).to_be_visible()
    expect(page.locator("#calling")).to_have_text("Calling now · certain match")
    card(page, "Customer Zephyr").get_by_role("button", name="Answer").click()
    expect(page.locator("#pops article")).to_have_count(0)
    expect(page.locator("#calling")).to_be_visible()
    expect(page.locator("details.act[open] textarea, details.act[open] input[type=text]").first).to_have_value(
        "Likes tea"
    )
    eventually(lambda: Pop.objects.get().opened_at)


def test_what_the_phone_system_opened_is_the_customers_page_from_then_on(page: Page, live_server: Any) -> None:
    agent, customer = make_user(), caller("Customer Zephyr")
    make_order(customer, description="A lamp")
    sign_in(page, live_server, agent)
    page.goto(f"{live_server.url}/pop/?phone=%2B{PHONE[1:]}")
    expect(page.get_by_role("heading", level=1, name="Customer Zephyr")).to_be_visible()
    address = f"{live_server.url}/customers/{customer.public_id}/?match=phone"
    expect(page).to_have_url(address)
    expect(page.locator("#timeline")).to_contain_text("A lamp")
    page.keyboard.press("n")
    page.keyboard.type("Likes tea")
    page.reload()
    expect(page.get_by_text("Calling now · certain match")).to_be_visible()
    expect(page.get_by_text("Put back what you had typed")).to_be_visible()
    assert page.evaluate("history.length") <= 3, "there is no way back to the number"


def test_one_of_several_is_picked_by_one_key(page: Page, live_server: Any) -> None:
    agent = make_user()
    caller("Customer One")
    two = caller("Customer Two")
    sign_in(page, live_server, agent)
    page.goto(f"{live_server.url}/keys/")
    pop = ring(agent, "1")
    expect(card(page, "Ask for the name")).to_contain_text("one of 2")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", level=1, name="It may be one of these")).to_be_visible()
    page.keyboard.press("2")
    expect(page.get_by_role("heading", level=1, name="Customer Two")).to_be_visible()
    expect(page.get_by_text("Calling now · as you chose")).to_be_visible()
    pop.refresh_from_db()
    assert pop.customer == two


@pytest.fixture
def lenient(browser: Browser) -> Iterator[BrowserContext]:
    """A browser whose complaints are expected: it is refused."""
    context = browser.new_context(viewport=WIDE)
    yield context
    context.close()


def test_a_desk_that_finds_no_room_asks_by_itself(lenient: BrowserContext, live_server: Any, settings: Any) -> None:
    settings.POP_STREAMS = 0
    agent, page = make_user(), lenient.new_page()
    sign_in(page, live_server, agent)
    ring(agent, "1")
    expect(card(page, "Somebody new")).to_be_visible(timeout=20_000)
    page.context.clear_cookies()
    expect(card(page, "Somebody new")).to_have_count(0, timeout=20_000)


def test_without_script_it_stands_on_the_desk(browser: Browser, live_server: Any) -> None:
    agent = make_user()
    caller("Customer Zephyr")
    context = browser.new_context(viewport=WIDE, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, agent)
    ring(agent, "1")
    page.goto(f"{live_server.url}/")
    card(page, "Customer Zephyr").get_by_role("button", name="Answer").click()
    expect(page.get_by_role("heading", level=1, name="Customer Zephyr")).to_be_visible()
    context.close()


@LOOKS
def test_no_barrier_on_the_line(browser: Browser, live_server: Any, scheme: Any, size: Any) -> None:
    agent, tiers = make_user(), make_tiers()
    for number in range(3):
        give_tier(caller(f"Customer Zephyr {number}"), tiers[number])
    give_tier(caller("Customer with a rather long name, and more of it", "+442079460111"), tiers[3])
    make_touch_point()
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, live_server, agent)
    for external_id, line in (("1", PHONE), ("2", "+442079460999"), ("3", "+442079460111")):
        ring(agent, external_id, value=line)
    paths = ["/", "/pop/?phone=%2B442079460123&q=zephyr", "/pop/?phone=%2B442079460999&q=zephyr"]
    for path in paths:
        page.goto(live_server.url + path)
        expect(page.locator("#pops article")).to_have_count(3)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()


@pytest.fixture
def context(browser: Any) -> Any:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


@pytest.mark.parametrize("opened", ["#form-note-summary", "details.me > summary"])
def test_escape_that_closes_something_leaves_the_call(context: BrowserContext, live_server: Any, opened: str) -> None:
    page, agent, customer = context.new_page(), make_user(), make_customer()
    caller("Customer Zephyr")
    ring(agent)
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    expect(page.locator("#pops article")).to_have_count(1)
    page.locator(opened).click()
    page.keyboard.press("Escape")
    page.wait_for_timeout(800)
    assert Pop.objects.standing().count() == 1
