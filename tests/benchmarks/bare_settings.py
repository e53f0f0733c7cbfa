"""The house's settings without what a bare view has no need of."""

from portal.settings import *  # noqa: F403

INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "tests.benchmarks.bare"
