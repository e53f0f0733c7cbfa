"""A real browser. Where no chromium is found the tests are skipped with a reason, under CI they fail."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Browser, Page, sync_playwright

from portal.pops.signs import exchange
from tests.browser.screens import CHROMIUM, WIDE

# Playwright's sync API runs an event loop in this thread, which Django takes for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# What playwright switches off for tests (the last list alone counts), and the parts of the window around a page that
# are pages themselves: a whole browser draws them for each context, though nobody sees them.
NEEDLESS = [
    *("AcceptCHFrame", "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync"),
    *(
        "DestroyProfileOnBrowserClose",
        "HttpsFirstBalancedModeAutoEnable",
        "HttpsUpgrades",
        "LensOverlay",
        "MediaRouter",
    ),
    *("NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch"),
    *("ThirdPartyStoragePartitioning", "Translate"),
    *("InitialWebUI", "PreloadTopChromeWebUI", "WebUILocationBar", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"),
    *("WebUIOmniboxPopup", "WebUIReloadButton", "WebUIToolbar"),
]


@pytest.fixture(autouse=True)
def hung_up() -> Iterator[None]:
    """An open desk keeps a line to the live server, which is in this process: none outlives its test."""
    yield
    exchange.hang_up()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless chromium."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("no chromium found: under CI the browser tests may not be skipped")
        pytest.skip("no chromium found (Debian: apt-get install chromium-headless-shell)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
                f"--disable-features={','.join(NEEDLESS)}",
            ],
        )
        yield chromium
        chromium.close()


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    """Both colour schemes."""
    return str(request.param)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on a wide screen; script errors and blocked assets fail the test."""
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert not complaints, complaints


def assert_accessible(page: Page, within: str = "html") -> None:
    """Fail with axe's own words where it finds anything. `within`: only there, on a page that was read before."""
    # What fades in has another contrast on its way.
    page.evaluate("document.getAnimations().forEach(one => one.finish())")
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    # What is in order stays in the browser: to hand over all of it takes a third of the time.
    found: Any = page.evaluate(
        "within => axe.run(within, { resultTypes: ['violations'] }).then(({ violations }) => violations)", within
    )
    assert not found, AxeResults({"violations": found}).generate_report()
