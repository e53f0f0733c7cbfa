"""One person in two roles, in a real browser: one key leads to the other, and nothing is in the way."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from customers.services.people import add_customer
from customers.services.relationships import note_relationship
from customers.services.selves import add_self
from tests.browser.conftest import assert_accessible
from tests.browser.test_contact import open_customer
from tests.browser.test_desk import sign_in
from tests.factories import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def test_one_key_leads_to_the_other_role_and_back(page: Page, live_server: Any) -> None:
    one, _ = add_customer(full_name="Customer One")
    add_self(customer=one, capacity="firm", firm="Firm X")
    other, _ = add_customer(full_name="Customer Two")
    note_relationship(customer=one, other=other, kind="household")
    sign_in(page, live_server, make_user())
    open_customer(page, live_server, one)
    assert_accessible(page)
    role = page.locator(".role")
    for words in ("Calling as buyer for Firm X", "Calling for themselves"):
        page.keyboard.press("s")
        expect(role).to_have_text(words)
    page.get_by_role("link", name="Ties: roles and relationships").click()
    page.fill("#q", "customer two")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Customer Two").last.click()
    expect(page.get_by_role("button", name="It is the same person")).to_be_visible()
    assert_accessible(page)
