"""A form of the admin that somebody else has saved meanwhile, in a real browser."""

import os
from pathlib import Path

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Model
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from customers.models import Currency
from feedback.models import Survey
from feedback.services.surveys import copy_survey
from tests.browser.conftest import assert_accessible
from tests.browser.screens import PHONE, WIDE
from tests.browser.test_admin import sign_in
from tests.factories import make_user
from tests.portal.test_admin_buttons import make_draft

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
PICTURES = os.environ.get("REGULARS_PICTURES")


def save_as_another(record: Model) -> None:
    """What another manager's saving leaves in the log."""
    other = make_user("manager", display_name="Manager Two")
    LogEntry.objects.log_actions(other.pk, [record], CHANGE, change_message="Wrote this.", single_object=True)


def test_the_later_one_is_told(page: Page, live_server: LiveServer, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    sign_in(page, live_server)
    drafts = [make_draft(), copy_survey(survey=Survey.objects.get(state="published"))]
    for record in (Currency.objects.create(code="SEK", rate=11), *drafts):
        kind = record._meta.model_name
        page.goto(f"{live_server.url}/admin/{record._meta.app_label}/{kind}/{record.pk}/change/")
        field = page.get_by_label("Worth in the house" if kind == "currency" else "Name", exact=False).first
        field.fill("12")
        save_as_another(record)
        page.get_by_role("button", name="Save", exact=True).click()
        told = page.get_by_text("Manager Two saved this at")
        told.wait_for()
        assert field.input_value() == "12"
        for name, size in (("wide", WIDE), ("phone", PHONE)):
            page.set_viewport_size(size)
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"meanwhile-{kind}-{name}-{scheme}.png")
            assert_accessible(page)
        with page.expect_popup() as opened:
            page.get_by_role("link", name="See what is saved now").click()
        opened.value.close()
        page.get_by_role("button", name="Save", exact=True).click()
        told.wait_for(state="detached")
