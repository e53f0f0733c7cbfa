"""Promising in words, handing over, and the timeline by keys, in a real browser and with no barrier."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from customers.models import Promise
from portal.models import Pin
from portal.roles import Role
from tests.browser.conftest import assert_accessible
from tests.browser.screens import LOOKS
from tests.browser.test_contact import open_customer
from tests.browser.test_desk import sign_in
from tests.factories import make_customer, make_interaction, make_order, make_user
from tests.portal.worlds import make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def test_a_promise_in_words_is_read_as_one_types_and_handed_over_in_place(page: Page, live_server: Any) -> None:
    agent, other = make_user(), make_user()
    customer = make_customer(time_zone="Asia/Tokyo")
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    page.keyboard.press("p")
    page.keyboard.type("send the lamp")
    due, understood = page.locator("#promise-due"), page.locator("#promise-understood")
    due.press_sequentially("1 january 2099 nooon")
    expect(understood).to_contain_text("We do not understand “nooon”")
    due.fill("")
    due.press_sequentially("1 january 2099 noon")
    expect(understood).to_contain_text("Thursday 1 January 2099, 12:00 in Tokyo")
    due.press("Enter")
    expect(page.locator("#said")).to_contain_text("Promised by Thursday 1 January 2099, 12:00 in Tokyo")
    page.get_by_role("link", name="Hand over: send the lamp").click()
    to = page.get_by_label("To whom?")
    expect(to).to_be_focused()
    to.select_option(str(other.pk))
    page.get_by_role("button", name="Hand it over").click()
    expect(page.locator("#said")).to_contain_text(f"{other.display_name} keeps it now")
    expect(page.locator("#speak")).to_contain_text(other.display_name)
    assert Promise.objects.get().owner == other


def test_the_timeline_by_keys_and_a_pin(page: Page, live_server: Any) -> None:
    agent, customer = make_user(), make_customer()
    for number in range(30):
        make_order(customer, description=f"Thing {number}")
    make_interaction(customer, subject="About the lamp")
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    timeline = page.locator("#timeline")
    # It follows the page, and its keys come with it.
    expect(timeline.locator("time")).to_have_count(25)
    page.keyboard.press("o")
    expect(timeline).not_to_contain_text("About the lamp")
    expect(page.locator("#timeline-title")).to_be_focused()
    page.get_by_role("link", name="Earlier").click()
    expect(timeline.locator("time")).to_have_count(30)
    page.keyboard.press("f")
    expect(timeline).to_contain_text("About the lamp")
    page.keyboard.press("t")
    expect(timeline.locator("time")).to_have_count(1)
    page.get_by_role("link", name="Pin: Phone: About the lamp").click()
    expect(page.get_by_label("Why, in a few words")).to_be_focused()
    page.keyboard.type("Ask how it is")
    page.keyboard.press("Enter")
    expect(timeline.locator(".pinned")).to_contain_text("Ask how it is")
    # After a press everything is shown again.
    expect(timeline.locator("time")).to_have_count(26)
    timeline.get_by_role("button", name="Unpin: Phone: About the lamp").click()
    expect(timeline.locator(".pinned")).to_have_count(0)
    assert Pin.objects.get().unpinned_by == agent


@LOOKS
def test_no_barriers(browser: Browser, live_server: Any, scheme: Any, size: Any) -> None:
    lead = make_user(Role.LEAD)
    customer = make_world(lead)
    Pin.objects.create(
        customer=customer, kind="order", row=customer.orders.get().pk, reason="Their first", pinned_by=lead
    )
    made = customer.promises.earliest("pk")
    for _ in range(20):
        Promise.objects.create(
            customer=make_customer(), text="x", made_at=made.made_at, due_at=made.due_at, kept_at=made.due_at
        )
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, live_server, lead)
    open_customer(page, live_server, customer)
    page.locator("#form-promise-summary").click()
    assert_accessible(page)
    for path in (
        "/promises/",
        f"/promises/{customer.promises.all()[0].pk}/",
        f"/customers/{customer.public_id}/?kind=order",
    ):
        page.goto(live_server.url + path)
        assert_accessible(page)
    context.close()
