"""The main job from end to end: a call, a letter, a “no”, a recovery. Real worker, clock, broker, SMTP and browser."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from customers.models import Letter
from customers.services.people import add_customer
from feedback.evidence import TOO_SOON_WITHIN
from feedback.models import Answer, Recovery
from portal.roles import Role
from tests.browser.screens import PHONE
from tests.browser.test_desk import sign_in_by_hand
from tests.conftest import Programs, eventually
from tests.factories import make_touch_point, make_user
from tests.feedback.makers import let_pass
from tests.postbox import link_in, open_postbox, part_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

ADDRESS = "customer1@mail.example"


def test_a_call_a_letter_a_no_and_somebody_who_mends_it(
    page: Page, browser: Browser, live_server: Any, start_worker: Programs, start_program: Programs
) -> None:
    lead = make_user(Role.LEAD)
    agent = make_user(lead=lead)
    make_touch_point("phone-desk")
    add_customer(full_name="Customer Östberg", phones=["020 7946 0123"], emails=[ADDRESS], country="GB")
    with open_postbox() as postbox:
        told = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(postbox.port), "SITE_URL": live_server.url}
        start_worker(**told)
        start_program("-m", "celery", "-A", "portal", "beat", "-l", "WARNING", **told)

        # The call: found by the phone in another notation, opened, closed.
        sign_in_by_hand(page, live_server, agent)
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.type("+44 (0)20 7946-0123")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Customer Östberg")
        page.locator("#form-open summary").click()
        page.get_by_role("button", name="Begin").click()
        page.get_by_role("button", name="Close the contact").click()
        expect(page.locator("#said")).to_contain_text("The contact is closed.")

        # The letter: within a minute, by SMTP.
        eventually(lambda: postbox.letters_to(ADDRESS))
        eventually(lambda: Letter.objects.filter(state="sent").exists())

    letter = postbox.letters_to(ADDRESS)[0]
    for kind in ("plain", "html"):
        assert "Did you enjoy your personal service experience with us?" in part_of(letter, kind)
    # A press within seconds of the letter's arrival is not taken for a person's.
    let_pass(TOO_SOON_WITHIN)

    # The answer: on a phone, without signing in. Opening the link is no vote.
    phone = browser.new_context(viewport=PHONE).new_page()
    phone.goto(link_in(letter, "no"))
    expect(phone.get_by_label("No, I did not")).to_be_checked()
    assert not Answer.objects.exists()
    phone.get_by_role("button", name="Send my answer").click()
    phone.locator("textarea").fill("Nobody rang back.")
    phone.locator("main button").first.click()
    eventually(lambda: Answer.objects.filter(comment="Nobody rang back.", is_counted=True).exists(), 10)
    phone.goto(link_in(letter, "yes"))
    expect(phone.locator("main")).to_contain_text("You have already told us")
    phone.context.close()
    assert Answer.objects.count() == 1

    # The mending: it heads the desk and the customer's page.
    recovery = Recovery.objects.get()
    assert recovery.owner == lead
    page.goto(f"{live_server.url}/")
    expect(page.locator("main section").first).to_contain_text("Customer Östberg")
    expect(page.locator("main")).to_contain_text("Nobody rang back.")
    page.get_by_role("link", name="Customer Östberg").click()
    expect(page.locator("#speak li").first).to_contain_text("Nobody rang back.")
