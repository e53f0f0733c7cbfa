"""The feedback pages in a real browser, as a customer meets them."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Response

from feedback.amends import write_mended
from feedback.models import Answer, Invitation, Reply
from tests.browser.conftest import assert_accessible
from tests.browser.screens import LOOKS, PHONE, WIDE
from tests.factories import make_user
from tests.feedback.asking import choice, publish, scale, words
from tests.feedback.makers import make_invitation, make_link

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

# Where somebody who wants to look at the pages has their pictures put.
PICTURES = os.environ.get("REGULARS_PICTURES")


@pytest.fixture
def links(live_server: Any) -> tuple[str, str]:
    """The address to answer at, and the one to stop at."""
    invitation = make_invitation()
    answer, stop = make_link(invitation)[1], make_link(invitation, "stop")[1]
    return f"{live_server.url}/feedback/{answer}/", f"{live_server.url}/feedback/stop/{stop}/"


def overflows(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@LOOKS
def test_every_page_is_accessible(
    browser: Browser, links: tuple[str, str], live_server: Any, scheme: Any, size: Any
) -> None:
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    ask, stop = links

    page.goto(f"{ask}?a=no")
    look(page, "a")
    page.get_by_role("button", name="Send my answer").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    look(page, "a")
    page.get_by_text("Change my answer").click()
    look(page, "a")
    page.get_by_label("What should we put right?").fill("The parcel came late")
    page.get_by_role("button", name="Send this too").click()
    page.get_by_role("heading", name="Thank you for telling us more").wait_for()
    look(page, "a")
    for url in (stop, f"{live_server.url}/feedback/rubbish/"):
        page.goto(url)
        look(page, "a")
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


def test_every_language_is_accessible_and_asks_in_sight(browser: Browser, links: tuple[str, str]) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=True)
    page = context.new_page()
    for language, _name in settings.LANGUAGES:
        page.goto(f"{links[0]}?lang={language}")
        assert page.evaluate("[document.documentElement.lang, document.dir]") == [
            language,
            "rtl" if language == "ar" else "ltr",
        ]
        for answer in page.locator(".answer").all():
            box = answer.bounding_box()
            assert box
            assert box["y"] + box["height"] <= PHONE["height"], language
        look(page, f"ask-{language}")
        page.locator("input[value=partly]").check()
        page.locator("button[name=confirm]").click()
        page.locator("blockquote").wait_for()
        assert page.evaluate("document.documentElement.lang") == language
        assert page.locator(".follow").count() == 2
        look(page, f"told-{language}")
        Answer.objects.all().delete()
    page.goto(f"{links[1]}?lang=ar")
    look(page, "stop-ar")
    context.close()


def test_a_word_without_an_end_does_not_push_a_letter_off_a_phone(browser: Browser) -> None:
    interaction = make_invitation().interaction
    link = "https://mail.example/" + "a1b2c3d4" * 20
    written = write_mended(customer=interaction.customer, interaction=interaction, words=link, by=make_user())
    page = browser.new_context(viewport=PHONE).new_page()
    page.set_content(written.html)
    assert not overflows(page)
    page.context.close()


def look(page: Page, name: str) -> None:
    """Let axe read a page, and take a picture where somebody wants one."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"feedback-{name}.png", full_page=True)
    assert_accessible(page)
    assert not overflows(page), name


@pytest.mark.parametrize("language", ["de", "ar"])
def test_letters_twice_as_large_fit(browser: Browser, links: tuple[str, str], language: str) -> None:
    recommend = scale("Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?", highest=10)
    Invitation.objects.update(survey=publish(recommend, choice("Was?", "W" * 60, "Anderes")))
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(f"{links[0]}?lang={language}&a=no")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    look(page, f"large-ask-{language}")
    page.locator("button[name=confirm]").click()
    page.locator("blockquote").wait_for()
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    look(page, f"large-told-{language}")
    context.close()


def test_a_screen_reader_finds_its_way(browser: Browser, links: tuple[str, str]) -> None:
    # A page of its own: the browser complains of the refusal at the end.
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.goto(links[0])
    assert [page.get_by_role(role).count() for role in ("banner", "main", "contentinfo", "navigation")] == [1] * 4
    group = page.get_by_role("group", name="Did you enjoy your personal service experience with us?")
    assert group.get_by_role("radio").count() == 3
    assert page.get_by_role("region", name="What happens with my answer").is_visible()
    page.get_by_role("radio", name="No, I did not").check()
    page.get_by_role("button", name="Send my answer").click()
    scale_of = page.get_by_role("group", name="How much trouble was it for you?")
    described = str(scale_of.get_attribute("aria-describedby"))
    assert page.locator(f"#{described}").inner_text().split() == [
        "1",
        "=",
        "hardly",
        "any",
        "5",
        "=",
        "a",
        "great",
        "deal",
    ]
    # In the order of the page, one stop for each group of answers.
    stops = []
    page.locator("body").click(position={"x": 1, "y": 1})
    for _ in range(6):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.name || document.activeElement.innerText.trim()"))
    assert stops[2:5] == ["comment", "Send this too", "Change my answer"]
    assert all(name.startswith("q") for name in stops[:2])
    # What is refused is said first.
    page.locator("#comment").evaluate("field => { field.removeAttribute('maxlength'); field.value = 'x'.repeat(4001) }")
    page.get_by_role("button", name="Send this too").click()
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert alert.evaluate("alert => alert === document.activeElement")
    context.close()


def test_a_phone_replies_without_script(browser: Browser, links: tuple[str, str]) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(links[0])
    page.get_by_role("link", name="Deutsch").tap()
    page.get_by_text("Ja, es hat mir gefallen").tap()
    page.get_by_role("button").tap()
    page.get_by_role("heading", name="Vielen Dank").wait_for()
    page.get_by_text("Ein freundliches Wort").tap()
    page.get_by_role("button", name="Auch das senden").tap()
    page.get_by_role("heading", name="Danke, dass Sie uns mehr erzählt haben").wait_for()
    context.close()
    reply = Reply.objects.get()
    assert reply.choice
    assert reply.choice.text["en"] == "A kind word"


def test_it_reads_from_right_to_left(page: Page, links: tuple[str, str]) -> None:
    page.goto(f"{links[0]}?lang=ar")
    label = page.locator("label").first.bounding_box()
    radio = page.get_by_role("radio").first.bounding_box()
    assert label
    assert radio
    assert radio["x"] > label["x"] + label["width"] / 2
    assert not overflows(page)


def test_it_is_light_and_asks_nobody_else(page: Page, links: tuple[str, str]) -> None:
    asked: list[tuple[str, int]] = []
    page.on("response", lambda response: asked.append((response.url, _size(response))))
    host = links[0].split("/feedback/")[0]
    # The longest question that a manager can ask, in the language with the most bytes to a letter.
    many = ["ي" * 120] * 8
    longest = [choice("ي" * 200, *many)] * 2
    Invitation.objects.update(survey=publish(*longest, scale("ي" * 200, highest=10), words("ي" * 200)))
    for act in (
        lambda: page.goto(f"{links[0]}?lang=ar&a=no"),
        lambda: page.locator("button[name=confirm]").click(),
        lambda: page.goto(links[1]),
    ):
        asked.clear()
        act()
        page.wait_for_load_state("networkidle")
        assert all(url.startswith((host, "data:")) for url, _ in asked)
        assert len(asked) <= 4, "the page, where it was sent from, the style sheet, the empty icon"
        assert sum(size for _, size in asked) < 40_000, asked
    assert page.context.cookies() == []


def _size(response: Response) -> int:
    """Bytes of a body as it is shown; a redirect has none."""
    return 0 if response.status in range(300, 400) else len(response.body())
