"""The control of all tests without barriers: axe finds one that is there, on the page and in a part of it."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import assert_accessible

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

PAGE = """<!doctype html><html lang="en"><title>Page</title>
<main><h1>Page</h1>{}<section id="part"><p>Words</p>{}</section></main>"""
PICTURE = '<img src="data:,">'
PALE = '<p style="color: #ddd; background: #fff">Words</p>'


def test_what_is_in_order_passes(page: Page) -> None:
    page.set_content(PAGE.format("", ""))
    assert_accessible(page)
    assert_accessible(page, "#part")


@pytest.mark.parametrize(("barrier", "rule"), [(PICTURE, "image-alt"), (PALE, "color-contrast")])
def test_a_barrier_is_named_where_it_is(page: Page, barrier: str, rule: str) -> None:
    page.set_content(PAGE.format(barrier, ""))
    assert_accessible(page, "#part")
    with pytest.raises(AssertionError, match=rule):
        assert_accessible(page)
    page.set_content(PAGE.format("", barrier))
    with pytest.raises(AssertionError, match=rule):
        assert_accessible(page, "#part")
