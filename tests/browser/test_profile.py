"""Correcting a customer in a real browser: by keyboard alone, without script, and without a barrier."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from customers.models import Customer
from customers.services.people import add_customer, change_customer
from tests.browser.conftest import assert_accessible
from tests.browser.screens import PHONE, WIDE
from tests.browser.test_contact import open_customer
from tests.browser.test_desk import sign_in
from tests.factories import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
PICTURES = os.environ.get("REGULARS_PICTURES")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_name_is_corrected_by_keyboard_while_a_colleague_does_the_same(
    browser: Browser, live_server: Any, scheme: Any, size: Any
) -> None:
    customer, _is_new = add_customer(
        full_name="Chidinma Okafor",
        known_as="Ms Okafor",
        say_as="oh-KAH-for",
        pronouns="she/her",
        language="fr",
        city="Leeds",
        country="GB",
        phones=["020 7946 0123"],
        emails=["okafor@mail.example"],
    )
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()

    def picture(name: str) -> None:
        if PICTURES:
            look = "wide" if size is WIDE else "phone"
            page.screenshot(path=Path(PICTURES) / f"profile-{name}-{look}-{scheme}.png", full_page=True)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    sign_in(page, live_server, make_user())
    open_customer(page, live_server, customer)
    picture("contact")
    link = page.get_by_role("link", name="Change: name, language, place, numbers, and what they allow")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/profile/")
    picture("page")
    name = page.get_by_label("Name", exact=True)
    name.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Chidimma Okafor")
    change_customer(customer=customer, full_name="Chidi Okafor")
    page.keyboard.press("Enter")
    expect(page.locator(".field-full_name")).to_contain_text("A colleague wrote meanwhile: “Chidi Okafor”.")
    expect(name).to_have_value("Chidimma Okafor")
    picture("meanwhile")
    name.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Chidimma Okafor")
    page.get_by_role("link", name="Change: name, language, place, numbers, and what they allow").click()
    page.get_by_role("button", name="Not theirs: +44 20 7946 0123").press("Enter")
    expect(page.locator("main, #said").filter(has_text="that is not theirs").first).to_be_visible()
    picture("retired")
    page.get_by_text("Add a number or an address").press("Enter")
    page.get_by_label("Kind").select_option("email")
    page.get_by_label("Number or address").fill("chidimma")
    picture("adding")
    page.keyboard.press("Enter")
    wrong = page.get_by_label("Number or address")
    expect(wrong).to_have_value("chidimma")
    expect(page.locator(".field-value")).to_contain_text("This is not an email address.")
    picture("refused")
    wrong.fill("chidimma@mail.example")
    page.keyboard.press("Enter")
    expect(page.locator(".rows").first).to_contain_text("chidimma@mail.example")
    page.get_by_role("button", name="Use it first: chidimma@mail.example").press("Enter")
    expect(page.locator(".rows li").first).to_contain_text("chidimma@mail.example Email · preferred")
    picture("added")
    page.get_by_role("button", name="They say no: Recording of calls").press("Enter")
    expect(page.locator("main, #said").filter(has_text="Noted: they said no.").first).to_be_visible()
    picture("allowed")
    assert not Customer.objects.get().contact_points.get(kind="phone").is_active
    context.close()


def test_it_works_without_script(browser: Browser, live_server: Any) -> None:
    customer, _is_new = add_customer(full_name="Customer On", emails=["one@mail.example"])
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    sign_in(page, live_server, make_user())
    state = context.storage_state()
    context.close()
    context = browser.new_context(viewport=WIDE, java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto(f"{live_server.url}/customers/{customer.public_id}/profile/")
    page.get_by_role("button", name="Not theirs").click()
    page.get_by_label("Name", exact=True).fill("Customer One")
    page.get_by_role("button", name="Change it").click()
    expect(page.locator("h1")).to_have_text("Customer One")
    assert not Customer.objects.get().contact_points.get().is_active
    context.close()
