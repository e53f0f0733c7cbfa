"""The feedback pages in a real browser, as a customer meets them."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from feedback.models import Answer
from tests.browser.conftest import PHONE, WIDE, assert_accessible
from tests.feedback.makers import make_invitation, make_link

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def links(live_server: Any) -> tuple[str, str]:
    """The address to answer at, and the one to stop at."""
    invitation = make_invitation()
    answer, stop = make_link(invitation)[1], make_link(invitation, "stop")[1]
    return f"{live_server.url}/feedback/{answer}/", f"{live_server.url}/feedback/stop/{stop}/"


def overflows(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_page_is_accessible(
    browser: Browser, links: tuple[str, str], live_server: Any, scheme: Any, size: Any
) -> None:
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    ask, stop = links

    def look() -> None:
        assert_accessible(page)
        assert not overflows(page)

    page.goto(f"{ask}?a=no")
    look()
    page.get_by_role("button", name="Send my answer").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    look()
    page.get_by_text("Change my answer").click()
    look()
    page.get_by_label("What should we put right?").fill("The parcel came late")
    page.get_by_role("button", name="Send this too").click()
    page.get_by_role("heading", name="Thank you for telling us more").wait_for()
    look()
    for url in (stop, f"{live_server.url}/feedback/rubbish/"):
        page.goto(url)
        look()
    context.close()
    answer = Answer.objects.get()
    assert (answer.enjoyed, answer.comment) == ("no", "The parcel came late")


def test_the_keyboard_alone_answers(page: Page, links: tuple[str, str]) -> None:
    page.goto(links[0])
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Thank you").wait_for()
    assert Answer.objects.get().enjoyed == "partly"


def test_the_answers_are_in_sight_on_a_phone_and_big_enough_for_a_thumb(
    browser: Browser, links: tuple[str, str]
) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(links[0])
    for name in ("Yes, I did", "In part", "No, I did not"):
        box = page.locator("label", has_text=name).bounding_box()
        assert box
        assert box["y"] + box["height"] <= PHONE["height"]
        assert box["height"] >= 48
    page.get_by_text("Yes, I did").tap()
    page.get_by_role("button").tap()
    page.get_by_role("heading", name="Thank you").wait_for()
    context.close()
    assert Answer.objects.get().enjoyed == "yes"


def test_letters_twice_as_large_fit(browser: Browser, links: tuple[str, str]) -> None:
    # 200 % on a small window is half its width.
    context = browser.new_context(viewport={"width": 195, "height": 422}, device_scale_factor=2)
    page = context.new_page()
    page.goto(links[0])
    assert not overflows(page)
    assert_accessible(page)
    context.close()


def test_it_reads_from_right_to_left(page: Page, links: tuple[str, str]) -> None:
    page.goto(links[0])
    page.evaluate("document.documentElement.dir = 'rtl'")
    label = page.locator("label", has_text="Yes, I did").bounding_box()
    radio = page.get_by_role("radio", name="Yes, I did").bounding_box()
    assert label
    assert radio
    assert radio["x"] > label["x"] + label["width"] / 2
    assert not overflows(page)


def test_it_is_light_and_asks_nobody_else(page: Page, links: tuple[str, str]) -> None:
    asked: list[tuple[str, int]] = []
    page.on("response", lambda response: asked.append((response.url, len(response.body()))))
    page.goto(links[0])
    page.wait_for_load_state("networkidle")
    host = links[0].split("/feedback/")[0]
    assert all(url.startswith((host, "data:")) for url, _ in asked)
    assert len(asked) <= 3
    assert sum(size for _, size in asked) < 40_000
    assert page.context.cookies() == []
