"""Takes the README's pictures from a demo of its own: `uv run python -m tests.pictures`."""

import signal
import subprocess
import sys
import tempfile
import time
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from portal.demo import DEMO_PASSWORD
from tests.browser.screens import CHROMIUM, PHONE, WIDE
from tests.conftest import ROOT
from tests.postbox import free_port, link_in

DOCS = ROOT / "docs"


def main() -> None:
    """Start a demo, take the pictures, end it."""
    with tempfile.TemporaryDirectory(prefix="regulars-pictures-") as folder:
        port = free_port()
        demo = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(port), "--state", folder],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert demo.stdout is not None
            if not any(line.startswith("Ready:") for line in demo.stdout):
                raise SystemExit("The demo did not start.")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
                )
                take(browser, f"http://127.0.0.1:{port}", Path(folder) / "mail")
                browser.close()
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(60)


def take(browser: Browser, site: str, mail: Path) -> None:
    """Take the contact view, and the feedback page that a letter leads to."""
    page = new_page(browser, WIDE)
    page.goto(f"{site}/accounts/login/")
    page.fill("input[name=login]", "agent@demo.test")
    page.fill("input[name=password]", DEMO_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/")
    open_customer(page, site, "okafor")
    page.screenshot(path=DOCS / "contact.png")
    open_customer(page, site, "rhodri llewellyn")
    page.locator("#form-open summary").click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Close the contact").click()
    phone = new_page(browser, PHONE)
    phone.goto(link_in(message_from_bytes(first_letter(mail).read_bytes(), policy=policy.default), "yes"))
    phone.screenshot(path=DOCS / "feedback.png")


def new_page(browser: Browser, viewport: ViewportSize) -> Page:
    """A page in the light scheme."""
    return browser.new_context(viewport=viewport, color_scheme="light").new_page()


def open_customer(page: Page, site: str, name: str) -> None:
    """Find a customer by name and open the first found."""
    page.goto(f"{site}/customers/?q={name}")
    page.locator(".people a").first.click()
    page.locator("h1").wait_for()


def first_letter(mail: Path) -> Path:
    """Wait for a letter to arrive, a minute at most."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if letters := sorted(mail.glob("*.eml")):
            return letters[0]
        time.sleep(0.5)
    raise SystemExit("No letter came within a minute.")


if __name__ == "__main__":
    main()
