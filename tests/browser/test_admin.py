"""The admin and the API's page in a real browser: no complaint of the policy, nothing that axe finds."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from portal.roles import Role
from tests.browser.conftest import PHONE, WIDE, assert_accessible
from tests.factories import make_user
from tests.portal.known import make_known_customer
from tests.tiers.test_value_house import fill_house
from tiers.models import Bar, Scheme, Tier
from tiers.services.values import fit_value

pytestmark = pytest.mark.django_db(transaction=True)
# Where somebody who wants to look at the pages has their pictures put.
PICTURES = os.environ.get("REGULARS_PICTURES")


def sign_in(page: Page, live_server: LiveServer) -> None:
    user = make_user(Role.ADMINISTRATOR)
    page.goto(f"{live_server.url}/admin/")
    assert "/accounts/login/" in page.url
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", "a long test password")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/admin/")


def make_draft() -> Scheme:
    draft = Scheme.objects.create(version=900, name="Draft")
    tier = Tier.objects.order_by("-rank").first() or Tier.objects.create(rank=1, slug="a", name="A", shape="star")
    Bar.objects.create(scheme=draft, tier=tier, rule="entry", measure="margin", value=100)
    return draft


def test_admin_pages(page: Page, live_server: LiveServer, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    customer, draft = make_known_customer(), make_draft()
    empty = fit_value()
    fill_house(300, chance_to_leave=0)
    fit = fit_value()
    sign_in(page, live_server)
    pages = {
        "index": "/admin/",
        "orders": "/admin/customers/order/",
        "customer": f"/admin/customers/customer/{customer.pk}/change/",
        "scheme": f"/admin/tiers/scheme/{draft.pk}/change/",
        "predicted-value": "/admin/tiers/valuefit/",
        "fit": f"/admin/tiers/valuefit/{fit.pk}/change/",
        "fit-of-too-few": f"/admin/tiers/valuefit/{empty.pk}/change/",
    }
    for name, path in pages.items():
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        for size, viewport in (("wide", WIDE), ("phone", PHONE)):
            page.set_viewport_size(viewport)
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"admin-{name}-{scheme}-{size}.png", full_page=name == "fit")
            if size == "wide":
                assert_accessible(page)
        page.set_viewport_size(WIDE)


def test_docs_page_of_the_api(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/api/docs/")
    page.wait_for_selector(".opblock")
    assert page.locator(".opblock").count() == 8
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / "api-docs.png")
