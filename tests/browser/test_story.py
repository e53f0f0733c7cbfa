"""The story of an answer as a manager reads it in the admin."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import assert_accessible
from tests.browser.screens import PHONE, WIDE
from tests.browser.test_admin import sign_in
from tests.feedback.test_story import story_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
# Where somebody who wants to look at the page has its pictures put.
PICTURES = os.environ.get("REGULARS_PICTURES")


def test_the_story_reads_well_wide_and_on_a_phone(page: Page, live_server: LiveServer) -> None:
    answer = story_world()
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/admin/feedback/answer/{answer.pk}/change/")
    for name, size in (("wide", WIDE), ("phone", PHONE)):
        page.set_viewport_size(size)
        page.get_by_text("Visitor B pressed “Yes, I did”. This counts.").wait_for()
        assert_accessible(page)
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"story-{name}.png", full_page=True)
