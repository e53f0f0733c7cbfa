"""Every page of the admin on a phone: axe finds nothing on it, and nothing pushes it sideways."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import assert_accessible
from tests.browser.screens import PHONE
from tests.browser.test_admin import SCROLLS, sign_in
from tests.portal.test_admin import MATRIX, make_everything, one_of

pytestmark = pytest.mark.django_db(transaction=True)

PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_of_the_admin(page: Page, live_server: LiveServer, part: int) -> None:
    make_everything()
    page.set_viewport_size(PHONE)
    # In the dark and in the light by turns.
    page.emulate_media(color_scheme="dark" if part % 2 else "light")
    sign_in(page, live_server)
    for label in sorted(MATRIX)[part::PARTS]:
        name = f"admin:{label.replace('.', '_')}"
        doors = [reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[one_of(label).pk])]
        if MATRIX[label]["administrator"][1] == "v":
            doors.append(reverse(f"{name}_add"))
        for door in doors:
            answer = page.goto(live_server.url + door)
            assert answer is not None
            assert answer.status == 200, door
            assert_accessible(page)
            assert not page.evaluate(SCROLLS), door
