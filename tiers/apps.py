"""Deciding: value, schemes, runs and moves."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TiersConfig(AppConfig):
    """Deciding: value, schemes, runs and moves."""

    name = "tiers"
    verbose_name = _("Tiers")
