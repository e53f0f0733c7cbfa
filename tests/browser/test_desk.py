"""The desk in a real browser: signing in, finding somebody by typing, and no barrier for anybody."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from customers.models import Customer
from customers.services.people import index_names
from portal.models import User
from tests.browser.conftest import assert_accessible
from tests.browser.screens import LOOKS
from tests.factories import make_customer, make_user
from tests.portal.worlds import give_tier, make_phone, make_recovery, make_tiers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def sign_in(page: Page, server: Any, user: User) -> None:
    """Be signed in and stand on the desk, without the two pages that lead there."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server.url}])
    page.goto(f"{server.url}/")


def sign_in_by_hand(page: Page, server: Any, user: User) -> None:
    page.goto(f"{server.url}/accounts/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill("a long test password")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{server.url}/")


def known(**fields: Any) -> Customer:
    customer = make_customer(**fields)
    index_names(customers=[customer])
    return customer


def test_sign_in_type_and_open(page: Page, live_server: Any) -> None:
    known(full_name="Customer Zephyr")
    sign_in_by_hand(page, live_server, make_user())
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("zep")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/?q=zep")
    # The new page, too, takes the focus to its field, and what is typed there takes the place of what was.
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("nobody")
    expect(page.get_by_text("Nobody here goes by “nobody”.")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("zeph")
    page.get_by_role("link", name="Customer Zephyr").click()
    expect(page.get_by_role("heading", level=1, name="Customer Zephyr")).to_be_visible()


def test_the_list_of_keys_opens_and_search_is_a_key_away(page: Page, live_server: Any) -> None:
    sign_in(page, live_server, make_user())
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("?/n")
    expect(page.get_by_role("searchbox")).to_have_value("?/n")


@LOOKS
def test_no_barrier_at_the_desk(browser: Browser, live_server: Any, scheme: Any, size: Any) -> None:
    user = make_user()
    tiers = make_tiers()
    for number in range(4):
        customer = known(full_name=f"Customer Zephyr {number}", city="Leeds", country="GB")
        make_phone(customer)
        give_tier(customer, tiers[number])
        make_recovery(customer, user, "It came late", hours=-30 if number else 30)
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    for door in ("login", "password/reset", "password/reset/done", "signup"):
        page.goto(f"{live_server.url}/accounts/{door}/")
        assert_accessible(page)
    page.get_by_role("link", name="Back to signing in").click()
    # The pages of the account open to whoever gave their password just now.
    sign_in_by_hand(page, live_server, user)
    paths = ["/", "/customers/?q=zephyr", "/customers/?q=nobody", "/pop/?phone=%2B442079460123"]
    for path in [*paths, "/pop/?phone=%2B442079460999", "/pop/?phone=12", "/keys/", "/accounts/2fa/", "/nowhere/"]:
        page.goto(live_server.url + path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()
