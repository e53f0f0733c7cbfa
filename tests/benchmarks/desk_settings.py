"""The house's settings, with the bare page among its pages."""

from typing import Any

from portal.settings import *  # noqa: F403
from portal.settings import BASE_DIR, TEMPLATES

_HOUSE: dict[str, Any] = TEMPLATES[0]

ROOT_URLCONF = "tests.benchmarks.desk_pages"
TEMPLATES = [{**_HOUSE, "DIRS": [*_HOUSE["DIRS"], BASE_DIR / "tests" / "benchmarks" / "templates"]}, *TEMPLATES[1:]]
