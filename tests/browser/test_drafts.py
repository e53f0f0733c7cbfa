"""Nothing typed is lost: the line breaks, an answer gets lost, the page is drawn anew, the session ends."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from customers.models import Incident
from portal.models import Pin, User
from portal.roles import Role
from tests.browser.conftest import assert_accessible
from tests.browser.test_contact import open_customer
from tests.browser.test_desk import sign_in
from tests.factories import make_customer, make_interaction, make_order, make_touch_point, make_user
from tests.portal.worlds import make_recovery

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

SAVED_ONCE = "saved the first time"


@pytest.fixture
def context(browser: Any) -> Any:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


def write(page: Page, text: str) -> None:
    page.locator("#form-incident-summary").click()
    page.locator("#incident-text").press_sequentially(text)
    page.locator("#incident-kind").select_option("late")
    page.locator("#incident-touch_point").select_option("delivery")


def press(page: Page) -> None:
    page.locator("#form-incident .ends button").click()


def expect_drafts(page: Page, count: int) -> None:
    # Waited for: a page is seen before its scripts have run, and they are who forgets what was saved.
    page.wait_for_function(
        "count => Object.keys(sessionStorage).filter((key) => key.startsWith('house:draft:')).length === count",
        arg=count,
    )


def test_a_line_that_is_down_and_an_answer_that_is_lost(context: BrowserContext, live_server: Any) -> None:
    page, customer = context.new_page(), make_customer()
    make_touch_point("delivery")
    sign_in(page, live_server, make_user())
    open_customer(page, live_server, customer)
    write(page, "It came late")
    context.set_offline(True)
    press(page)
    failed = page.locator("#form-incident .failed")
    expect(failed).to_contain_text("This was not saved: the line is down. Your words are still here")
    expect(failed).to_have_role("alert")
    expect(page.locator("#incident-text")).to_have_value("It came late")
    assert_accessible(page)
    assert not Incident.objects.exists()
    context.set_offline(False)

    # Now it arrives and is saved, and the answer does not come back.
    def lose(route: Route) -> None:
        assert route.fetch().ok
        route.abort("connectionreset")

    page.route("**/incidents/", lose)
    press(page)
    expect(failed).to_contain_text("we do not know whether this was saved")
    expect(page.locator("#incident-text")).to_have_value("It came late")
    assert Incident.objects.count() == 1
    Incident.objects.update(text="It came late, as we know")
    # The page is drawn anew meanwhile; what is put back is the same press.
    page.unroute("**/incidents/")
    page.reload()
    page.get_by_role("button", name="Put back what you had typed").click()
    expect(page.locator("#incident-text")).to_have_value("It came late")
    press(page)
    expect(page.locator("#said")).to_contain_text(SAVED_ONCE)
    assert Incident.objects.count() == 1
    expect_drafts(page, 0)


def test_a_page_that_is_drawn_anew(context: BrowserContext, live_server: Any) -> None:
    page, customer, agent = context.new_page(), make_customer(), make_user()
    make_interaction(customer, agent=agent)
    make_recovery(customer, agent)
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    page.locator("#close-note").fill("half a note")
    # What draws the block anew in which somebody writes leaves their words.
    page.get_by_role("button", name="We have been in touch").click()
    expect(page.locator("#said")).to_contain_text("they have heard from us")
    expect(page.locator("#close-note")).to_have_value("half a note")
    page.locator("#form-note-summary").click()
    page.locator("#note-text").fill("Tea, no milk")
    page.locator("#note-provenance").select_option("observed")
    page.reload()
    lines = page.locator(".put-back")
    expect(lines).to_have_count(2)
    assert_accessible(page)
    lines.filter(has_text="Note").get_by_role("button", name="Put back").click()
    expect(page.locator("#note-text")).to_have_value("Tea, no milk")
    expect(page.locator("#note-text")).to_be_focused()
    expect(page.locator("#note-provenance")).to_have_value("observed")
    lines.get_by_role("button", name="Let it go").click()
    expect_drafts(page, 1)  # what was put back is still nowhere else
    page.locator("#form-note .ends button").click()
    expect(page.locator("#said")).to_contain_text("Noted")
    expect_drafts(page, 0)
    # Signing out leaves nothing of what was written, not even for the next one at this desk.
    page.locator("#note-text").evaluate("(field) => field.closest('details').open = true")
    page.locator("#note-text").fill("Something private")
    expect_drafts(page, 1)
    page.locator("details.me > summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    expect_drafts(page, 0)


def test_signed_out_meanwhile(context: BrowserContext, live_server: Any) -> None:
    page, customer, agent = context.new_page(), make_customer(), make_user()
    make_touch_point("delivery")
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    write(page, "It came late")
    context.clear_cookies()
    press(page)
    failed = page.locator("#form-incident .failed")
    expect(failed).to_contain_text("you are signed out. Your words are still here")
    with context.expect_page() as opened:
        failed.get_by_role("link").click()
    other = opened.value
    sign_in(other, live_server, agent)
    other.close()
    page.bring_to_front()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(failed).to_contain_text("You are signed in. Your words are still here: press again.")
    press(page)
    expect(page.locator("#said")).to_contain_text("Written down")
    assert Incident.objects.get().text == "It came late"


def test_who_signed_in_anew_presses_again_and_who_lost_the_right_is_told(
    context: BrowserContext, live_server: Any
) -> None:
    page, customer, agent = context.new_page(), make_customer(), make_user()
    make_touch_point("delivery")
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    write(page, "It came late")
    # Signed in anew in another tab, which this one does not notice.
    context.clear_cookies()
    other = context.new_page()
    sign_in(other, live_server, agent)
    other.close()
    press(page)
    failed = page.locator("#form-incident .failed")
    expect(failed).to_contain_text("You are signed in. Your words are still here: press again.")
    User.objects.filter(pk=agent.pk).update(role=Role.ANALYST)
    for _ in range(2):
        press(page)
        expect(failed).to_have_text("That is not possible for you just now. What you wrote is still here.")
    expect(page.locator("#incident-text")).to_have_value("It came late")
    User.objects.filter(pk=agent.pk).update(role=Role.AGENT)
    press(page)
    expect(page.locator("#said")).to_contain_text("Written down")


def test_a_form_without_htmx_comes_back_too(context: BrowserContext, live_server: Any) -> None:
    page = context.new_page()
    sign_in(page, live_server, make_user())
    page.goto(f"{live_server.url}/customers/add/")
    page.locator("#id_full_name").fill("Customer Lost")
    context.set_offline(True)
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("chrome-error://**")
    context.set_offline(False)
    page.goto(f"{live_server.url}/customers/add/")
    page.get_by_role("button", name="Put back what you had typed").click()
    expect(page.locator("#id_full_name")).to_have_value("Customer Lost")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", level=1, name="Customer Lost")).to_be_visible()
    expect_drafts(page, 0)


def test_the_reason_for_a_pin_stays_where_a_colleague_was_faster(context: BrowserContext, live_server: Any) -> None:
    page, customer = context.new_page(), make_customer()
    order = make_order(customer, description="A lamp")
    sign_in(page, live_server, make_user())
    open_customer(page, live_server, customer)
    page.locator("#timeline a.pin").click()
    Pin.objects.create(customer=customer, kind="order", row=order.pk, reason="Their first", pinned_by=make_user())
    reason = page.get_by_label("Why, in a few words")
    reason.press_sequentially("Ring before you send")
    reason.press("Enter")
    expect(page.locator(".pinning .errorlist")).to_contain_text("That is pinned already. Load the page again")
    expect(reason).to_have_value("Ring before you send")
    expect(page.locator(f"#pin-order-{order.pk}-errors")).to_be_focused()
