"""The browser that is found here, and the screens that pages are looked at on."""

import shutil

import pytest
from playwright.sync_api import ViewportSize

# The first one is the same engine without a window around it: two thirds of the work.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
# A page is looked at on each screen and in each colour scheme, once. What is not read is the contrast of something that
# is on one of the screens alone, in the other one's scheme.
LOOKS = pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
