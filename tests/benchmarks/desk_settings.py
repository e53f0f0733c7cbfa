"""The house's settings, with the bare page among its pages."""

from typing import Any

from portal.settings import *  # noqa: F403
from portal.settings import AUTHENTICATION_BACKENDS, BASE_DIR, TEMPLATES

_HOUSE: dict[str, Any] = TEMPLATES[0]

ROOT_URLCONF = "tests.benchmarks.desk_pages"
TEMPLATES = [{**_HOUSE, "DIRS": [*_HOUSE["DIRS"], BASE_DIR / "tests" / "benchmarks" / "templates"]}, *TEMPLATES[1:]]
# The second is how Django itself reads who is signed in; the yardstick's session says that it was that.
AUTHENTICATION_BACKENDS = [*AUTHENTICATION_BACKENDS, "django.contrib.auth.backends.ModelBackend"]
