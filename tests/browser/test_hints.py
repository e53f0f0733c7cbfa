"""Hints in a real browser: by single keys, on the hint where one is, and with no barrier."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from customers.models import Customer, Preference
from portal.models import HintRule, HintShown, User
from portal.roles import Role
from tests.browser.conftest import assert_accessible
from tests.browser.screens import LOOKS, PHONE
from tests.browser.test_contact import open_customer
from tests.browser.test_desk import sign_in
from tests.factories import make_customer, make_interaction, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def make_scene() -> tuple[User, Customer]:
    """A colleague in a contact with somebody of whom four things are known, three of them shown at a time."""
    agent, customer = make_user(), make_customer()
    HintRule.objects.update_or_create(kind="preference", defaults={"most": 3})
    for text in ("One", "Two", "Three", "Four"):
        Preference.objects.create(customer=customer, text=f"{text} thing")
    make_interaction(customer, agent=agent)
    return agent, customer


def test_a_key_belongs_to_the_hint_where_one_is_or_else_to_the_first(page: Page, live_server: Any) -> None:
    agent, customer = make_scene()
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    hints, said, keyboard = page.locator("#hints li[data-keys-here]"), page.locator("#said"), page.keyboard
    keyboard.press("5")
    expect(page.locator("#hints-title")).to_be_focused()
    expect(hints.first).to_contain_text("Four thing")
    keyboard.press("u")
    expect(said).to_have_text("Noted: you made use of it.")
    expect(page.locator("#hints-title")).to_be_focused()
    expect(hints).to_have_count(3)
    expect(hints.first).to_contain_text("Three thing")

    page.get_by_role("button", name="Used: Two thing").focus()
    keyboard.press("w")
    expect(said).to_contain_text("It will not be shown for them again.")
    keyboard.press("r")
    expect(said).to_have_text("Noted: not relevant this time.")
    expect(hints).to_have_count(1)
    outcomes = dict(HintShown.objects.values_list("text", "outcome"))
    assert outcomes == {"Four thing": "used", "Two thing": "wrong", "Three thing": "not_relevant", "One thing": ""}

    page.get_by_text("3 said something of").click()
    page.get_by_role("button", name="Take it back: Two thing").click()
    expect(said).to_have_text("Taken back.")
    expect(hints).to_have_count(2)


def test_without_script_or_keys(browser: Browser, live_server: Any) -> None:
    agent, customer = make_scene()
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    page.get_by_role("button", name="Not relevant: Four thing").click()
    expect(page.locator("#said")).to_contain_text("Noted: not relevant this time.")
    context.close()
    assert HintShown.objects.get(text="Four thing").outcome == "not_relevant"


@LOOKS
def test_no_barrier(browser: Browser, live_server: Any, scheme: Any, size: Any) -> None:
    agent, customer = make_scene()
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text("Noted")
    page.locator(".settled summary").click()
    assert_accessible(page)
    User.objects.filter(pk=agent.pk).update(role=Role.MANAGER)
    page.goto(f"{live_server.url}/hints/")
    page.locator(".how summary").click()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
