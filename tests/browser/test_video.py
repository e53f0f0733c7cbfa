"""A call by video as both sides meet it: the colleague by keyboard, the customer on a telephone; clean by axe."""

import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import assert_accessible
from tests.browser.screens import LOOKS, PHONE
from tests.browser.test_contact import open_customer
from tests.browser.test_desk import sign_in
from tests.factories import make_email, make_user
from tests.tiers.rooms import make_link, make_talk
from tiers.models import VideoRoom

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

PICTURES = os.environ.get("REGULARS_PICTURES")
SECRET = "a secret of the tests alone, long enough"


@pytest.fixture
def asked(settings: Any) -> Iterator[list[dict[str, Any]]]:
    """A server at another origin that lets in whoever has a pass, and notes what it was asked for."""
    seen: list[dict[str, Any]] = []

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if "jwt" in parts.query:
                token = parse_qs(parts.query)["jwt"][0]
                claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="house", issuer="house")
                seen.append({"room": parts.path[1:], "claims": claims, "referer": self.headers.get("Referer")})
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Call</title><link rel=icon href=data:,><h1>You are in</h1>")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.JITSI_URL = f"http://127.0.0.1:{server.server_port}"
    settings.JITSI_APP_ID, settings.JITSI_APP_SECRET = "house", SECRET
    yield seen
    server.shutdown()
    server.server_close()


def look(page: Page, name: str) -> None:
    """Let axe read a page, and take a picture where somebody wants one."""
    assert_accessible(page)
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), name
    if PICTURES:
        size = page.viewport_size or PHONE
        page.screenshot(path=Path(PICTURES) / f"{name}-{size['width']}.png")


@LOOKS
def test_the_customer_joins_loses_the_page_and_joins_again(
    browser: Browser, live_server: Any, scheme: Any, size: Any, asked: list[dict[str, Any]]
) -> None:
    room, token = make_link()
    link = f"{live_server.url}/video/{token}/"
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{link}?lang=en")
    look(page, f"video-join-{scheme}")
    page.get_by_role("button", name="Join the call").click()
    page.get_by_role("heading", name="You are in").wait_for()
    page.goto(f"{link}?lang=en")
    look(page, f"video-again-{scheme}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="You are in").wait_for()
    context.close()
    assert [one["room"] for one in asked] == [room.name] * 2
    assert {one["referer"] for one in asked} == {None}, "the link does not travel on"
    assert asked[0]["claims"]["context"]["user"]["affiliation"] == "member"

    stranger = browser.new_context(viewport=size, color_scheme=scheme).new_page()
    stranger.goto(link)
    look(stranger, f"video-gone-{scheme}")
    stranger.context.close()


@LOOKS
def test_the_colleague_makes_a_room_by_keyboard_and_hosts_it(
    browser: Browser, live_server: Any, scheme: Any, size: Any, asked: list[dict[str, Any]]
) -> None:
    talk = make_talk(make_user(display_name="Agent One"))
    make_email(talk.customer)
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, live_server, talk.agent)  # type: ignore[arg-type]
    open_customer(page, live_server, talk.customer)
    look(page, f"contact-video-{scheme}")
    page.keyboard.press("v")
    expect(page.locator("#video-letter")).to_be_focused()
    look(page, f"contact-video-form-{scheme}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("The room is ready. A letter with the link is on its way.")
    expect(page.locator("#video-room")).to_be_focused()
    look(page, f"contact-video-room-{scheme}")
    with context.expect_page() as opened:
        page.get_by_role("link", name="Join as the host").click()
    opened.value.get_by_role("heading", name="You are in").wait_for()
    page.get_by_role("button", name="End the room").click()
    expect(page.locator("#said")).to_contain_text("Ended.")
    context.close()
    assert VideoRoom.objects.get().ended_at is not None
    (host,) = asked
    assert host["claims"]["context"]["user"] == {"name": "Agent One", "affiliation": "owner", "moderator": "true"}
    assert host["referer"] is None
