"""Runs and overrides in a real browser: how they look, nothing that axe finds, and a tier that is decided by hand."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from customers.models import Letter
from portal.roles import Role
from tests.browser.conftest import assert_accessible
from tests.browser.screens import PHONE, WIDE
from tests.factories import make_customer, make_user
from tests.tiers.customers_in_tiers import make_buyer
from tiers.enums import RunState
from tiers.models import Override, Run, Tier
from tiers.services.overrides import set_override
from tiers.services.runs import retier, retier_customers, start_run
from tiers.services.shards import do_shard
from tiers.services.telling import tell_managers
from tiers.starter import ensure_starter_scheme

pytestmark = pytest.mark.django_db(transaction=True)
PICTURES = os.environ.get("REGULARS_PICTURES")
# The words in some elements that stand on more than one line.
BROKEN_WORDS = """elements => elements.flatMap(element => {
    const found = [], texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), range = document.createRange()
    for (let text; (text = texts.nextNode());)
        for (const word of text.data.matchAll(/\\w+/g)) {
            range.setStart(text, word.index)
            range.setEnd(text, word.index + word[0].length)
            if (range.getClientRects().length > 1) found.push(word[0])
        }
    return found
})"""


def sign_in(page: Page, live_server: LiveServer, role: str, to: str = "/") -> None:
    user = make_user(role)
    page.goto(f"{live_server.url}/accounts/login/?next={to}")
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", "a long test password")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{live_server.url}{to}")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def make_runs() -> tuple[Run, Run]:
    """One that has moved people up and one that is half done."""
    ensure_starter_scheme()
    customers = [make_customer(pk=70_000_001 + place * 20_000, full_name=f"Customer {place}") for place in range(8)]
    customers.append(make_customer(full_name="Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"))
    retier()
    for place, customer in enumerate(customers):
        make_buyer(timezone.localdate(), "2500.00" if place % 2 else "900.00", orders=10, customer=customer)
    ended = retier(is_full=True)
    Run.objects.exclude(pk=ended.pk).update(told_at=Now())
    make_user(Role.MANAGER)
    tell_managers()
    active = start_run(is_full=True)
    assert active is not None
    for _ in range(5):
        do_shard(run_id=active.pk)
    ended.refresh_from_db()
    return ended, active


def make_overrides() -> list[Override]:
    owner = make_user(Role.MANAGER, display_name="Manager 1")
    tiers = {tier.slug: tier for tier in Tier.objects.all()}
    made = []
    for days, kind, slug in ((3, "floor", "house-guest"), (60, "ceiling", "regular"), (20, "lock", "family")):
        made.append(
            set_override(
                customer=make_customer(full_name=f"Customer of {days} days"),
                kind=kind,
                tier=tiers[slug],
                reason="Wrote about us in the trade press",
                owner=owner,
                ends_on=timezone.localdate() + timedelta(days=days),
            )
        )
    return made


def test_pages_of_runs_and_overrides(page: Page, live_server: LiveServer, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    ended, active = make_runs()
    overrides = make_overrides()
    sign_in(page, live_server, Role.MANAGER, "/admin/")
    pages = {
        "runs": "/admin/tiers/run/",
        "run-active": f"/admin/tiers/run/{active.pk}/change/",
        "run-ended": f"/admin/tiers/run/{ended.pk}/change/",
        "overrides": "/admin/tiers/override/",
        "override-add": "/admin/tiers/override/add/",
        "override": f"/admin/tiers/override/{overrides[0].pk}/change/",
        "contact-override": reverse("contact", args=[overrides[0].customer.public_id]),
        "desk-overrides": "/",
    }
    page.set_viewport_size(WIDE)
    for name, path in pages.items():
        page.goto(live_server.url + path)
        page.wait_for_load_state()
        picture(page, f"{name}-{scheme}")
        assert_accessible(page)
    page.set_viewport_size(PHONE)
    page.goto(live_server.url + pages["run-ended"])
    picture(page, f"run-ended-{scheme}-phone")
    assert_accessible(page)
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert page.locator("table.run-table").evaluate_all(BROKEN_WORDS) == []
    page.set_viewport_size(WIDE)
    if PICTURES:
        page.goto("about:blank")
        page.set_content(Letter.objects.filter(kind="tiers.run_summary")[0].html)
        picture(page, f"letter-{scheme}")
    Run.objects.filter(pk=active.pk).update(state=RunState.CANCELLED, ended_at=Now())
    page.goto(live_server.url + pages["runs"])
    page.wait_for_load_state()
    picture(page, f"runs-begin-{scheme}")
    assert_accessible(page)


def test_a_lead_decides_and_ends_in_the_contact_view(page: Page, live_server: LiveServer, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    ensure_starter_scheme()
    customer = make_customer()
    retier_customers(ids=[customer.pk])
    where = reverse("contact", args=[customer.public_id])
    sign_in(page, live_server, Role.LEAD, where)
    page.click("#form-override-summary")
    page.select_option("#override-tier", "house-guest")
    page.fill("#override-ends_on", (timezone.localdate() + timedelta(days=7)).isoformat())
    page.fill("#override-reason", "Wrote about us")
    picture(page, f"contact-decide-{scheme}")
    assert_accessible(page)
    page.click("#form-override button.go")
    expect(page.locator("#standing")).to_contain_text("Never below House guest until")
    expect(page.locator("#standing")).to_be_focused()
    expect(page.locator("#perks")).to_contain_text("House guest comes with")
    assert_accessible(page)
    page.click("#standing .decided button")
    expect(page.locator("#form-override-summary")).to_be_visible()
    assert Override.objects.get().ended_at is not None
