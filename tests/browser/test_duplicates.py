"""Duplicates in a real browser: calm to look at, by keyboard alone, on a phone too."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from customers.models import Duplicate, Merge
from customers.services.merges import merge_customers
from portal.roles import Role
from tests.browser.conftest import assert_accessible
from tests.browser.screens import PHONE, WIDE
from tests.browser.test_desk import sign_in
from tests.factories import make_customer, make_email, make_order, make_user
from tests.portal.worlds import give_tier, make_phone, make_tiers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
# Where to put pictures for somebody who wants to look.
PICTURES = os.environ.get("PICTURES")


@pytest.fixture
def pair() -> Duplicate:
    """Two who share a phone and nearly a name, and two who were merged."""
    tiers = make_tiers()
    one = make_customer(full_name="Customer Onesmith", city="Leeds", country="GB", known_as="Mx One")
    other = make_customer(full_name="Custumer Onesmith", city="York", country="GB", time_zone="Europe/London")
    for who, tier in ((one, tiers[2]), (other, tiers[0])):
        make_phone(who)
        give_tier(who, tier)
    make_email(one, "one@mail.example")
    make_order(one, "123.45")
    merge_customers(survivor=make_customer(), absorbed=make_customer(), by=None)
    return Duplicate.objects.create(one=one, other=other, bits=15, reasons=["phone:same", "name:alike", "country:same"])


def look_at(page: Page, name: str, scheme: str) -> None:
    for kind, size in (("wide", WIDE), ("phone", PHONE)):
        page.set_viewport_size(size)
        assert_accessible(page)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{kind}-{scheme}.png"), full_page=True)
    page.set_viewport_size(WIDE)


def test_two_are_merged_by_keyboard(live_server: Any, page: Page, scheme: str, pair: Duplicate) -> None:
    lead = make_user(Role.LEAD)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    sign_in(page, live_server, lead)
    page.goto(f"{live_server.url}/duplicates/")
    look_at(page, "duplicates", scheme)
    page.get_by_role("link", name="Customer Onesmith and Custumer Onesmith").click()
    look_at(page, "pair", scheme)
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="Not the same")).to_be_focused()
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="They are one: merge")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Customer Onesmith", level=1)).to_be_visible()
    assert Merge.objects.filter(survivor=pair.one, by=lead).exists()
