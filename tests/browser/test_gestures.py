"""Giving by keyboard alone, asking a lead with one key, and the lead's answer; with no barrier for anybody."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from customers.models import Gesture
from feedback.models import GestureKind, GestureRequest
from portal.roles import Role
from tests.browser.conftest import assert_accessible
from tests.browser.screens import PHONE, WIDE
from tests.browser.test_contact import open_customer
from tests.browser.test_desk import sign_in
from tests.factories import make_customer, make_interaction, make_user
from tests.feedback.giving_makers import make_asked, make_given, make_giver, make_kind, make_lead
from tests.portal.worlds import make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def test_giving_asking_and_the_answer_by_keyboard_alone(browser: Browser, live_server: Any) -> None:
    GestureKind.objects.all().delete()
    make_kind()
    lead = make_lead(display_name="Lead 1")
    agent, customer = make_giver(lead=lead), make_customer()
    # A gesture that is too dear is answered with 422, which a browser notes in its console.
    page = browser.new_context(viewport=WIDE).new_page()
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    keyboard, said = page.keyboard, page.locator("#said")

    keyboard.press("g")
    expect(page.locator("#gesture-kind")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.type("For the wait")
    keyboard.press("Enter")
    expect(said).to_have_text("Given. How kind.")
    expect(page.locator("#giving")).to_contain_text("Given: Flowers: For the wait (£20.00).")
    expect(page.locator("#form-gesture-summary")).to_be_focused()

    keyboard.press("g")
    expect(page.locator("#form-gesture")).to_contain_text("You may give £30.00 more this month")
    keyboard.press("Tab")
    keyboard.type("80")
    keyboard.press("Tab")
    keyboard.type("A long wait")
    keyboard.press("Enter")
    expect(page.locator("#gesture-ask")).to_be_focused()
    expect(page.locator("#gesture-words")).to_have_value("A long wait")
    keyboard.press("Enter")
    expect(said).to_contain_text("Asked.")
    expect(page.locator("#giving")).to_contain_text("No answer yet.")
    page.context.close()

    page = browser.new_context(viewport=WIDE).new_page()
    sign_in(page, live_server, lead)
    expect(page.locator("#asks")).to_contain_text("They ask you")
    page.get_by_label("A word with it").fill("Of course")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("sees it now")).to_be_visible()
    page.context.close()
    assert set(Gesture.objects.values_list("cost", "given_by")) == {(Decimal(20), agent.pk), (Decimal(80), agent.pk)}
    assert GestureRequest.objects.get().answered_by == lead


@pytest.mark.parametrize(("size", "colours"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_no_barrier(browser: Browser, live_server: Any, size: Any, colours: Any) -> None:
    GestureKind.objects.all().delete()
    for name, cost in (("Apology by hand", 2), ("Flowers", 25), ("Upgrade", 60)):
        make_kind(name, cost)
    manager = make_user(Role.MANAGER, display_name="Manager 1")
    agent = make_giver(lead=make_lead())
    customer = make_world(agent)
    make_interaction(customer, agent=agent)
    make_asked(agent, customer=customer)
    make_given(customer)
    Gesture.objects.update(given_by=agent)
    page = browser.new_context(viewport=size, color_scheme=colours).new_page()
    sign_in(page, live_server, manager)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()
    page = browser.new_context(viewport=size, color_scheme=colours).new_page()
    sign_in(page, live_server, agent)
    assert_accessible(page)
    open_customer(page, live_server, customer)
    page.locator("#form-gesture-summary").click()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


@pytest.fixture
def context(browser: Any) -> Any:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


def test_a_leads_words_are_kept_where_the_answer_is_refused(context: BrowserContext, live_server: Any) -> None:
    GestureKind.objects.all().delete()
    lead = make_lead(per_gesture=10, per_month=10)
    make_asked(make_giver(lead=lead))
    page = context.new_page()
    sign_in(page, live_server, lead)
    page.get_by_label("A word with it").press_sequentially("Of course, and say that I am sorry")
    page.get_by_role("button", name="Yes, give").click()
    expect(page.locator("#said")).to_contain_text("more than you may give")
    page.get_by_role("button", name="Put back what you had typed").click(timeout=3000)
    expect(page.get_by_label("A word with it")).to_have_value("Of course, and say that I am sorry")
