"""The house's settings, its middleware and all, with one bare view in the place of its pages."""

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.bare"
