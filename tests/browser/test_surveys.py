"""The form in which a manager writes a survey, in a real browser."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from feedback.models import Survey
from feedback.services.surveys import copy_survey
from tests.browser.conftest import assert_accessible
from tests.browser.test_admin import sign_in
from tests.factories import make_touch_point

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
PICTURES = os.environ.get("REGULARS_PICTURES")


def look(page: Page, name: str) -> None:
    page.wait_for_load_state()
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"survey-{name}.png", full_page=True)
    assert_accessible(page)


def test_a_manager_writes_a_survey(page: Page, live_server: LiveServer, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    make_touch_point("till")
    published = Survey.objects.get(state="published")
    draft = copy_survey(survey=published)
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/admin/feedback/survey/{published.pk}/change/")
    look(page, f"published-{scheme}")
    page.goto(f"{live_server.url}/admin/feedback/survey/{draft.pk}/change/")
    look(page, f"draft-{scheme}")
    # A question shows what its kind needs, and a place without one nothing.
    assert not page.locator("#id_4-text-en").is_visible()
    page.get_by_label("How it is answered").nth(3).select_option("choice")
    page.locator("#id_4-text-en").fill("Which colour?")
    assert not page.locator("#id_4-low-en").is_visible()
    page.locator("#id_4-choices-en").fill("Only one")
    page.get_by_role("button", name="Save and publish").click()
    page.get_by_text("Question 4 needs two to 8 answers to choose from.").first.wait_for()
    page.locator("#id_4-choices-en").fill("Red\nBlue")
    look(page, f"mending-{scheme}")
    page.get_by_role("button", name="Save and publish").click()
    page.get_by_text("It asks now, and stays as it is").wait_for()
    published.refresh_from_db()
    assert published.state == "retired"
    page.goto(f"{live_server.url}/admin/feedback/survey/{draft.pk}/page/?lang=ar")
    look(page, f"preview-{scheme}")
