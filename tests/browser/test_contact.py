"""The contact view in a real browser: by keyboard alone, without losing what was typed, and with no barrier."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from customers.models import Caution, Customer, Incident, Interaction, Preference, Promise
from portal.models import OutsideSource
from portal.roles import Role
from tests.browser.conftest import assert_accessible
from tests.browser.screens import LOOKS, PHONE, WIDE
from tests.browser.test_desk import sign_in, sign_in_by_hand
from tests.factories import make_customer, make_interaction, make_touch_point, make_user
from tests.portal.worlds import make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def open_customer(page: Page, server: Any, customer: Customer) -> None:
    page.goto(f"{server.url}/customers/{customer.public_id}/")


def test_a_conversation_by_keyboard_alone(page: Page, live_server: Any) -> None:
    agent, customer = make_user(), make_customer()
    make_touch_point("delivery")
    make_interaction(customer, agent=agent, subject="The lamp")
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    said = page.locator("#said")
    keyboard = page.keyboard

    keyboard.press("n")
    keyboard.type("Tea, no milk")
    keyboard.press("Enter")
    expect(said).to_have_text("Noted. We will remember.")
    expect(page.locator("#preferences")).to_contain_text("Tea, no milk")
    expect(page.locator("#form-note-summary")).to_be_focused()

    keyboard.press("p")
    keyboard.type("send the lamp")
    keyboard.press("Tab")
    keyboard.press("Space")
    keyboard.press("Enter")
    expect(page.locator("#speak")).to_contain_text("We promised: send the lamp")
    expect(page.locator("#form-promise-summary")).to_be_focused()

    keyboard.press("i")
    keyboard.type("It came late")
    keyboard.press("Enter")
    expect(page.locator("#incident-kind")).to_be_focused()
    keyboard.type("La")
    for key in ("Tab", "Tab", "Tab", "Enter"):
        keyboard.press(key)
    expect(page.locator("#speak")).to_contain_text("It came late")
    expect(page.locator("#form-incident-summary")).to_be_focused()

    keyboard.press("c")
    keyboard.type("All is well")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(said).to_contain_text("The contact is closed.")
    expect(page.locator("#matter-title")).to_be_focused()

    assert Preference.objects.get().text == "Tea, no milk"
    assert Promise.objects.get().owner == agent
    incident = Incident.objects.get()
    assert (incident.text, incident.kind, incident.touch_point.slug) == ("It came late", "late", "phone-desk")
    assert Interaction.objects.get().note == "All is well"


def test_what_was_a_mistake_is_taken_back_where_it_stands(page: Page, live_server: Any) -> None:
    agent, customer, now = make_user(), make_customer(), timezone.now()
    make_interaction(customer, agent=agent)
    Incident.objects.create(
        customer=customer, kind="late", touch_point=make_touch_point("delivery"), text="It came late", recorded_by=agent
    )
    Promise.objects.create(customer=customer, text="Send the lamp", owner=agent, due_at=now + timedelta(days=1))
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    said, speak = page.locator("#said"), page.locator("#speak")
    page.get_by_role("button", name="By mistake: Send the lamp").click()
    expect(said).to_have_text("Taken back. It does not count any more.")
    expect(speak).not_to_contain_text("Send the lamp")
    expect(page.locator("#speak-title")).to_be_focused()
    speak.get_by_text("Put right…").click()
    assert_accessible(page)
    speak.get_by_role("button", name="Written by mistake").click()
    expect(speak).to_contain_text("We owe them nothing")
    expect(page.locator("#speak-title")).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.type("It was her sister")
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(said).to_contain_text("Closed as opened by mistake")
    expect(page.locator("#matter-title")).to_be_focused()
    expect(page.locator("#timeline")).to_contain_text("It was her sister · opened by mistake")
    talk = Interaction.objects.get()
    assert (talk.is_mistaken, talk.note) == (True, "It was her sister")


def test_a_preference_is_confirmed_or_let_go_with_one_key(page: Page, live_server: Any) -> None:
    agent, customer = make_user(), make_customer()
    for text in ("Tea", "Cocoa"):
        Preference.objects.create(customer=customer, text=text, provenance="observed")
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    page.keyboard.press("6")
    page.keyboard.press("Tab")
    expect(page.locator("#preferences .like").first).to_be_focused()
    page.keyboard.press("y")
    expect(page.locator("#said")).to_have_text("“Cocoa” is still so.")
    expect(page.locator("#preferences .like").first).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("#said")).to_have_text("“Cocoa” is no longer shown.")
    page.keyboard.press("x")
    expect(page.locator("#preferences")).to_contain_text("Tea")
    assert set(Preference.objects.live().values_list("text", "provenance")) == {("Tea", "observed")}


def test_what_is_owed_fits_on_the_screen_whatever_there_was(page: Page, live_server: Any) -> None:
    agent, now = make_user(), timezone.now()
    customer = make_world(agent)
    Customer.objects.filter(pk=customer.pk).update(language="fr")
    Caution.objects.create(customer=customer, text="Do not mention the wedding", reason="It was called off")
    for number in range(12):
        Incident.objects.create(
            customer=customer,
            kind="broken",
            touch_point=make_touch_point("delivery"),
            text=f"Half of the glasses in order 5712{number} arrived in pieces",
            severity=number % 3 + 1,
            happened_at=now - timedelta(days=number),
        )
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    for block in ("#who", "#standing", "#speak", "#matter", "#perks"):
        ends = page.evaluate(f"document.querySelector('{block}').getBoundingClientRect().bottom")
        assert ends <= WIDE["height"], (block, ends)
    expect(page.locator("#speak-rest > summary")).to_have_text("and 13 more")
    page.locator("#form-note-summary").click()
    page.locator("#note-text").press_sequentially("No gluten")
    expect(page.locator("#note-hint")).to_contain_text("Is this about health?")


def test_on_a_phone_the_blocks_follow_each_other(browser: Browser, live_server: Any) -> None:
    """One column, in the order of their weight; what another system says is no exception."""
    user = make_user(Role.LEAD)
    customer = make_world(user)
    Customer.objects.filter(pk=customer.pk).update(source="webshop", external_id="7")
    OutsideSource.objects.create(name="Parcels", url="https://127.0.0.1/{reference}")
    page = browser.new_page(viewport=PHONE)
    sign_in(page, live_server, user)
    page.goto(f"{live_server.url}/customers/{customer.public_id}/")
    page.get_by_text("Moved up from").wait_for()
    blocks = (".who", ".standing", "#perks", "#speak", "#matter", "#hints", "#preferences", ".outside", ".time")
    boxes = [page.locator(block).first.bounding_box() for block in blocks]
    tops = [box["y"] for box in boxes if box]
    assert len(tops) == len(blocks)
    assert tops == sorted(tops)
    page.close()


def test_what_is_typed_stays_while_other_things_are_done(browser: Browser, live_server: Any) -> None:
    agent, customer = make_user(), make_customer()
    make_interaction(customer, agent=agent)
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    page.locator("#close-note").fill("half a note")
    page.locator("#form-promise-summary").click()
    page.locator("#promise-text").fill("send the lamp")
    page.get_by_role("button", name="Promise it").click()
    expect(page.locator("#form-promise .errorlist")).to_have_text("By when? Pick a time, or write one.")
    expect(page.locator("#promise-text")).to_have_value("send the lamp")
    expect(page.locator("#close-note")).to_have_value("half a note")

    page.locator("label[for=promise-when_0]").click()
    context.set_offline(True)
    page.get_by_role("button", name="Promise it").click()
    expect(page.locator("#form-promise .failed")).to_contain_text("Your words are still here")
    expect(page.locator("#promise-text")).to_have_value("send the lamp")
    context.set_offline(False)
    page.get_by_role("button", name="Promise it").click()
    expect(page.locator("#speak")).to_contain_text("send the lamp")
    expect(page.locator("#close-note")).to_have_value("half a note")
    context.close()


def test_single_keys_can_be_off(page: Page, live_server: Any) -> None:
    sign_in(page, live_server, agent := make_user(has_keys=False))
    open_customer(page, live_server, make_customer())
    page.keyboard.press("n")
    expect(page.locator("#note-text")).not_to_be_visible()
    assert agent.has_keys is False


def test_without_script_too(browser: Browser, live_server: Any) -> None:
    agent, customer = make_user(), make_customer()
    make_touch_point()
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    sign_in_by_hand(page, live_server, agent)
    open_customer(page, live_server, customer)
    page.locator("#form-note-summary").click()
    page.locator("#note-text").fill("Tea, no milk")
    page.get_by_role("button", name="Remember it").click()
    expect(page.locator("#preferences")).to_contain_text("Tea, no milk")
    page.get_by_text("Open a contact").click()
    page.get_by_role("button", name="Begin").click()
    page.locator("#close-note").fill("All is well")
    page.get_by_role("button", name="Close the contact").click()
    expect(page.locator("#said")).to_contain_text("The contact is closed.")
    context.close()


@LOOKS
def test_no_barrier_at_the_contact_view(browser: Browser, live_server: Any, scheme: Any, size: Any) -> None:
    agent = make_user()
    customer = make_world(agent)
    make_interaction(customer, agent=agent)
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, live_server, agent)
    for who in (customer, make_customer()):
        open_customer(page, live_server, who)
        assert_accessible(page)
        for summary in ("note", "promise", "incident", "caution"):
            page.locator(f"#form-{summary}-summary").click()
            assert_accessible(page, f"#form-{summary}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


@pytest.fixture
def context(browser: Any) -> Any:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


@pytest.mark.parametrize("breaks", ["signed out", "offline"])
def test_what_the_page_asks_by_itself_fails_without_a_word(
    context: BrowserContext, live_server: Any, breaks: str
) -> None:
    page, agent, customer = context.new_page(), make_user(), make_customer()
    page.clock.install()
    sign_in(page, live_server, agent)
    open_customer(page, live_server, customer)
    page.wait_for_timeout(500)
    context.clear_cookies() if breaks == "signed out" else context.set_offline(True)
    page.clock.run_for(21_000)
    page.wait_for_timeout(1500)
    expect(page.locator("#said")).to_have_text("")
