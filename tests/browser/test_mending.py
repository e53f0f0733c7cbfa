"""The board, prevention and “did we put it right?” in a real browser: to look at, by keyboard and with script."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from customers.models import Incident, Letter
from feedback.models import Cause, PreventionAction, Recovery
from feedback.services.put_right import ask_put_right
from feedback.services.recoveries import close_recovery, contact_recovery
from feedback.starter import ensure_causes
from portal.models import User
from portal.roles import Role
from tests.browser.conftest import assert_accessible
from tests.browser.screens import LOOKS
from tests.browser.test_desk import sign_in
from tests.factories import make_customer, make_email, make_interaction, make_touch_point, make_user
from tests.feedback.makers import make_link
from tests.portal.worlds import give_tier, make_recovery, make_tiers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
# Where to put pictures for somebody who wants to look.
PICTURES = os.environ.get("PICTURES")


def overflows(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.fixture
def lead() -> User:
    """A lead with a late matter, one to come, one that was mended a week ago, and two changes that were made."""
    ensure_causes()
    lead = make_user(Role.LEAD, lead=make_user(Role.MANAGER))
    tiers, now, today = make_tiers(), timezone.now(), timezone.localdate()
    said = ["Nobody rang back. I had to tell my story from the beginning, three times.", "It came late", "Broken"]
    for number, hours in enumerate((-30, 50, 70)):
        customer = make_customer()
        make_email(customer)
        give_tier(customer, tiers[3 - number])
        recovery = make_recovery(customer, lead if number != 1 else make_user(), said[number], hours=hours)
        contact_recovery(recovery=recovery, by=lead)
    cause = Cause.objects.get(name="Parcel came late")
    close_recovery(recovery=recovery, state="mended", what_was_done="Sent again", cause=cause, by=lead, letter="Sorry")
    long_ago = {"opened_at": Now() - timedelta(days=9), "due_at": Now() - timedelta(days=8)}
    Recovery.objects.filter(pk=recovery.pk).update(closed_at=Now() - timedelta(days=7, hours=1), **long_ago)
    customer, place = make_customer(), make_touch_point("delivery")
    for days in range(1, 240, 3):
        make_interaction(customer, opened_at=now - timedelta(days=days), closed_at=now, touch_point=place)
        if days > 60 or days % 4 == 0:
            Incident.objects.create(
                customer=customer,
                kind="broken" if days % 2 else "late",
                touch_point=place,
                text="It went wrong",
                happened_at=now - timedelta(days=days),
                resolved_at=now,
            )
    for name, begun in (("Broken", 60), ("Late", 20)):
        PreventionAction.objects.create(
            what_will_change=f"Against {name.lower()}: every box gets corner pads",
            cause=Cause.objects.get(name=name),
            owner=lead,
            due_on=today,
            started_on=today - timedelta(days=begun),
            done_on=today - timedelta(days=begun - 5),
        )
    PreventionAction.objects.create(what_will_change="Ring first", cause=cause, owner=lead, due_on=today)
    return lead


@LOOKS
def test_every_page_is_accessible(browser: Browser, live_server: Any, lead: User, scheme: Any, size: Any) -> None:
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, live_server, lead)

    def look(name: str) -> None:
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}-{size['width']}.png", full_page=True)
        assert_accessible(page)
        assert not overflows(page)

    page.goto(f"{live_server.url}/mending/")
    look("board")
    page.goto(f"{live_server.url}/mending/?which=closed")
    look("closed")
    matter = Recovery.objects.open().order_by("due_at")[0]
    page.goto(f"{live_server.url}/mending/{matter.pk}/")
    look("matter")
    page.goto(f"{live_server.url}/prevention/")
    for summary in page.locator("summary").all():
        if summary.is_visible() and not summary.evaluate("s => s.closest('.me')"):
            summary.click()
    look("prevention")
    ask_put_right()
    Letter.objects.filter(kind="feedback.put_right").update(state="sent", sent_at=Now() - timedelta(hours=1))
    mended = Recovery.objects.get(state="mended")
    token = make_link(mended.answer.invitation, "mended")[1]
    page.goto(f"{live_server.url}/feedback/mended/{token}/?a=no")
    look("ask")
    page.get_by_role("button", name="Send my answer").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    look("told")
    context.close()


def test_with_script_a_matter_is_closed_in_its_place(page: Page, live_server: Any, lead: User) -> None:
    sign_in(page, live_server, lead)
    matter = Recovery.objects.open().order_by("due_at")[0]
    Recovery.objects.filter(pk=matter.pk).update(state="open")
    page.goto(f"{live_server.url}/mending/")
    page.get_by_role("button", name=f"We have been in touch with {matter.customer.full_name}").click()
    expect(page.locator("#said")).to_contain_text("they have heard from us")
    page.get_by_role("link", name=f"Mend it for {matter.customer.full_name}").click()
    page.get_by_label("What was done for them?").fill("Rang and apologised")
    page.get_by_role("button", name="Close it").click()
    expect(page.locator("#one")).to_contain_text("What happened")
    assert Recovery.objects.open().filter(pk=matter.pk).exists(), "the browser asks for the cause"
    page.get_by_label("What did it come from?").select_option(label="Late")
    page.get_by_role("button", name="Close it").click()
    expect(page.locator("#said")).to_contain_text("Mended. Thank you")
    expect(page.locator(".story")).to_contain_text("Rang and apologised")
